import type { BudgetAccount } from './budget-account';
import { LeaseEpoch, takeFree, type Lease } from './lease-epoch';
import type { LeaseAmount, LeaseAsk, LeaseCall, LesseeState } from './lease-words';

export interface LeaseEpochsOptions {
  gatewayId: string;
  /** What is reserved at any time has ended so long after it. */
  usualHoldMs: number;
  epochMs: number;
}

const FIRST_TTL_MS = 10_000;
/** What was free for so long is not needed here. */
const UNUSED_MS = 5_000;
/** Accounts used in this time are leased in the next epoch before it begins. */
const WARM_USED_MS = 5_000;
const WARM_WAIT_MS = 1_000;

/** The epochs of a gateway: the one that reservations are made in, the one that comes next, and those that come to their end. */
export class LeaseEpochs {
  current: LeaseEpoch;
  private all: LeaseEpoch[] = [];
  private count = 0;
  /** Begun, and not yet in use: its first leases are on the way. */
  private next: LeaseEpoch | undefined;
  private ttlMs = FIRST_TTL_MS;

  constructor(private readonly options: LeaseEpochsOptions) {
    this.current = this.make(0);
  }

  /** The one to reserve in: another than before where that one was not renewed in time, or is of no use any more. */
  usable(nowMs: number): LeaseEpoch {
    const { isRetired, usableUntilMs, leases, startedMs } = this.current;
    const isExpired = usableUntilMs > 0 && usableUntilMs <= nowMs;
    const isOld = leases.size === 0 && nowMs - startedMs > this.options.epochMs;
    if (isRetired || isExpired || isOld) this.begin(this.make(nowMs));
    return this.current;
  }

  /** The first leases of the epoch that comes next, so that nobody waits when it begins. Told once. */
  warmCall(nowMs: number): LeaseCall | undefined {
    const { leases, startedMs } = this.current;
    if (this.next || nowMs - startedMs < this.options.epochMs || leases.size === 0) return undefined;
    const epoch = this.make(nowMs);
    const asks: LeaseAsk[] = [];
    for (const { account } of leases.values()) {
      if (account.lastUsedMs < nowMs - WARM_USED_MS) continue;
      asks.push({ account, needNanoUsd: 0, wantNanoUsd: account.isHard ? account.aheadNanoUsd(nowMs) : 0 });
    }
    if (asks.length === 0) {
      this.begin(epoch);
      return undefined;
    }
    this.next = epoch;
    epoch.isNamed = true;
    return { epoch, holdMs: this.holdMsOf(epoch, nowMs), asks, sentAtMs: nowMs };
  }

  /** The authority has answered a call about an epoch. */
  answered(epoch: LeaseEpoch): void {
    if (epoch === this.next) this.begin(epoch);
  }

  lives(leaseTtlMs: number): void {
    if (leaseTtlMs > 0) this.ttlMs = leaseTtlMs;
  }

  /** @param holdMs as it was told to the authority at `sentAtMs` */
  renew(epoch: LeaseEpoch, sentAtMs: number, holdMs: number): void {
    epoch.usableUntilMs = Math.max(epoch.usableUntilMs, sentAtMs + this.ttlMs);
    epoch.heldUntilMs = Math.max(epoch.heldUntilMs, sentAtMs + Math.max(holdMs, this.ttlMs));
  }

  holdMsOf(epoch: LeaseEpoch, nowMs: number): number {
    // What is reserved before the next word has to be held as well.
    const usual = epoch.isRetired ? 0 : this.options.usualHoldMs + this.ttlMs;
    return Math.max(0, usual, epoch.openReservations > 0 ? epoch.lastEndMs - nowMs : 0);
  }

  /** What to tell of each. What is given back is given up by this, whether the message arrives or not. */
  states(nowMs: number): LesseeState[] {
    if (this.next && nowMs - this.next.startedMs > WARM_WAIT_MS) this.begin(this.next);
    this.all = this.all.filter((epoch) => epoch.isNamed || !epoch.isRetired);
    return this.all
      .filter(({ isNamed }) => isNamed)
      .map((epoch) => ({
        lessee: epoch.lessee,
        holdMs: this.holdMsOf(epoch, nowMs),
        returned: returnsOf(epoch, nowMs),
        isClosed: epoch.isOver(nowMs),
      }));
  }

  /** The authority has heard that state. `isUnknown`: it does not know the lessee, or not any more. */
  told({ lessee, holdMs, isClosed }: LesseeState, isUnknown: boolean, sentAtMs: number, nowMs: number): void {
    const epoch = this.all.find((one) => one.lessee === lessee);
    if (!epoch) return;
    if (!isUnknown) this.renew(epoch, sentAtMs, holdMs);
    else if (epoch.grantedAtMs <= sentAtMs) {
      // One whose first lease was on its way meanwhile is known by now. What is free of another is not there.
      this.retire(epoch);
      for (const lease of epoch.leases.values()) takeFree(lease, 0, nowMs);
    }
    if (isClosed) this.all.splice(this.all.indexOf(epoch), 1);
  }

  /** Others need what is free of an account. */
  want(account: BudgetAccount): void {
    for (const { leases } of this.all) {
      const lease = leases.get(account);
      if (lease) lease.isWanted = true;
    }
  }

  holds(account: BudgetAccount): boolean {
    return this.all.some(({ leases, isRetired }) => !isRetired && leases.has(account));
  }

  retireAll(): void {
    for (const epoch of this.all) this.retire(epoch);
  }

  /** Amounts in nano-dollars over all epochs. */
  totals(): { freeNanoUsd: number; openReservations: number; leases: number } {
    const totals = { freeNanoUsd: 0, openReservations: 0, leases: 0 };
    for (const { leases, openReservations } of this.all) {
      totals.openReservations += openReservations;
      totals.leases += leases.size;
      for (const { freeNanoUsd } of leases.values()) totals.freeNanoUsd += Math.max(0, freeNanoUsd);
    }
    return totals;
  }

  private make(nowMs: number): LeaseEpoch {
    this.count += 1;
    const epoch = new LeaseEpoch(`${this.options.gatewayId}#${this.count}`, nowMs);
    this.all.push(epoch);
    return epoch;
  }

  private begin(epoch: LeaseEpoch): void {
    if (this.next === epoch) this.next = undefined;
    this.retire(this.current);
    this.current = epoch;
    for (const lease of epoch.leases.values()) lease.account.lease = lease;
  }

  private retire(epoch: LeaseEpoch): void {
    epoch.isRetired = true;
    for (const lease of epoch.leases.values()) if (lease.account.lease === lease) lease.account.lease = undefined;
  }
}

function returnsOf(epoch: LeaseEpoch, nowMs: number): LeaseAmount[] {
  const returned: LeaseAmount[] = [];
  for (const lease of epoch.leases.values()) {
    const amountNanoUsd = takeSpare(lease, nowMs);
    if (amountNanoUsd <= 0) continue;
    const { periodStartMs, subject, budget } = lease.account;
    returned.push({ budgetId: budget.id, subject, periodStartMs, amountNanoUsd });
  }
  return returned;
}

function takeSpare(lease: Lease, nowMs: number): number {
  if (lease.isWanted || lease.epoch.isRetired || lease.account.isScarce(nowMs)) return takeFree(lease, 0, nowMs);
  if (nowMs - lease.sinceMs < UNUSED_MS) return 0;
  const unused = Math.max(0, lease.leastFreeNanoUsd - lease.account.aheadNanoUsd(nowMs));
  return takeFree(lease, lease.freeNanoUsd - unused, nowMs);
}

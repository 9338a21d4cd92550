import type { BudgetAccount } from './budget-account';

/** What a gateway holds of an account in one epoch. Nano-dollars. */
export interface Lease {
  readonly epoch: LeaseEpoch;
  readonly account: BudgetAccount;
  /** Neither reserved nor spent. Below zero where a request cost more than was thought possible. */
  freeNanoUsd: number;
  /** The least that was free since `sinceMs`: nobody has needed it. */
  leastFreeNanoUsd: number;
  sinceMs: number;
  /** Others need what is free. */
  isWanted: boolean;
}

/** What a request may cost, set aside on every account that it touches. All of them are of one epoch: a record names one lessee. */
export interface Reservation {
  readonly epoch: LeaseEpoch;
  readonly leases: readonly Lease[];
  readonly amountNanoUsd: number;
  /** From then on nothing is heard of it any more. */
  readonly endsAtMs: number;
  isOpen: boolean;
}

/**
 * A time of some half a minute in which a gateway leases under one name. What belongs to it ends together: then the authority settles it by the
 * records alone, whatever of it was lost on the way.
 */
export class LeaseEpoch {
  readonly leases = new Map<BudgetAccount, Lease>();
  /** Until then something may be reserved on its leases. */
  usableUntilMs = 0;
  /** The authority keeps what is reserved so long, whatever becomes of this gateway. */
  heldUntilMs = 0;
  /** Nothing is reserved in it any more. */
  isRetired = false;
  /** The authority may have heard of it. */
  isNamed = false;
  /** When something was leased in it for the first time. */
  grantedAtMs = Infinity;
  openReservations = 0;
  lastEndMs = 0;

  constructor(
    readonly lessee: string,
    readonly startedMs: number,
  ) {}

  /** Nothing of it is under way any more, or will be heard of. */
  isOver(nowMs: number): boolean {
    return this.isRetired && (this.openReservations === 0 || nowMs > this.lastEndMs);
  }

  leaseOf(account: BudgetAccount, nowMs: number): Lease {
    let lease = this.leases.get(account);
    if (!lease) {
      lease = { epoch: this, account, freeNanoUsd: 0, leastFreeNanoUsd: 0, sinceMs: nowMs, isWanted: false };
      this.leases.set(account, lease);
    }
    return lease;
  }

  reserve(leases: readonly Lease[], amountNanoUsd: number, endsAtMs: number): Reservation {
    for (const lease of leases) {
      lease.freeNanoUsd -= amountNanoUsd;
      if (lease.freeNanoUsd < lease.leastFreeNanoUsd) lease.leastFreeNanoUsd = lease.freeNanoUsd;
    }
    this.openReservations += 1;
    if (endsAtMs > this.lastEndMs) this.lastEndMs = endsAtMs;
    return { epoch: this, leases, amountNanoUsd, endsAtMs, isOpen: true };
  }
}

/** What was not spent is free again. Said twice it counts once. */
export function settleReservation(reservation: Reservation, paidNanoUsd: number): void {
  if (!reservation.isOpen) return;
  reservation.isOpen = false;
  reservation.epoch.openReservations -= 1;
  for (const lease of reservation.leases) lease.freeNanoUsd += reservation.amountNanoUsd - paidNanoUsd;
}

/** All that is free, taken out of the lease to be given back. */
export function takeFree(lease: Lease, keepNanoUsd: number, nowMs: number): number {
  const amount = Math.max(0, lease.freeNanoUsd - keepNanoUsd);
  lease.freeNanoUsd -= amount;
  lease.leastFreeNanoUsd = lease.freeNanoUsd;
  lease.sinceMs = nowMs;
  lease.isWanted = false;
  return amount;
}

import type { Budget, BudgetPayer } from './budget';
import type { BudgetAccount } from './budget-account';
import { BudgetIndex } from './budget-index';
import { settleReservation, type Lease, type Reservation } from './lease-epoch';
import { LeaseEpochs } from './lease-epochs';
import type { AccountWord, LeaseAsk, LeaseCall, LeaseWord, SyncState, SyncWord } from './lease-words';

export interface LeaseBookOptions {
  gatewayId: string;
  /** How long requests usually may take: what is reserved without asking for more time. Default 120,000. */
  usualRequestMs?: number;
  /** Leases are made under another name after so long. Default 30,000. */
  epochMs?: number;
  /** Default 100,000. */
  maxAccounts?: number;
}

/** What a request may cost at the most, and when. Times in epoch milliseconds. */
export interface ReserveAsk {
  readonly payer: BudgetPayer;
  readonly worstNanoUsd: number;
  /** Under which it is on record: decides the period. */
  readonly recordedAtMs: number;
  readonly deadlineAtMs: number;
}

/** `short`: the leases do not cover it; more of `accounts` has to be asked for. `crowded`: more accounts are in use than there may be. */
export type ReserveResult =
  | { readonly kind: 'none' }
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'short'; readonly accounts: readonly BudgetAccount[] }
  | { readonly kind: 'refused'; readonly account: BudgetAccount }
  | { readonly kind: 'crowded' };

/** A request that nobody has heard of for so long after its deadline is taken to have ended. */
export const reservationGraceMs = 60_000;

const IDLE_ACCOUNT_MS = 60_000;
const FORGET_EVERY_MS = 5_000;

const NONE: ReserveResult = { kind: 'none' };
const CROWDED: ReserveResult = { kind: 'crowded' };

/**
 * A gateway's part of the budgets: which there are, what it holds of each, and what of that is reserved. It does no I/O and looks at no clock.
 *
 * Leases are kept in epochs, each under a name of its own (`<gateway>#<n>`) that goes onto the records of what was reserved in it. An epoch's
 * amounts only move between free, reserved and spent; what is asked for and lost on the way, given back and lost, or reserved and never heard of, stays
 * with the authority until the epoch is over, and is set right there by the records. So no message has to arrive for the limits to hold.
 */
export class LeaseBook {
  readonly index: BudgetIndex;
  private readonly epochs: LeaseEpochs;
  private version = 0;
  private hasAllBudgets = false;
  private forgetAtMs = 0;
  private isReturnDue = false;
  private readonly toRefill = new Set<BudgetAccount>();
  private readonly found: BudgetAccount[] = [];

  constructor({ gatewayId, usualRequestMs = 120_000, epochMs = 30_000, maxAccounts = 100_000 }: LeaseBookOptions) {
    this.index = new BudgetIndex(maxAccounts);
    this.epochs = new LeaseEpochs({ gatewayId, epochMs, usualHoldMs: usualRequestMs + reservationGraceMs });
  }

  /** The authority has told of every budget. */
  get isSynced(): boolean {
    return this.hasAllBudgets;
  }

  /** Something is free that others wait for: a sync should not be put off. */
  get mustReturn(): boolean {
    return this.isReturnDue;
  }

  /** Reserves on all accounts with a hard limit that the request touches, or on none. At once. */
  reserve({ payer, worstNanoUsd, recordedAtMs, deadlineAtMs }: ReserveAsk, nowMs: number): ReserveResult {
    const { found } = this;
    if (!this.index.collect(payer, recordedAtMs, nowMs, found)) return CROWDED;
    if (found.length === 0 || worstNanoUsd <= 0) return NONE;
    const endsAtMs = Math.max(deadlineAtMs, nowMs) + reservationGraceMs;
    const epoch = this.epochs.usable(nowMs);
    let isShort = epoch.usableUntilMs <= nowMs || epoch.heldUntilMs < endsAtMs;
    let hard = 0;
    for (const account of found) {
      if (!account.isHard) continue;
      hard += 1;
      if (account.isBeyond(worstNanoUsd)) {
        // Corrections may have lowered what is on record: of an account without a lease nobody would tell that.
        if (!account.lease) this.toRefill.add(account);
        return { kind: 'refused', account };
      }
      if (!account.lease || account.lease.freeNanoUsd < worstNanoUsd) isShort = true;
    }
    if (hard === 0) return NONE;
    if (isShort) return this.shortOf(worstNanoUsd, nowMs);
    const leases: Lease[] = [];
    for (const account of found) if (account.isHard && account.lease) leases.push(account.lease);
    const reservation = epoch.reserve(leases, worstNanoUsd, endsAtMs);
    for (const { account, freeNanoUsd } of leases) {
      account.used(worstNanoUsd, nowMs);
      if (account.isLow(freeNanoUsd, nowMs)) this.toRefill.add(account);
    }
    return { kind: 'reserved', reservation };
  }

  /** The request cost so much; what was set aside beyond that is free again. */
  settle(reservation: Reservation, paidNanoUsd: number, nowMs: number): void {
    if (!reservation.isOpen) return;
    settleReservation(reservation, paidNanoUsd);
    if (paidNanoUsd < reservation.amountNanoUsd)
      this.isReturnDue ||= reservation.leases.some(({ account }) => account.isScarce(nowMs));
  }

  /** Nobody was asked. */
  release(reservation: Reservation, nowMs: number): void {
    this.settle(reservation, 0, nowMs);
  }

  /** Which kinds of limits a payer's requests touch. Where there are too many accounts to say, a hard one may be among them. */
  limitsOf(payer: BudgetPayer, atMs: number, nowMs: number): { isHard: boolean; isSoft: boolean } {
    const { found } = this;
    let isHard = !this.index.collect(payer, atMs, nowMs, found);
    let isSoft = false;
    for (const account of found) {
      if (account.isHard) isHard = true;
      else isSoft = true;
    }
    return { isHard, isSoft };
  }

  /** Accounts of a payer with a limit that is no hard one and is used up, of one action. */
  exceeded(payer: BudgetPayer, action: Budget['onExceeded'], atMs: number, nowMs: number): BudgetAccount[] {
    const { found } = this;
    this.index.collect(payer, atMs, nowMs, found);
    const over: BudgetAccount[] = [];
    for (const account of found) {
      if (account.isHard) continue;
      account.lastUsedMs = nowMs;
      // Without a lease, be it of nothing, the authority does not tell how it stands.
      if (!account.lease) this.toRefill.add(account);
      if (account.budget.onExceeded === action && account.isExceeded) over.push(account);
    }
    return over;
  }

  /** What this gateway knows to be left of the hard limit with the least left; undefined: there is none, or nothing is known yet. */
  remaining(payer: BudgetPayer, atMs: number, nowMs: number): number | undefined {
    const { found } = this;
    this.index.collect(payer, atMs, nowMs, found);
    let least: number | undefined;
    for (const account of found) {
      if (!account.isHard) continue;
      const { standing, lease } = account;
      if (!standing) {
        this.toRefill.add(account);
        continue;
      }
      const left = account.budget.limitNanoUsd - standing.postedNanoUsd - standing.leasedNanoUsd;
      const mine = Math.max(0, left + (lease?.freeNanoUsd ?? 0));
      if (least === undefined || mine < least) least = mine;
    }
    return least;
  }

  /** A lease that is to be asked for. `deadlineAtMs`: of the request with the latest one that waits for it. */
  callFor(asks: readonly LeaseAsk[], deadlineAtMs: number, nowMs: number): LeaseCall {
    const epoch = this.epochs.usable(nowMs);
    const holdMs = Math.max(this.epochs.holdMsOf(epoch, nowMs), deadlineAtMs + reservationGraceMs - nowMs);
    epoch.isNamed = true;
    return { epoch, holdMs, asks, sentAtMs: nowMs };
  }

  /** What can be asked for ahead of need, so much of it at the most; nobody waits for it. Each of it is told once. */
  refillAsks(nowMs: number, max: number): LeaseAsk[] {
    const asks: LeaseAsk[] = [];
    for (const account of this.toRefill) {
      if (asks.length >= max) break;
      this.toRefill.delete(account);
      const freeNanoUsd = account.lease?.freeNanoUsd ?? 0;
      const wantNanoUsd = account.isHard ? Math.max(0, account.aheadNanoUsd(nowMs) - freeNanoUsd) : 0;
      if (!account.lease || wantNanoUsd > 0) asks.push({ account, needNanoUsd: 0, wantNanoUsd });
    }
    return asks;
  }

  get needsRefill(): boolean {
    return this.toRefill.size > 0;
  }

  /** The first leases of the epoch that comes next, so that nobody waits when it begins. Told once. */
  warmCall(nowMs: number): LeaseCall | undefined {
    return this.epochs.warmCall(nowMs);
  }

  /** The authority's answer to a call, however late. */
  granted(call: LeaseCall, word: LeaseWord, nowMs: number): void {
    const { epoch, sentAtMs } = call;
    this.epochs.lives(word.leaseTtlMs);
    word.grants.forEach(({ state, grantedNanoUsd, account: standing }, at) => {
      const account = call.asks[at]?.account;
      if (!account) return;
      if (standing) account.standing = standing;
      if (state === 'contended') account.scarce(nowMs);
      // Who needs nothing gets its lease of a used-up account, too: by it the authority tells how the account stands.
      const isLent = state === 'granted' || (state === 'exhausted' && call.asks[at]?.needNanoUsd === 0);
      if (!isLent) return;
      const lease = epoch.leaseOf(account, nowMs);
      lease.freeNanoUsd += grantedNanoUsd;
      epoch.grantedAtMs = Math.min(epoch.grantedAtMs, nowMs);
      if (epoch === this.epochs.current) account.lease = lease;
      // What is lent is held: an answer without a grant says nothing of the lessee.
      this.epochs.renew(epoch, sentAtMs, call.holdMs);
    });
    this.epochs.answered(epoch);
  }

  /** What to tell the authority now. What is given back is given up by this, whether the message arrives or not. */
  syncState(nowMs: number): SyncState {
    if (nowMs >= this.forgetAtMs) this.forget(nowMs);
    this.isReturnDue = false;
    return { sinceVersion: this.version, lessees: this.epochs.states(nowMs) };
  }

  /**
   * The authority's answer. True: it may have more to tell, ask again at once.
   * @param sentAtMs when the state that it answers was sent
   */
  synced(state: SyncState, word: SyncWord, sentAtMs: number, nowMs: number): boolean {
    this.epochs.lives(word.leaseTtlMs);
    const unknown = new Set(word.unknownLessees);
    for (const lessee of state.lessees) this.epochs.told(lessee, unknown.has(lessee.lessee), sentAtMs, nowMs);
    for (const standing of word.accounts) this.stands(standing);
    for (const { budgetId, subject, periodStartMs } of word.wanted) this.want(budgetId, subject, periodStartMs, nowMs);
    return this.learn(word, state.sinceVersion);
  }

  /** Others need what is free of an account: it goes back with the next sync. */
  want(budgetId: string, subject: string, periodStartMs: number, nowMs: number): void {
    const account = this.index.find(budgetId, subject, periodStartMs);
    if (!account) return;
    account.scarce(nowMs);
    this.epochs.want(account);
  }

  /** This gateway stops: nothing is reserved any more, and all that is free goes back with the next sync. */
  close(): void {
    this.epochs.retireAll();
  }

  /** Nano-dollars that are leased and free, reservations that are open, and leases. */
  totals(): ReturnType<LeaseEpochs['totals']> {
    return this.epochs.totals();
  }

  private shortOf(worstNanoUsd: number, nowMs: number): ReserveResult {
    const accounts = this.found.filter((account) => account.isHard);
    for (const account of accounts) account.lastUsedMs = nowMs;
    const lacking = accounts.filter(({ lease }) => !lease || lease.freeNanoUsd < worstNanoUsd);
    // Where nothing lacks but time, one of them is asked about to have it.
    return { kind: 'short', accounts: lacking.length > 0 ? lacking : accounts.slice(0, 1) };
  }

  private stands(word: AccountWord): void {
    const account = this.index.find(word.budgetId, word.subject, word.periodStartMs);
    if (account) account.standing = word;
  }

  private learn({ changed, latestVersion }: SyncWord, sinceVersion: number): boolean {
    if (latestVersion < sinceVersion) {
      // Another database: nothing of what was known holds, and nothing is known until it has told all.
      this.hasAllBudgets = false;
      this.index.clear();
      this.close();
      this.version = 0;
      return true;
    }
    for (const budget of changed) {
      this.index.put(budget);
      this.version = Math.max(this.version, budget.version);
    }
    // They come in pages: there are no more when none comes.
    if (changed.length > 0) return true;
    this.version = Math.max(this.version, latestVersion);
    this.hasAllBudgets = true;
    return false;
  }

  private forget(nowMs: number): void {
    this.forgetAtMs = nowMs + FORGET_EVERY_MS;
    this.index.forgetIdle(nowMs - IDLE_ACCOUNT_MS, (account) => this.epochs.holds(account));
  }
}

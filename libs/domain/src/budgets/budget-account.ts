import { DecayedRate } from '../batching/decayed-rate';
import type { Budget } from './budget';
import { periodEndMs } from './budget-period';
import type { Lease } from './lease-epoch';

/** What is counted of recent spending: how much is leased at once follows from it. */
const RATE_MEMORY_MS = 2_000;
/** A lease is meant to last so long. */
const LEASE_AHEAD_MS = 2_000;
/** Below what is spent in so long more is asked for, before anybody has to wait. */
const LOW_AHEAD_MS = 500;
/** What is reserved is added up for so long before the rate is reckoned: that is dearer than the rest of a reservation. */
const COUNT_EVERY_MS = 20;
/** Others need it, too: no more is taken than is needed, for so long after they were heard of. */
const SCARCE_MS = 1_000;

/** A budget as it is now; accounts hold on to it, so that a change of the budget is theirs at once. */
export interface BudgetEntry {
  budget: Budget;
}

/** How the authority says that an account stands. */
export interface AccountStanding {
  readonly postedNanoUsd: number;
  readonly leasedNanoUsd: number;
}

/** A budget for one subject in one period, as a gateway knows it. Amounts in nano-dollars, times in epoch milliseconds. */
export class BudgetAccount {
  readonly periodEndMs: number;
  /** By the authority's last word; undefined: it has said nothing yet. */
  standing: AccountStanding | undefined;
  /** Of the epoch that reservations are made in, where something was leased in it. */
  lease: Lease | undefined;
  lastUsedMs: number;
  private scarceUntilMs = 0;
  private uncountedNanoUsd = 0;
  private countedAtMs = 0;
  private lowNanoUsd = 0;
  private readonly reserved = new DecayedRate(RATE_MEMORY_MS);

  constructor(
    readonly entry: BudgetEntry,
    readonly subject: string,
    readonly periodStartMs: number,
    nowMs: number,
  ) {
    this.periodEndMs = periodEndMs(entry.budget.period, periodStartMs);
    this.lastUsedMs = nowMs;
  }

  get budget(): Budget {
    return this.entry.budget;
  }

  get isHard(): boolean {
    return this.entry.budget.onExceeded === 'block';
  }

  /** What is on record has used it up: for a limit that is no hard one. */
  get isExceeded(): boolean {
    return this.standing !== undefined && this.standing.postedNanoUsd >= this.entry.budget.limitNanoUsd;
  }

  /** No lease can cover it any more: what is on record does not become less. */
  isBeyond(amountNanoUsd: number): boolean {
    return this.standing !== undefined && this.standing.postedNanoUsd + amountNanoUsd > this.entry.budget.limitNanoUsd;
  }

  used(amountNanoUsd: number, nowMs: number): void {
    this.uncountedNanoUsd += amountNanoUsd;
    this.lastUsedMs = nowMs;
    if (nowMs - this.countedAtMs >= COUNT_EVERY_MS) this.count(nowMs);
  }

  scarce(nowMs: number): void {
    this.scarceUntilMs = nowMs + SCARCE_MS;
  }

  isScarce(nowMs: number): boolean {
    return this.scarceUntilMs > nowMs;
  }

  /** How much should be free: what the last seconds' spending takes in the next ones, and nothing beside the need where others need it. */
  aheadNanoUsd(nowMs: number): number {
    this.count(nowMs);
    return this.isScarce(nowMs) ? 0 : Math.ceil(this.reserved.perMs(nowMs) * LEASE_AHEAD_MS);
  }

  isLow(freeNanoUsd: number, nowMs: number): boolean {
    return freeNanoUsd < this.lowNanoUsd && !this.isScarce(nowMs);
  }

  private count(nowMs: number): void {
    if (this.uncountedNanoUsd > 0) this.reserved.add(this.uncountedNanoUsd, nowMs);
    this.uncountedNanoUsd = 0;
    this.countedAtMs = nowMs;
    this.lowNanoUsd = this.reserved.perMs(nowMs) * LOW_AHEAD_MS;
  }
}

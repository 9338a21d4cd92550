import { AccountQueues } from './account-queues';
import type { BudgetAccount } from './budget-account';
import type { LeaseBook, ReserveAsk } from './lease-book';
import type { Reservation } from './lease-epoch';
import type { LeaseAsk, LeaseCall, LeaseWord } from './lease-words';

/**
 * What comes of asking for a reservation. `refused`: the account has no room for it; `isContended`: there may be some again when what others hold
 * and do not need has come back, which it has not in time. `unreachable`: the authority did not answer in time about these accounts.
 * `unknown`: nothing is known of any budget yet. `crowded`: too many wait, or too many accounts are in use.
 */
export type DeskOutcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'refused'; readonly account: BudgetAccount; readonly isContended?: true }
  | { readonly kind: 'unreachable'; readonly accounts: readonly BudgetAccount[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'crowded' };

export interface DeskOptions {
  book: LeaseBook;
  /** So long the authority's answer is waited for. Default 50. */
  answerMs?: number;
  /** What others hold is asked for again after so long. Default 20. */
  retryMs?: number;
  /** ... and for so long. Default 1,000. */
  contendedMs?: number;
  /** Default 10,000. */
  maxWaiting?: number;
}

/** A request that waits for the authority. */
interface Waiter {
  readonly ask: ReserveAsk;
  readonly isGone: () => boolean;
  readonly done: (outcome: DeskOutcome) => void;
  readonly sinceMs: number;
  accounts: readonly BudgetAccount[];
  contendedSinceMs: number | undefined;
}

interface Sent extends LeaseCall {
  /** For each ask: the amount that one of them needs at the least, and who waits for it; empty where nobody does. */
  readonly needs: readonly { readonly leastNanoUsd: number; readonly count: number; readonly waiters: Waiter[] }[];
}

/** Accounts asked about by one call: the authority looks at one after the other, and others wait for the answer as well. */
const MAX_ASKS = 100;

/**
 * Where requests wait whose budgets the leases do not cover: all that gather in a turn become one call, and one call is under way at a time. Pure but
 * for telling the waiters; the owner sends what {@link next} gives, says what came of it, and calls {@link tick} some 50 times a second while somebody waits.
 */
export class LeaseDesk {
  private readonly book: LeaseBook;
  private readonly answerMs: number;
  private readonly retryMs: number;
  private readonly contendedMs: number;
  private readonly maxWaiting: number;
  private waiters: Waiter[] = [];
  private readonly queues = new AccountQueues();
  private isServeDue = false;
  private current: Sent | undefined;
  private isAway = false;

  constructor({ book, answerMs = 50, retryMs = 20, contendedMs = 1_000, maxWaiting = 10_000 }: DeskOptions) {
    this.book = book;
    this.answerMs = answerMs;
    this.retryMs = retryMs;
    this.contendedMs = contendedMs;
    this.maxWaiting = maxWaiting;
  }

  get waiting(): number {
    return this.waiters.length;
  }

  /** The authority has not answered in time: nobody waits for it until it does. */
  get isAuthorityAway(): boolean {
    return this.isAway;
  }

  /** What comes of it where nobody has to be asked; else undefined, and `done` hears it. `isGone`: nobody waits for it any more. */
  reserve(
    ask: ReserveAsk,
    nowMs: number,
    isGone: () => boolean,
    done: (outcome: DeskOutcome) => void,
  ): DeskOutcome | undefined {
    let accounts: readonly BudgetAccount[] = [];
    if (this.book.isSynced) {
      const result = this.book.reserve(ask, nowMs);
      if (result.kind !== 'short') return result;
      ({ accounts } = result);
    }
    if (this.isAway) return this.withoutAnswer(accounts);
    if (this.waiters.length >= this.maxWaiting) return { kind: 'crowded' };
    this.waiters.push({ ask, isGone, done, sinceMs: nowMs, accounts, contendedSinceMs: undefined });
    return undefined;
  }

  /** The next call to make; undefined: none, or one is under way. */
  next(nowMs: number): LeaseCall | undefined {
    if (this.isServeDue) this.serve(nowMs);
    if (this.current || !this.book.isSynced) return undefined;
    const asks: LeaseAsk[] = [];
    const needs: Sent['needs'][number][] = [];
    let deadlineAtMs = 0;
    const waiting = this.byAccount();
    this.queues.keep(waiting);
    for (const [account, waiters] of waiting) {
      if (asks.length >= MAX_ASKS) break;
      const chosen = this.chosen(account, waiters, nowMs);
      const first = chosen[0];
      if (!first) continue;
      const freeNanoUsd = account.lease?.freeNanoUsd ?? 0;
      const needNanoUsd = Math.max(0, sumOf(chosen) - freeNanoUsd);
      asks.push({ account, needNanoUsd, wantNanoUsd: Math.max(needNanoUsd, account.aheadNanoUsd(nowMs)) });
      needs.push({ leastNanoUsd: first.ask.worstNanoUsd, count: chosen.length, waiters });
      for (const { ask } of chosen) deadlineAtMs = Math.max(deadlineAtMs, ask.deadlineAtMs);
    }
    const ahead = this.isAway ? [] : this.book.refillAsks(nowMs, MAX_ASKS - asks.length);
    for (const ask of ahead) {
      if (asks.some(({ account }) => account === ask.account)) continue;
      asks.push(ask);
      needs.push({ leastNanoUsd: 0, count: 0, waiters: [] });
    }
    if (asks.length === 0) return undefined;
    this.current = { ...this.book.callFor(asks, deadlineAtMs, nowMs), needs };
    return this.current;
  }

  /** What the authority said to a call of {@link next}, however late. */
  answered(call: LeaseCall, word: LeaseWord, nowMs: number): void {
    this.book.granted(call, word, nowMs);
    this.isAway = false;
    if (call === this.current) this.current = undefined;
    const { needs } = call as Sent;
    word.grants.forEach(({ state }, at) => {
      const account = call.asks[at]?.account;
      const need = needs[at];
      if (!account || !need || need.count === 0) return;
      if (state === 'granted') this.queues.gotSome(account);
      else if (need.count > 1) this.queues.askForFewer(account, need.count);
      else if (state === 'exhausted') this.refuse(account, need, undefined);
      else this.waitForOthers(account, need, nowMs);
    });
    this.serve(nowMs);
  }

  /** A reservation was settled: what is free of it may serve who waits, with the next call of {@link next}. All of a turn at once: many may wait. */
  settled(): void {
    this.isServeDue = this.waiters.length > 0;
  }

  /** A call came to nothing: the authority cannot be reached. */
  failed(call: LeaseCall): void {
    if (call === this.current) this.giveUp();
  }

  /** The authority cannot be reached, by what else is known of it. */
  lost(): void {
    this.giveUp();
  }

  /** The budgets are known, or have changed, or the authority has spoken otherwise. */
  synced(nowMs: number): void {
    this.isAway = false;
    this.serve(nowMs);
  }

  /** Time passes: who has waited long enough for the authority hears that. */
  tick(nowMs: number): void {
    if (this.current && nowMs - this.current.sentAtMs >= this.answerMs) this.giveUp();
    if (this.book.isSynced || this.waiters.length === 0) return;
    const isLate = this.waiters.some(({ sinceMs }) => nowMs - sinceMs >= this.answerMs);
    if (isLate) this.giveUp();
  }

  private giveUp(): void {
    this.isAway = true;
    this.current = undefined;
    const { waiters } = this;
    this.waiters = [];
    this.queues.clear();
    for (const { accounts, done } of waiters) done(this.withoutAnswer(accounts));
  }

  private withoutAnswer(accounts: readonly BudgetAccount[]): DeskOutcome {
    return this.book.isSynced ? { kind: 'unreachable', accounts } : { kind: 'unknown' };
  }

  /** Tries those who wait anew, in the order in which they came. */
  private serve(nowMs: number): void {
    this.isServeDue = false;
    if (!this.book.isSynced) return;
    const served: [Waiter, DeskOutcome][] = [];
    this.waiters = this.waiters.filter((waiter) => {
      if (waiter.isGone()) return false;
      const result = this.book.reserve(waiter.ask, nowMs);
      if (result.kind === 'short') {
        waiter.accounts = result.accounts;
        return true;
      }
      served.push([waiter, result]);
      return false;
    });
    if (this.waiters.length === 0) this.queues.clear();
    for (const [{ done }, outcome] of served) done(outcome);
  }

  private byAccount(): Map<BudgetAccount, Waiter[]> {
    const waiting = new Map<BudgetAccount, Waiter[]>();
    this.waiters = this.waiters.filter(({ isGone }) => !isGone());
    for (const waiter of this.waiters) {
      for (const account of waiter.accounts) {
        const before = waiting.get(account);
        if (before) before.push(waiter);
        else waiting.set(account, [waiter]);
      }
    }
    return waiting;
  }

  /** For whom is asked now: as many of the first ones as there may be room for, but nobody who needs as much as was just not there. */
  private chosen(account: BudgetAccount, waiters: readonly Waiter[], nowMs: number): Waiter[] {
    const queue = this.queues.of(account);
    const isContended = queue.contendedUntilMs > nowMs;
    const { standing, budget } = account;
    const roomNanoUsd = standing ? budget.limitNanoUsd - standing.postedNanoUsd : Infinity;
    const chosen: Waiter[] = [];
    let sum = 0;
    for (const waiter of waiters) {
      if (chosen.length >= queue.count) break;
      const { worstNanoUsd } = waiter.ask;
      if (isContended && worstNanoUsd >= queue.contendedNanoUsd) continue;
      sum += worstNanoUsd;
      if (chosen.length > 0 && sum > roomNanoUsd) break;
      chosen.push(waiter);
    }
    return chosen;
  }

  /** Who was waiting when it was asked, and needs as much, is told that it is not there. */
  private refuse(
    account: BudgetAccount,
    { leastNanoUsd, waiters }: Sent['needs'][number],
    sinceBeforeMs: number | undefined,
  ): void {
    const refused = new Set<Waiter>();
    for (const waiter of waiters) {
      if (waiter.ask.worstNanoUsd < leastNanoUsd || !waiter.accounts.includes(account)) continue;
      if (sinceBeforeMs !== undefined && (waiter.contendedSinceMs ?? Infinity) > sinceBeforeMs) continue;
      refused.add(waiter);
    }
    const told = this.waiters.filter((waiter) => refused.has(waiter));
    this.waiters = this.waiters.filter((waiter) => !refused.has(waiter));
    const outcome: DeskOutcome = {
      kind: 'refused',
      account,
      ...(sinceBeforeMs !== undefined && { isContended: true }),
    };
    for (const { done } of told) done(outcome);
  }

  private waitForOthers(account: BudgetAccount, need: Sent['needs'][number], nowMs: number): void {
    const queue = this.queues.of(account);
    queue.contendedNanoUsd = need.leastNanoUsd;
    queue.contendedUntilMs = nowMs + this.retryMs;
    for (const waiter of need.waiters) {
      if (waiter.ask.worstNanoUsd >= need.leastNanoUsd) waiter.contendedSinceMs ??= nowMs;
    }
    this.refuse(account, need, nowMs - this.contendedMs);
  }
}

const sumOf = (waiters: readonly Waiter[]): number =>
  waiters.reduce((sum, { ask }) => Math.min(Number.MAX_SAFE_INTEGER, sum + ask.worstNanoUsd), 0);

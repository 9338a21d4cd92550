import type { SeededRandom } from '../../batching/testing/random';
import { LeaseBook, type ReserveAsk } from '../lease-book';
import { LeaseDesk, type DeskOutcome } from '../lease-desk';
import type { Reservation } from '../lease-epoch';
import type { LeaseCall } from '../lease-words';
import type { EventQueue } from './event-queue';
import type { MemoryAuthority } from './memory-authority';

const SYNC_EVERY_MS = 500;
const TICK_MS = 10;
const TIMEOUT_MS = 400;

/** How messages fare between gateways and the authority. */
export interface Wire {
  readonly random: SeededRandom;
  /** Shares of the messages that never arrive, and that come seconds late. */
  readonly lostShare: number;
  readonly lateShare: number;
  /** No message gets through at all. */
  isDown: boolean;
}

/** A gateway of a simulation: the pure parts, with messages that are late and get lost in the place of gRPC. */
export class SimulatedGateway {
  readonly book: LeaseBook;
  readonly desk: LeaseDesk;
  isCrashed = false;
  /** A message of it was lost: what it holds may not be where it could be. */
  lastLossMs = -Infinity;
  private isSyncing = false;
  private isTicking = false;
  private mustSyncAgain = false;

  constructor(
    readonly id: string,
    private readonly queue: EventQueue,
    private readonly authority: MemoryAuthority,
    private readonly wire: Wire,
  ) {
    this.book = new LeaseBook({ gatewayId: id, usualRequestMs: 10_000 });
    this.desk = new LeaseDesk({ book: this.book });
    this.beat();
  }

  reserve(ask: ReserveAsk, isGone: () => boolean, done: (outcome: DeskOutcome) => void): void {
    const outcome = this.desk.reserve(ask, this.queue.nowMs, isGone, done);
    if (outcome) done(outcome);
    this.pump();
  }

  settle(reservation: Reservation, paidNanoUsd: number): void {
    if (this.isCrashed) return;
    this.book.settle(reservation, paidNanoUsd, this.queue.nowMs);
    this.desk.settled();
    if (this.book.mustReturn) this.sync();
    this.pump();
  }

  /** What it gives back when it is told that others need it. */
  hear(words: readonly { budgetId: string; subject: string; periodStartMs: number }[]): void {
    this.toGateway(() => {
      for (const { budgetId, subject, periodStartMs } of words)
        this.book.want(budgetId, subject, periodStartMs, this.queue.nowMs);
      this.sync();
    });
  }

  changed(): void {
    this.toGateway(() => this.sync());
  }

  private beat(): void {
    if (this.isCrashed) return;
    this.sync();
    this.queue.after(SYNC_EVERY_MS, () => this.beat());
  }

  private sync(): void {
    if (this.isCrashed) return;
    if (this.isSyncing) {
      this.mustSyncAgain = true;
      return;
    }
    this.isSyncing = true;
    const { queue, book } = this;
    const warm = book.warmCall(queue.nowMs);
    if (warm) this.send(warm, () => undefined);
    const sentAtMs = queue.nowMs;
    const state = book.syncState(sentAtMs);
    const ended = this.once(() => {
      this.isSyncing = false;
      if (this.mustSyncAgain) this.sync();
      this.mustSyncAgain = false;
    });
    queue.after(TIMEOUT_MS, ended);
    this.carry(() => {
      const word = this.authority.sync(this.id, state, queue.nowMs);
      this.toGateway(() => {
        if (book.synced(state, word, sentAtMs, queue.nowMs)) this.mustSyncAgain = true;
        this.desk.synced(queue.nowMs);
        ended();
        this.pump();
      });
    });
  }

  private pump(): void {
    if (this.isCrashed) return;
    const call = this.desk.next(this.queue.nowMs);
    if (call) this.send(call, () => this.desk.failed(call));
    if (this.isTicking || this.desk.waiting === 0) return;
    this.isTicking = true;
    this.queue.after(TICK_MS, () => {
      this.isTicking = false;
      if (this.isCrashed) return;
      this.desk.tick(this.queue.nowMs);
      if (this.desk.isAuthorityAway) this.sync();
      this.pump();
    });
  }

  private send(call: LeaseCall, failed: () => void): void {
    const { queue, book, desk } = this;
    const timedOut = this.once(failed);
    queue.after(TIMEOUT_MS, timedOut);
    const asks = call.asks.map(({ account, needNanoUsd, wantNanoUsd }) => ({
      budgetId: account.budget.id,
      subject: account.subject,
      periodStartMs: account.periodStartMs,
      needNanoUsd,
      wantNanoUsd,
    }));
    this.carry(() => {
      const word = this.authority.lease(this.id, call.epoch.lessee, call.holdMs, asks, queue.nowMs);
      this.toGateway(() => {
        timedOut.forget();
        if ('needs' in call) desk.answered(call, word, queue.nowMs);
        else book.granted(call, word, queue.nowMs);
        this.pump();
      });
    });
  }

  private toGateway(run: () => void): void {
    this.carry(() => {
      if (!this.isCrashed) run();
    });
  }

  private carry(run: () => void): void {
    const { random, lostShare, lateShare, isDown } = this.wire;
    const luck = random.next();
    if (isDown || luck < lostShare) {
      this.lastLossMs = this.queue.nowMs;
      return;
    }
    const isLate = luck < lostShare + lateShare;
    if (isLate) this.lastLossMs = this.queue.nowMs + 2_000;
    this.queue.after(isLate ? 100 + random.next() * 1_900 : 1 + random.next() * 14, run);
  }

  private once(run: () => void): (() => void) & { forget(): void } {
    let isDone = false;
    const first = (): void => {
      if (isDone || this.isCrashed) return;
      isDone = true;
      run();
    };
    return Object.assign(first, { forget: () => void (isDone = true) });
  }
}

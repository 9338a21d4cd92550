import { decodeReply, type ReplyPart } from '@costlane/contracts';
import type { Reservation } from '@costlane/domain';

/** The oldest go where there are more: they end with their epoch. */
const MAX_KEPT = 50_000;

/** Reservations of calls whose clients have gone, or whose answers were given up: their workers may still tell what they cost. */
export class Unsettled {
  private readonly kept = new Map<string, Reservation>();

  get size(): number {
    return this.kept.size;
  }

  keep(requestId: string, reservation: Reservation): void {
    this.kept.set(requestId, reservation);
    if (this.kept.size <= MAX_KEPT) return;
    const [oldest] = this.kept.keys();
    if (oldest !== undefined) this.kept.delete(oldest);
  }

  /** The reservation that a part of an answer is the end of, and what that was paid; undefined where it is none. */
  take({ kind, requestId, value }: ReplyPart): { reservation: Reservation; paidNanoUsd: number } | undefined {
    if (this.kept.size === 0 || (kind !== 'r' && kind !== 'e')) return undefined;
    const reservation = this.kept.get(requestId);
    if (!reservation) return undefined;
    this.kept.delete(requestId);
    return { reservation, paidNanoUsd: decodeReply(value).header.paidNanoUsd };
  }

  /** Lets go of those that nothing will be heard of any more. */
  forget(nowMs: number): void {
    for (const [requestId, { endsAtMs }] of this.kept) if (endsAtMs < nowMs) this.kept.delete(requestId);
  }
}

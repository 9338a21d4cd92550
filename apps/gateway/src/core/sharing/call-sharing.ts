import { exactKey, inFlightKey, type ReplyPart } from '@costlane/contracts';
import {
  claimValue,
  type CallClaims,
  type ClaimAnswer,
  type GatewayNote,
  type NotePublisher,
  type ReplyItem,
} from '@costlane/lanes';
import type { Metrics, RedisBreaker } from '@costlane/platform';
import type { MemoryTier } from '@costlane/response-store';
import type { Call, Member } from '../call';
import type { CallTable } from '../call-table';
import { createFollows, type Holder } from './follows';
import { createRelays } from './relays';
import { shareForm } from './share-key';
import type { SharingTiming } from './sharing-timing';

/** How a question stands among the gateways. `free`: ask the provider. `answered`: the exact tier has it by now. */
export type Standing = { kind: 'free' } | { kind: 'answered' } | { kind: 'held'; holder: Holder };

/** Calls in common with other gateways: of those who ask the same at one time, one asks a provider and passes the answer on. */
export interface CallSharing {
  /** Claims the call's question, in the place of `lost` where that is who held it. Never rejects: without Redis every gateway asks. */
  claim(call: Call, lost?: Holder): Promise<Standing>;
  /** Waits for the holder's answer; false when the call has to go another way after all. */
  follow(call: Call, holder: Holder): Promise<boolean>;
  /** The claim outlives the call for some seconds, in which this gateway's memory answers those who hold to it. */
  keepClaim(call: Call): void;
  /** The call has ended. May be said twice. */
  ended(call: Call): void;
  /** A reply part that another gateway passes on. */
  take(part: ReplyPart): void;
  hear(note: GatewayNote): void;
  /** Parts for other gateways that Redis did not take. */
  lost(parts: readonly ReplyItem[]): void;
  /** The call of this member of another gateway is not made here. */
  letGo(member: Member): void;
  /** Nobody may join any more: this gateway is about to stop. */
  refuse(): void;
  /** Gives up what is passed on, and tells who waits for it. */
  stop(): void;
}

export interface CallSharingOptions {
  gatewayId: string;
  calls: CallTable;
  claims: CallClaims;
  notes: NotePublisher;
  /** Writes a part into another gateway's reply stream. */
  sendPart: (item: ReplyItem) => void;
  memory: Pick<MemoryTier, 'get'>;
  breaker: Pick<RedisBreaker, 'onOpen'>;
  /** A member of another gateway has left this call. */
  leave: (call: Call, member: Member) => void;
  metrics: Metrics;
  timing: SharingTiming;
}

const FREE: Standing = { kind: 'free' };
const ANSWERED: Standing = { kind: 'answered' };
const outcomes = ['followed', 'relayed', 'given', 'refused'] as const;

export function createCallSharing(options: CallSharingOptions): CallSharing {
  const { gatewayId, calls, claims, notes, metrics, timing } = options;
  const shared = metrics.counter({
    name: 'costlane_gateway_shared_calls_total',
    help: 'Calls in common with other gateways: followed there, relayed to them, given from memory, refused to them',
    labelNames: ['outcome'],
  });
  const count = (outcome: (typeof outcomes)[number]): void => shared.inc({ outcome });
  for (const outcome of outcomes) shared.inc({ outcome }, 0);
  const { memory, sendPart: send, leave } = options;
  const relays = createRelays({ gatewayId, calls, memory, notes, send, leave, count });
  const follows = createFollows({ gatewayId, notes, timing, onFallback: (kind) => metrics.fallback(kind) });

  const ask = (call: Call, key: string, replaces?: string): Promise<ClaimAnswer> => {
    const { leader } = call;
    return claims.claim(exactKey(leader.caller.tenantId, leader.fingerprint), key, call.requestId, replaces);
  };
  const hold = (call: Call, key: string): void => {
    if (call.isSettled) claims.release(key, call.requestId);
    else call.claim = { key, expiresAtMs: Date.now() + timing.claimLifetimeMs };
  };
  const skipped = (): Standing => {
    metrics.fallback('sharing_skipped');
    return FREE;
  };

  const standingOf = (call: Call, key: string, answer: ClaimAnswer): Standing | Promise<Standing> => {
    if (answer.kind === 'ours') {
      hold(call, key);
      return FREE;
    }
    if (answer.kind === 'answered') return ANSWERED;
    const holder = holderOf(answer.by);
    if (holder.gatewayId !== gatewayId) return { kind: 'held', holder };
    // A call of our own that this one could not join goes on beside it; what is left of one that has ended is ours to take over.
    if (calls.byRequestId(holder.requestId)) return FREE;
    return ask(call, key, holder.value).then((again) => {
      if (again.kind === 'ours') hold(call, key);
      return FREE;
    });
  };

  const renew = (nowMs: number): void => {
    for (const call of calls.all()) {
      const held = call.claim;
      if (!held || held.expiresAtMs - nowMs > timing.claimLifetimeMs / 2) continue;
      ask(call, held.key, claimValue(gatewayId, call.requestId)).then(
        ({ kind }) => {
          if (call.claim !== held) return;
          // Where somebody took it over, or the answer is there, nothing is left to give back.
          call.claim = undefined;
          if (kind === 'ours') hold(call, held.key);
        },
        () => undefined,
      );
    }
  };

  let beatAtMs = Date.now();
  const beat = (): void => {
    const nowMs = Date.now();
    // A beat that comes late says that this process was blocked: what it has not heard may be waiting for it.
    const isLate = nowMs - beatAtMs > 2 * timing.beatIntervalMs;
    beatAtMs = nowMs;
    relays.beat();
    if (!isLate) follows.sweep(nowMs);
    renew(nowMs);
  };
  const timer = setInterval(beat, timing.beatIntervalMs);
  options.breaker.onOpen(() => follows.letGoOfUnstarted());

  return {
    claim(call, lost) {
      const { leader } = call;
      const key = inFlightKey(leader.caller.tenantId, shareForm(leader), leader.fingerprint);
      return ask(call, key, lost?.value)
        .then((answer) => standingOf(call, key, answer))
        .catch(skipped);
    },
    follow(call, holder) {
      count('followed');
      return follows.follow(call, holder);
    },
    keepClaim: (call) => void (call.claim = undefined),
    ended(call) {
      follows.ended(call);
      if (!call.claim) return;
      claims.release(call.claim.key, call.requestId);
      call.claim = undefined;
    },
    take: (part) => follows.take(part),
    hear(note) {
      if (note.kind === 'join') relays.join(note);
      else if (note.kind === 'leave') relays.leave(note.from, note.relay);
      else if (note.kind === 'joined') follows.joined(note.relay);
      else if (note.kind === 'gone') follows.gone(note.relay);
      else follows.alive(note.relays);
    },
    lost: (parts) => relays.lost(parts),
    letGo: (member) => relays.letGo(member),
    refuse: () => relays.refuse(),
    stop() {
      clearInterval(timer);
      relays.stop();
      follows.stop();
    },
  };
}

/** A claim's value, taken apart; a request id may hold anything. */
function holderOf(value: string): Holder {
  const end = value.indexOf(' ');
  return { gatewayId: value.slice(0, end), requestId: value.slice(end + 1), value };
}

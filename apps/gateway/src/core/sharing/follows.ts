import type { ReplyPart } from '@costlane/contracts';
import type { NotePublisher } from '@costlane/lanes';
import type { Call } from '../call';
import { interrupted } from '../call-errors';
import { createSharedTimeout } from '../shared-timeout';
import { shareForm } from './share-key';
import type { SharingTiming } from './sharing-timing';

/** The gateway and request that hold a question's claim. */
export interface Holder {
  gatewayId: string;
  requestId: string;
  /** The claim's value. */
  value: string;
}

/** The following gateway's side: its calls whose answer another gateway passes on. */
export interface Follows {
  /**
   * Asks the holder for its answer. Resolves to true when the call has ended, with that answer or otherwise; to false when the holder
   * was lost before it had passed anything on, so that the call can still go another way.
   */
  follow(call: Call, holder: Holder): Promise<boolean>;
  /** A part that another gateway passes on; one that nobody waits for any more is passed over. */
  take(part: ReplyPart): void;
  joined(relay: string): void;
  gone(relay: string): void;
  alive(relays: readonly string[]): void;
  /** The call has ended here: the holder is told when it does not know. */
  ended(call: Call): void;
  /** Lets go of holders that have been silent for too long. */
  sweep(nowMs: number): void;
  /** What waits for a first part will hardly get it over a Redis that is away. */
  letGoOfUnstarted(): void;
  stop(): void;
  size(): number;
}

interface Follow {
  relay: string;
  call: Call;
  holder: Holder;
  heardAtMs: number;
  /** The last part has come. */
  isOver: boolean;
  /** Ends the wait for the holder's word. */
  acknowledge: () => boolean;
  resolve: (hasEnded: boolean) => void;
}

/** Marks reply parts that another gateway passes on: workers' attempts never begin so. */
const RELAY_MARK = '~';
export const isRelayed = (part: ReplyPart): boolean => part.attempt.startsWith(RELAY_MARK);

export function createFollows(options: {
  gatewayId: string;
  notes: Pick<NotePublisher, 'say'>;
  timing: Pick<SharingTiming, 'ackTimeoutMs' | 'silenceTimeoutMs'>;
  onFallback: (kind: 'sharing_unacknowledged' | 'sharing_lost') => void;
}): Follows {
  const { gatewayId, notes, timing, onFallback } = options;
  const byRelay = new Map<string, Follow>();
  const byCall = new Map<Call, Follow>();
  const acknowledgements = createSharedTimeout(timing.ackTimeoutMs);
  let named = 0;

  const forget = (follow: Follow): void => {
    follow.acknowledge();
    byRelay.delete(follow.relay);
    byCall.delete(follow.call);
  };
  const tellLeft = ({ holder, relay }: Follow): void =>
    notes.say(holder.gatewayId, { kind: 'leave', from: gatewayId, relay });

  const lose = (follow: Follow): void => {
    const { call } = follow;
    forget(follow);
    if (call.isSettled) return follow.resolve(true);
    // What the client has seen is the beginning of the holder's answer, which nobody can go on with.
    if (call.hasStarted) {
      call.fail(interrupted());
      return follow.resolve(true);
    }
    call.isFollowing = false;
    follow.resolve(false);
  };
  const giveUp = (follow: Follow, kind: 'sharing_unacknowledged' | 'sharing_lost'): void => {
    onFallback(kind);
    // It may be there after all, and pass on what nobody waits for.
    tellLeft(follow);
    lose(follow);
  };
  const heard = (relay: string): Follow | undefined => {
    const follow = byRelay.get(relay);
    if (!follow) return undefined;
    follow.heardAtMs = Date.now();
    follow.acknowledge();
    return follow;
  };

  return {
    follow: (call, holder) =>
      new Promise((resolve) => {
        const relay = `${RELAY_MARK}${(named++).toString(36)}`;
        const onTimeout = (): void => giveUp(follow, 'sharing_unacknowledged');
        const acknowledge = acknowledgements.start(onTimeout);
        const follow: Follow = { relay, call, holder, heardAtMs: Date.now(), isOver: false, acknowledge, resolve };
        byRelay.set(relay, follow);
        byCall.set(call, follow);
        call.isFollowing = true;
        const { leader, requestId, deadlineAtMs } = call;
        notes.say(holder.gatewayId, {
          kind: 'join',
          from: gatewayId,
          relay,
          requestId,
          leaderRequestId: holder.requestId,
          tenantId: leader.caller.tenantId,
          form: shareForm(leader),
          fingerprint: leader.fingerprint,
          deadlineAtMs,
          priority: leader.priority,
        });
      }),
    take(part) {
      const follow = heard(part.attempt);
      if (!follow || follow.call.requestId !== part.requestId) return;
      follow.isOver = part.kind === 'r' || part.kind === 'e';
      follow.call.take(part);
    },
    joined: (relay) => void heard(relay),
    gone(relay) {
      const follow = byRelay.get(relay);
      if (!follow || follow.isOver) return;
      // A call that was over before it could be joined is no loss; one that was joined is.
      if (follow.call.hasStarted) onFallback('sharing_lost');
      lose(follow);
    },
    alive: (relays) => relays.forEach(heard),
    ended(call) {
      const follow = call.isFollowing ? byCall.get(call) : undefined;
      if (!follow) return;
      forget(follow);
      if (!follow.isOver) tellLeft(follow);
      follow.resolve(true);
    },
    sweep(nowMs) {
      for (const follow of [...byRelay.values()])
        if (nowMs - follow.heardAtMs > timing.silenceTimeoutMs) giveUp(follow, 'sharing_lost');
    },
    letGoOfUnstarted() {
      for (const follow of [...byRelay.values()]) if (!follow.call.hasStarted) giveUp(follow, 'sharing_lost');
    },
    stop: () => acknowledgements.stop(),
    size: () => byRelay.size,
  };
}

import type { StreamNames } from '@costlane/contracts';
import { createCallClaims, createJobFinisher, createNotePublisher, subscribeNotes } from '@costlane/lanes';
import type { Logger, Metrics, Redis, RedisBreaker } from '@costlane/platform';
import type { MemoryTier } from '@costlane/response-store';
import type { CallTable } from '../call-table';
import type { Dispatcher } from '../dispatcher';
import { leaveCall } from '../leave-call';
import { createCallSharing, type CallSharing } from './call-sharing';
import { defaultTiming, type SharingTiming } from './sharing-timing';

export interface RedisSharing extends CallSharing {
  /** Gives up what is passed on, tells who waits for it, and resolves when that is said. */
  close(): Promise<void>;
}

/**
 * Sharing between the gateways of one Redis: claims in a script, notes over pub/sub, answers through the reply stream of the gateway that
 * follows, where it reads them like a worker's.
 */
export function createSharingOverRedis(options: {
  gatewayId: string;
  redis: Redis;
  /** A connection in subscriber mode; it is the caller's to close. */
  subscriber: Redis;
  breaker: RedisBreaker;
  names: StreamNames;
  calls: CallTable;
  dispatcher: Pick<Dispatcher, 'cancel'>;
  memory: Pick<MemoryTier, 'get'>;
  logger: Logger;
  metrics: Metrics;
  timing?: Partial<SharingTiming>;
}): RedisSharing {
  const { gatewayId, redis, subscriber, breaker, names, calls, dispatcher, memory, logger, metrics } = options;
  const guard = async (call: () => Promise<unknown>): Promise<unknown> => {
    const result = await breaker.run(call);
    if (!result.ok) throw result.error;
    return result.value;
  };
  const timing = { ...defaultTiming, ...options.timing };
  const notes = createNotePublisher({ redis, names });
  const parts = createJobFinisher({ redis, names, guard, onLostParts: (lost) => sharing.lost(lost) });
  const sharing = createCallSharing({
    gatewayId,
    calls,
    claims: createCallClaims({ redis, gatewayId, lifetimeMs: timing.claimLifetimeMs, guard }),
    notes,
    sendPart: (item) => parts.part(item),
    memory,
    breaker,
    leave: (call, member) => leaveCall(call, member, { calls, dispatcher }),
    metrics,
    timing,
  });
  subscribeNotes({ redis: subscriber, names, gatewayId, logger, onNote: (note) => sharing.hear(note) });
  return {
    ...sharing,
    async close() {
      sharing.stop();
      await Promise.all([notes.idle(), parts.idle()]);
    },
  };
}

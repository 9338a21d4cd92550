import { encodeReply, type CacheFill, type ReplyHeader, type ReplyKind } from '@costlane/contracts';
import { createReplyReader } from '@costlane/lanes';
import { createMetrics, createRedisBreaker } from '@costlane/platform';
import { createMemoryTier, createResponseStore } from '@costlane/response-store';
import { waitFor, type SpecShard } from '@costlane/testing';
import { recordingListener, sampleDecision, sampleRequest } from '../../../testing/sample-request';
import type { Call } from '../../call';
import { createCallTable } from '../../call-table';
import type { Dispatcher } from '../../dispatcher';
import { createInference, type InferenceDeps } from '../../inference';
import type { InferenceRequest } from '../../inference-request';
import type { RequestRecorder } from '../../request-recorder';
import { isRelayed } from '../follows';
import { createSharingOverRedis } from '../sharing-over-redis';
import type { SharingTiming } from '../sharing-timing';

const MEBIBYTE = 1024 * 1024;

/** A loaded machine must not look like a dead gateway: only what a spec is about is short. */
const patient: SharingTiming = {
  ackTimeoutMs: 5_000,
  beatIntervalMs: 100,
  silenceTimeoutMs: 5_000,
  claimLifetimeMs: 10_000,
};

export const replyHeader = (rest: Partial<ReplyHeader> = {}): ReplyHeader => ({
  status: 200,
  contentType: 'application/json',
  provider: 'mock',
  modelUsed: 'm-up',
  paidNanoUsd: 70,
  baselineNanoUsd: 100,
  savings: { cache: 0, routing: 30, prefix: 0, batching: 0 },
  upstreamLatencyMs: 1,
  upstreamCalls: 1,
  ...rest,
});

export interface Recorded {
  how: 'hit' | 'shared';
  requestId: string;
  errorCode?: string;
}

export type SpecGateway = Awaited<ReturnType<typeof startSpecGateway>>;

let asked = 0;

/** A gateway's core on a real Redis, whose provider the spec plays. */
export async function startSpecGateway(
  shard: SpecShard,
  gatewayId: string,
  timing: Partial<SharingTiming> = {},
  semantic?: InferenceDeps['semantic'],
) {
  const redis = await shard.connect();
  const subscriber = await shard.connect({ blocking: true });
  const blockingRedis = await shard.connect({ blocking: true });
  const { names, logger } = shard;
  const breaker = createRedisBreaker({ redis, timeoutMs: 5_000, probeIntervalMs: 20 });
  const metrics = createMetrics({ service: gatewayId });
  const memory = createMemoryTier({ maxEntries: 100, ttlMs: 60_000, maxBytes: MEBIBYTE });
  const store = createResponseStore({ redis, maxEntryBytes: MEBIBYTE });
  const dispatched: Call[] = [];
  const cancelled: string[] = [];
  const recorded: Recorded[] = [];
  const dispatcher: Dispatcher = {
    dispatch(call) {
      call.isPublished = true;
      dispatched.push(call);
    },
    cancel: (call) => void cancelled.push(call.requestId),
    audit: () => undefined,
    onFlow: () => undefined,
  };
  const recorder: RequestRecorder = {
    stale: () => undefined,
    hit: ({ requestId }) => void recorded.push({ how: 'hit', requestId }),
    shared: ({ requestId }, _, { errorCode }) => void recorded.push({ how: 'shared', requestId, errorCode }),
  };
  const calls = createCallTable({
    onExpired: (call) => call.isFollowing || dispatcher.cancel(call),
    onRemoved: (call) => sharing.ended(call),
  });
  const sharing = createSharingOverRedis({
    gatewayId,
    redis,
    subscriber,
    breaker,
    names,
    calls,
    dispatcher,
    memory,
    logger,
    metrics,
    timing: { ...patient, ...timing },
  });
  const replies = createReplyReader({
    redis,
    blockingRedis,
    names,
    gatewayId,
    logger,
    onPart: (part) => (isRelayed(part) ? sharing.take(part) : calls.byRequestId(part.requestId)?.take(part)),
  });
  replies.start();
  const inference = createInference({
    semantic,
    sharing,
    policy: () => undefined,
    memory,
    store,
    breaker,
    calls,
    dispatcher,
    idempotency: { claim: async () => ({ kind: 'ours' }), release: () => undefined },
    recorder,
    metrics,
  });
  await waitFor(async () => Number((await redis.pubsub('NUMSUB', names.notesChannel(gatewayId)))[1]) === 1);

  return {
    gatewayId,
    redis,
    breaker,
    calls,
    sharing,
    inference,
    dispatched,
    cancelled,
    recorded,
    /** One request; what its client hears, and how it leaves. */
    ask(request: Partial<InferenceRequest> = {}) {
      const requestId = `req_${gatewayId}_${asked++}`;
      const { listener, heard, ends } = recordingListener();
      const leave = inference.answer(sampleRequest({ requestId, ...request }), sampleDecision, listener);
      return { requestId: request.requestId ?? requestId, heard, ends, leave };
    },
    call: async (index = 0): Promise<Call> => waitFor(() => dispatched[index]),
    store: (fill: CacheFill, body: Buffer) => store.fill([{ fill, body }]),
    async counterOf(name: string, labels: Record<string, string>): Promise<number> {
      const metric = (await metrics.registry.getMetricsAsJSON()).find((one) => one.name === name);
      const values = (metric?.values ?? []) as { value: number; labels: Record<string, string> }[];
      return values
        .filter(({ labels: has }) => Object.entries(labels).every(([key, value]) => has[key] === value))
        .reduce((sum, { value }) => sum + value, 0);
    },
    /** The process is gone: nothing that it says or hears arrives any more. */
    kill(): void {
      for (const connection of [redis, subscriber, blockingRedis]) connection.disconnect();
    },
    async close(): Promise<void> {
      calls.stop();
      await sharing.close();
      await replies.stop();
      store.stop();
      breaker.dispose();
    },
  };
}

/** The provider's answer comes to the gateway that asked it. */
export function give(call: Call, kind: ReplyKind, seq: number, value = '', header: Partial<ReplyHeader> = {}): void {
  const bytes = kind === 'c' ? Buffer.from(value) : encodeReply(replyHeader(header), Buffer.from(value));
  call.take({ kind, seq, attempt: 'a1', requestId: call.requestId, value: bytes });
}

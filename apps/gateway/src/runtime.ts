import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { streamNames, type ReplyPart, type StreamNames } from '@costlane/contracts';
import { defaultRoutingSettings } from '@costlane/domain';
import {
  createCompletionPublisher,
  createCompletionSpool,
  createJobPublisher,
  createReplyReader,
  createSignalPublisher,
  subscribeSignals,
} from '@costlane/lanes';
import {
  createRedis,
  createRedisBreaker,
  createTracing,
  type HealthRegistry,
  type Logger,
  type Metrics,
  type Redis,
  type RedisBreaker,
  type Shutdown,
  type Tracing,
} from '@costlane/platform';
import { createStaleLookup, type MemoryTier } from '@costlane/response-store';
import { createPolicyClient, type PolicyClient } from '@costlane/routing-policy';
import { createRoutingPredictor } from '@costlane/routing-predictor';
import { createBudgetAuthority } from './budgets/budget-authority';
import { createBudgets, type Budgets } from './budgets/create-budgets';
import type { GatewayConfig } from './config';
import { createAnswerTiers } from './core/answer-tiers';
import { createCallTable } from './core/call-table';
import { createDegradedRoad } from './core/degraded-road';
import { createDispatcher } from './core/dispatcher';
import { createIdempotencyGuard } from './core/idempotency';
import { createInference, type Inference, type InferenceDeps } from './core/inference';
import { createKnownLikeness } from './core/known-likeness';
import { createRequestRecorder } from './core/request-recorder';
import { createSemanticLookup } from './core/semantic-lookup';
import { createSharedLimiter } from './doors/rate-limit';
import { isRelayed } from './core/sharing/follows';
import { createHoldout } from './core/routing/holdout';
import { createRoutePlanner, type RoutePlanner } from './core/routing/route-planner';
import { createStaleAnswers } from './core/stale-answers';
import { createSharingOverRedis } from './core/sharing/sharing-over-redis';
import { createRequestObserver, type RequestObserver } from './observe/request-observer';
import { registerGauges, registerHealth } from './observe/runtime-state';

export interface RuntimeDeps {
  config: GatewayConfig;
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  shutdown: Shutdown;
  onKeyRevoked: (keyHash: string) => void;
  /** Revocations may have been missed. */
  onSignalGap: () => void;
  /** Nobody waits any more for what is called so: a request of any gateway's, or an item. */
  onCancelled: (id: string) => void;
}

export interface Runtime {
  gatewayId: string;
  redis: Redis;
  breaker: RedisBreaker;
  inference: Inference;
  /** What it is made of. */
  inferenceDeps: InferenceDeps;
  policy: PolicyClient;
  memory: MemoryTier;
  planner: RoutePlanner;
  /** What a request may cost at the most. */
  worstCase: Budgets['worstCase'];
  observer: RequestObserver;
  tracing: Tracing;
  names: StreamNames;
  connect(name: string, isBlocking?: boolean): Redis;
}

/** What a request loses at the most to a Redis that does not answer, before it goes on without. */
const REDIS_TIMEOUT_MS = 50;
const DRAIN_TIMEOUT_MS = 20_000;

/** Puts the road of a request together; everything stops through `shutdown`. */
export function createRuntime(deps: RuntimeDeps): Runtime {
  const { config, logger, metrics, shutdown } = deps;
  const gatewayId = `g${randomBytes(6).toString('hex')}`;
  const names = streamNames();
  const connect = (name: string, blocking = false): Redis =>
    createRedis(config.REDIS_URL, { name: `gateway-${name}`, logger, blocking });
  const redis = connect('commands');
  const breaker = createRedisBreaker({ redis, timeoutMs: REDIS_TIMEOUT_MS, logger });
  const tracing = createTracing({
    service: 'gateway',
    isEnabled: config.ENABLE_TRACING,
    otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    sampleRatio: config.TRACE_SAMPLE_RATIO,
    logger,
  });
  const policy = createPolicyClient({
    address: config.ROUTER_GRPC_ADDRESS,
    subscriber: `gateway/${gatewayId}`,
    logger,
    metrics,
  });
  const tiers = createAnswerTiers(config, redis, metrics);
  const { memory, store } = tiers;
  const signals = createSignalPublisher({ redis, names });
  const completions = createCompletionPublisher({
    redis,
    names,
    logger,
    spool: createCompletionSpool(path.join(config.COSTLANE_DATA_DIR, 'spool'), logger),
  });
  const calls = createCallTable({
    onExpired: (call) => call.isFollowing || dispatcher.cancel(call),
    onRemoved(call) {
      sharing.ended(call);
      if (call.reservation) budgets.gate.ended(call);
    },
  });
  const onPart = (part: ReplyPart): void => {
    if (isRelayed(part)) return sharing.take(part);
    const call = calls.byRequestId(part.requestId);
    if (call) call.take(part);
    else budgets.gate.late(part);
  };
  const budgets = createBudgets({
    gatewayId,
    config,
    authority: createBudgetAuthority(config.COST_ATTRIBUTION_GRPC_ADDRESS, gatewayId),
    limiter: createSharedLimiter(redis, breaker, metrics),
    logger,
    metrics,
  });
  const degraded = createDegradedRoad({ addresses: config.PROVIDER_WORKER_GRPC_ADDRESSES, gatewayId, logger, onPart });
  const dispatcher = createDispatcher({
    publisher: createJobPublisher({ redis, names }),
    signals,
    breaker,
    degraded,
    calls,
    names,
    gatewayId,
    settings: () => policy.current()?.settings ?? defaultRoutingSettings,
    budgets: budgets.gate,
    logger,
    metrics,
  });
  const replies = createReplyReader({
    redis,
    blockingRedis: connect('replies', true),
    names,
    gatewayId,
    logger,
    onPart,
  });
  const subscriber = connect('signals', true);
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
  });
  const subscription = subscribeSignals({
    redis: subscriber,
    names,
    logger,
    handlers: {
      onFlow: (message) => dispatcher.onFlow(message),
      onCancel: deps.onCancelled,
      onBudget: (message) => budgets.hear(message),
      onInvalidate: (message) => {
        if (message.kind === 'cache') memory.invalidate(message);
        else deps.onKeyRevoked(message.keyHash);
      },
      onGap: () => {
        // What was invalidated meanwhile is unknown: better to ask again than to serve what should be gone.
        memory.clear();
        deps.onSignalGap();
      },
    },
  });
  const semantic = config.CACHE_SEMANTIC_ENABLED
    ? createSemanticLookup({
        addresses: [config.CACHE_GRPC_ADDRESS],
        timeoutMs: config.CACHE_SEMANTIC_TIMEOUT_MS,
        logger,
        metrics,
      })
    : undefined;
  const predictor = createRoutingPredictor();
  const planner = createRoutePlanner({
    policy: () => policy.current(),
    allowsProviderIds: config.ALLOW_PROVIDER_IDS,
    predictGain: (text) => predictor.predict(text),
    budgets: budgets.gate,
    holdout: createHoldout({ share: config.HOLDOUT_SHARE, salt: config.HOLDOUT_SALT, policy: () => policy.current() }),
  });
  const recorder = createRequestRecorder(completions);
  const inferenceDeps: InferenceDeps = {
    semantic,
    likeness:
      semantic &&
      createKnownLikeness({
        redis,
        maxEntries: config.CACHE_MEMORY_ENTRIES,
        ttlMs: config.CACHE_MEMORY_TTL_SECONDS * 1000,
      }),
    sharing,
    policy: () => policy.current(),
    memory,
    store,
    breaker,
    calls,
    dispatcher,
    idempotency: createIdempotencyGuard({ redis, breaker, names }),
    recorder,
    stale: createStaleAnswers({
      find: createStaleLookup(redis),
      breaker,
      memory,
      metrics,
      record: (request, decision, { header }) => recorder.stale(request, decision, header),
    }),
    onAnswered: planner.answered,
    metrics,
  };
  const inference = createInference(inferenceDeps);
  replies.start();
  registerHealth(deps.health, redis, breaker, policy, degraded);
  registerGauges(metrics, memory, inference, completions.owed);
  shutdown.onDrain('requests', async () => {
    sharing.refuse();
    const endMs = Date.now() + DRAIN_TIMEOUT_MS;
    while (inference.inFlight() > 0 && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  shutdown.onClose('connections', async () => {
    calls.stop();
    await sharing.close();
    await completions.drain();
    await replies.stop();
    await budgets.close();
    subscription.stop();
    degraded.close();
    semantic?.close();
    policy.close();
    breaker.dispose();
    await tiers.close();
    redis.disconnect();
    await tracing.shutdown();
  });
  return {
    gatewayId,
    redis,
    breaker,
    inference,
    inferenceDeps,
    policy,
    memory,
    planner,
    worstCase: budgets.worstCase,
    observer: createRequestObserver({ metrics, logger, tracing }),
    tracing,
    names,
    connect,
  };
}

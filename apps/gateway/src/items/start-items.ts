import type { StreamNames } from '@costlane/contracts';
import { createItemConsumer, startHeartbeat, taskOfSignal, type ReceivedItem } from '@costlane/lanes';
import type { Logger, Metrics, Redis, RedisBreaker, Shutdown } from '@costlane/platform';
import type { PolicyClient } from '@costlane/routing-policy';
import type { GatewayConfig } from '../config';
import { createItemExecutor, type ItemExecutor } from './item-executor';
import { createItemMeans, type ItemMeansDeps } from './create-item-means';
import { createItemMetrics } from './item-metrics';
import { createItemPlaces } from './item-places';
import { registerItemQueue } from './item-queue';

export interface ItemsDeps extends Omit<ItemMeansDeps, 'attemptMaxMs'> {
  config: GatewayConfig;
  gatewayId: string;
  redis: Redis;
  breaker: RedisBreaker;
  connect: (name: string, isBlocking: boolean) => Redis;
  names: StreamNames;
  policy: PolicyClient;
  metrics: Metrics;
  shutdown: Shutdown;
  logger: Logger;
  /** Default 20 s. */
  drainTimeoutMs?: number;
}

export interface Items {
  /** A word on the channel of cancellations: of a task of ours, or of a request, which is passed over. */
  cancelled(id: string): void;
}

/** Of a gateway that takes none. */
export const noItems: Items = { cancelled: () => undefined };

/** One try of an item, however long its job may take: a slow tier of a provider's is given time, a provider that hangs is not. */
const ATTEMPT_MS = 600_000;
/** Below the shutdown's own hard limit. */
const DRAIN_TIMEOUT_MS = 20_000;
const DRAIN_POLL_MS = 20;

/** Takes items of durable jobs, as many as there are places for, and puts them to the gateway's own doors. */
export async function startItems(deps: ItemsDeps): Promise<Items> {
  const { config, gatewayId, redis, names, policy, metrics, shutdown, logger } = deps;
  const concurrency = config.ITEM_CONCURRENCY;
  if (concurrency === 0) return noItems;
  const attemptMaxMs = Math.max(ATTEMPT_MS, config.REQUEST_TIMEOUT_MS);
  const { means, ready, close } = createItemMeans({ ...deps, attemptMaxMs });
  await ready();
  const executor = createItemExecutor({ means, attemptMaxMs });
  /** Entries in hand, until Redis has taken their answers: they come again after a lost connection. */
  const inHand = new Set<string>();
  registerItemQueue(metrics, redis, deps.breaker, names);
  const counters = createItemMetrics(metrics, () => inHand.size);
  const places = createItemPlaces(concurrency);
  const onItem = (received: ReceivedItem): void => {
    const { entryId, task } = received;
    if (inHand.has(entryId)) return;
    const sizeBytes = task.item.body.length + (task.rendering?.reply.length ?? 0);
    inHand.add(entryId);
    places.taken(sizeBytes);
    void perform(received, executor).finally(() => {
      inHand.delete(entryId);
      places.left(sizeBytes);
      consumer.wake();
    });
  };
  const perform = async (received: ReceivedItem, { run }: ItemExecutor): Promise<void> => {
    const { task } = received;
    const reply = await run(task);
    counters.done(task.mode, reply);
    await (reply ? consumer.reply(received, reply) : consumer.discard(received));
  };
  const consumer = createItemConsumer({
    redis,
    blockingRedis: deps.connect('items', true),
    names,
    consumer: gatewayId,
    logger,
    freePlaces: () => places.free(),
    onItem,
    onDropped: (reason) => counters.dropped(reason),
  });
  const state = () => ({ concurrency, inFlight: inHand.size });
  const heartbeat = startHeartbeat({ redis, names, consumer: gatewayId, logger, state });
  startWithPolicy(policy, () => consumer.start());
  shutdown.onDrain('items', async () => {
    await consumer.stopReading();
    const endMs = Date.now() + (deps.drainTimeoutMs ?? DRAIN_TIMEOUT_MS);
    while (inHand.size > 0 && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  });
  // What is not done by now is claimed by another gateway once this one beats no more.
  shutdown.onClose('items', async () => {
    consumer.close();
    executor.stop();
    await heartbeat.stop();
    await close();
  });
  return {
    cancelled(id) {
      const taskId = taskOfSignal(id);
      if (taskId !== undefined) executor.cancel(taskId);
    },
  };
}

/** Without a policy every item would be refused, and have a try less. */
function startWithPolicy(policy: PolicyClient, start: () => void): void {
  if (policy.current()) return start();
  const stop = policy.onChange(() => {
    stop();
    start();
  });
}

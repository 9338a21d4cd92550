import { budgetChannel, type BudgetMessage, type InvalidationMessage } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createSignalPublisher, subscribeSignals, type FlowMessage, type SignalPublisher } from './signals';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('signals', () => {
  let shard: SpecShard;
  let redis: Redis;
  let subscriber: Redis;
  let publisher: SignalPublisher;
  const heard = { cancels: [] as string[], flows: [] as FlowMessage[], invalidations: [] as string[], gaps: 0 };
  const budgets: BudgetMessage[] = [];

  beforeEach(async () => {
    Object.assign(heard, { cancels: [], flows: [], invalidations: [], gaps: 0 });
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
    subscriber = await shard.connect({ blocking: true });
    publisher = createSignalPublisher({ redis, names: shard.names });
    subscribeSignals({
      redis: subscriber,
      names: shard.names,
      logger: shard.logger,
      handlers: {
        onCancel: (id) => heard.cancels.push(id),
        onFlow: (message) => heard.flows.push(message),
        // The channel is everybody's: only what this test says counts.
        onInvalidate: (message) => message.kind === 'api-key' && heard.invalidations.push(message.keyHash),
        onBudget: (message) => budgets.push(message),
        onGap: () => heard.gaps++,
      },
    });
    await waitFor(async () => (await subscriptions()) === 2);
  });
  afterEach(() => shard.remove());

  const subscriptions = async (): Promise<number> => {
    const counts = await redis.pubsub('NUMSUB', shard.names.cancelChannel, shard.names.flowChannel);
    return Number(counts[1]) + Number(counts[3]);
  };
  it('carry what gateways should know of budgets at once', async () => {
    const said: BudgetMessage = { wanted: [{ budgetId: shard.shard, subject: 'ann', periodStartMs: 7 }] };
    await redis.publish(budgetChannel, JSON.stringify(said));
    await waitFor(() => budgets.some(({ wanted }) => wanted?.[0]?.budgetId === shard.shard));
    expect(budgets.filter(({ wanted }) => wanted?.[0]?.budgetId === shard.shard)).toEqual([said]);
  });

  const keyRevoked = (keyHash: string): InvalidationMessage => ({ kind: 'api-key', keyHash });

  it('carry cancellations of one tick together, flow and invalidations', async () => {
    for (const id of ['req_1', 'req_2']) publisher.cancel(id);
    await publisher.flow({ direct: ['mock'], validMs: 5 });
    await publisher.invalidate(keyRevoked(shard.shard));
    await waitFor(() => heard.invalidations.includes(shard.shard) && heard.cancels.length === 2);
    expect(heard.cancels).toEqual(['req_1', 'req_2']);
    expect(heard.flows).toEqual([{ direct: ['mock'], validMs: 5 }]);
  });

  it('pass over what cannot be read', async () => {
    await redis.publish(shard.names.flowChannel, '{');
    await publisher.flow({ direct: [], validMs: 1 });
    await waitFor(() => heard.flows.length === 1);
  });

  it('tell of a gap when the subscription was lost and is back, and go on', async () => {
    expect(heard.gaps).toBe(0);
    subscriber.disconnect(true);
    await waitFor(() => heard.gaps === 1);
    publisher.cancel('req_1');
    await waitFor(() => heard.cancels.length > 0);
    expect(heard.cancels).toEqual(['req_1']);
  });

  it('are lost without harm when Redis is away', async () => {
    const other = await shard.connect();
    other.disconnect();
    await waitFor(() => other.status === 'end');
    expect(() => createSignalPublisher({ redis: other, names: shard.names }).cancel('req_1')).not.toThrow();
    await expect(
      createSignalPublisher({ redis: other, names: shard.names }).flow({ direct: [], validMs: 1 }),
    ).rejects.toThrow();
  });
});

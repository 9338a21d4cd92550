import { createPolicy } from '@costlane/domain';
import { createItemReplies, type ItemAsking, type ItemReplies } from '@costlane/lanes';
import { createLogger, createMetrics, createRedis, createRedisBreaker, Shutdown, type Redis } from '@costlane/platform';
import type { PolicyClient } from '@costlane/routing-policy';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { configSchema } from '../config';
import { createRoutePlanner } from '../core/routing/route-planner';
import type { InferenceDeps } from '../core/inference';
import { defaultControls } from '../doors/request-controls';
import { answerWith, decision, recordingObserver, scriptedInference, type Asked } from '../testing/scripted-inference';
import { startItems } from './start-items';
import { answerIn, itemOf } from './testing/item-gateway';

const redisUrl = redisUrlForTests();
const policy = createPolicy({ version: '1-test', defaultModel: decision.model.name, models: [decision.model] });

(redisUrl ? describe : describe.skip)('a gateway that takes items', () => {
  let shard: SpecShard;
  let redis: Redis;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    redis = await shard.connect();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await shard.remove();
  });

  interface Setting {
    id?: string;
    onAsk?: (asked: Asked) => void;
    concurrency?: number;
    hasPolicy?: boolean;
  }

  async function gateway({ id = 'g1', onAsk, concurrency = 4, hasPolicy = true }: Setting = {}) {
    const { inference, asked } = scriptedInference(onAsk);
    const metrics = createMetrics({ service: 'spec' });
    const exits: number[] = [];
    const shutdown = new Shutdown({ logger: shard.logger, graceMs: 0, exit: (code) => void exits.push(code) });
    const blocking = await shard.connect({ blocking: true });
    const breaker = createRedisBreaker({ redis, timeoutMs: 1_000, logger: shard.logger });
    let current = hasPolicy ? policy : undefined;
    const listeners = new Set<(to: typeof policy) => void>();
    const client = {
      current: () => current,
      onChange(listener: (to: typeof policy) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    } as unknown as PolicyClient;
    const items = await startItems({
      config: configSchema.parse({ ITEM_CONCURRENCY: String(concurrency) }),
      gatewayId: id,
      redis,
      breaker,
      connect: () => blocking,
      names: shard.names,
      policy: client,
      metrics,
      shutdown,
      logger: shard.logger,
      drainTimeoutMs: 100,
      inference,
      inferenceDeps: { policy: () => current } as unknown as InferenceDeps,
      planner: createRoutePlanner({ policy: () => current, predictGain: () => 0 }),
      observer: recordingObserver().observer,
      defaults: defaultControls({
        isCacheEnabled: true,
        isSemanticEnabled: true,
        cacheTtlSeconds: 60,
        requestTimeoutMs: 5_000,
      }),
    });
    const stop = async (): Promise<void> => {
      await shutdown.trigger('spec');
      breaker.dispose();
    };
    stops.push(stop);
    const give = (): void => {
      current = policy;
      for (const listener of [...listeners]) listener(policy);
    };
    const counted = async (name: string): Promise<string[]> =>
      (await metrics.registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith(name) && !line.endsWith(' 0'))
        .map((line) => line.replace(/,?service="spec",?/, '').replace('{}', ''));
    return { asked, items, stop, exits, give, counted };
  }

  async function runner(): Promise<ItemReplies> {
    const blockingRedis = await shard.connect({ blocking: true });
    const replies = createItemReplies({
      redis,
      blockingRedis,
      names: shard.names,
      runnerId: 'r1',
      logger: shard.logger,
    });
    replies.start();
    stops.push(() => replies.stop());
    return replies;
  }
  const asking = (requestId: string, content = 'Hi.'): ItemAsking => ({
    mode: 'execute',
    requestId,
    deadlineAtMs: Date.now() + 60_000,
    item: itemOf('/v1/chat/completions', { model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }),
  });

  it('answers them, and counts them by what came of it', async () => {
    const { counted } = await gateway({ onAsk: answerWith('Hello!') });
    const replies = await runner();
    const [good, bad] = await Promise.all([
      replies.ask(asking('job_1-0')),
      replies.ask({ ...asking('job_1-1'), item: itemOf('/v1/chat/completions', '{') }),
    ]);
    expect(answerIn(good)).toMatchObject({ status: 200, paidNanoUsd: 1_200 });
    expect(answerIn(bad)).toMatchObject({ status: 400, errorCode: 'invalid_json' });
    expect(await counted('costlane_gateway_items_total')).toEqual([
      'costlane_gateway_items_total{mode="execute",outcome="answered"} 1',
      'costlane_gateway_items_total{mode="execute",outcome="failed"} 1',
    ]);
    await waitFor(async () => (await counted('costlane_gateway_items_in_flight')).length === 0);
  });

  it('takes no more at a time than it has places for', async () => {
    const { asked, counted } = await gateway({ concurrency: 2 });
    const replies = await runner();
    const all = Promise.all(['0', '1', '2'].map((index) => replies.ask(asking(`job_1-${index}`, `Hi ${index}.`))));
    await waitFor(() => asked.length === 2);
    expect(await counted('costlane_gateway_items_in_flight')).toEqual(['costlane_gateway_items_in_flight 2']);
    expect(await counted('costlane_gateway_items_queue_depth')).toEqual(['costlane_gateway_items_queue_depth 3']);
    for (const one of asked) answerWith('Hello!')(one);
    await waitFor(() => asked.length === 3);
    answerWith('Hello!')(asked[2] as Asked);
    expect((await all).map((reply) => answerIn(reply).status)).toEqual([200, 200, 200]);
  });

  it('begins when it has a policy', async () => {
    const { asked, give } = await gateway({ hasPolicy: false, onAsk: answerWith('Hello!') });
    const reply = (await runner()).ask(asking('job_1-0'));
    await waitFor(async () => (await redis.xlen(shard.names.items)) === 1);
    expect(asked).toEqual([]);
    give();
    expect(answerIn(await reply).status).toBe(200);
  });

  it('leaves a call for which nobody waits, and ends its item', async () => {
    const { asked, items, counted } = await gateway();
    const replies = await runner();
    const abort = new AbortController();
    const reply = replies.ask(asking('job_1-0'), { signal: abort.signal });
    const one = await waitFor(() => asked[0]);
    abort.abort();
    await expect(reply).rejects.toMatchObject({ code: 'cancelled' });
    items.cancelled('req_of-somebody');
    expect(one.hasLeft).toBe(false);
    items.cancelled('item:r1-1');
    expect(one.hasLeft).toBe(true);
    await waitFor(async () => ((await redis.xpending(shard.names.items, 'gateway')) as unknown[])[0] === 0);
    expect(await counted('costlane_gateway_items_total')).toEqual([
      'costlane_gateway_items_total{mode="execute",outcome="cancelled"} 1',
    ]);
  });

  it('that stops finishes what it can in time, and leaves the rest to another one', async () => {
    const { asked, stop, exits } = await gateway({ id: 'g-stopping' });
    const replies = await runner();
    const [first, second] = [replies.ask(asking('job_1-0', 'One.')), replies.ask(asking('job_1-1', 'Two.'))];
    await waitFor(() => asked.length === 2);
    const stopping = stop();
    answerWith('In time.')(asked.find(({ request }) => request.recordId === 'job_1-0') as Asked);
    expect(answerIn(await first).body.toString()).toContain('In time.');
    await stopping;
    expect(exits).toEqual([0]);
    const third = replies.ask(asking('job_1-2', 'Three.'));
    const next = await gateway({ id: 'g-next', onAsk: answerWith('By the next one.') });
    for (const reply of [second, third]) expect(answerIn(await reply).body.toString()).toContain('By the next one.');
    const ids = next.asked.map(({ request }) => request.recordId);
    expect(ids.sort()).toEqual(['job_1-1', 'job_1-2']);
  });

  it('takes none where it is set so', async () => {
    await gateway({ concurrency: 0, onAsk: answerWith('Hello!') });
    void (await runner()).ask(asking('job_1-0')).catch(() => undefined);
    await waitFor(async () => (await redis.xlen(shard.names.items)) === 1);
    expect(await redis.xinfo('GROUPS', shard.names.items)).toEqual([]);
  });
});

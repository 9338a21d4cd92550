import type { ItemAnswer, ItemReply } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createItemConsumer, type ItemConsumer, type ItemConsumerOptions, type ReceivedItem } from './consume-items';
import { createItemReplies, taskOfSignal, type ItemAsking, type ItemReplies } from './item-replies';
import { startHeartbeat } from './liveness';
import { createItemPublisher } from './publish-items';
import { subscribeSignals } from './signals';

const redisUrl = redisUrlForTests();

const asking = (more: Partial<ItemAsking> = {}): ItemAsking => ({
  mode: 'execute',
  requestId: 'job_1-0',
  deadlineAtMs: Date.now() + 60_000,
  item: {
    v: 1,
    endpoint: '/v1/inference',
    caller: { tenantId: 'acme', role: 'member' },
    headers: { 'x-costlane-feature': 'digest' },
    body: Buffer.from('{"prompt":"hi"}'),
  },
  ...more,
});
const answered = (text: string): ItemAnswer => ({
  kind: 'answered',
  status: 200,
  contentType: 'application/json',
  isRetryable: false,
  paidNanoUsd: 7,
  cacheTier: 'miss',
  body: Buffer.from(text),
});

(redisUrl ? describe : describe.skip)('items between runners and gateways', () => {
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

  async function runner(options: { runnerId?: string; lossCheckIntervalMs?: number; redis?: Redis } = {}) {
    const blockingRedis = await shard.connect({ blocking: true });
    const { names, logger } = shard;
    const replies: ItemReplies = createItemReplies({
      redis,
      blockingRedis,
      names,
      runnerId: 'r1',
      logger,
      ...options,
    });
    replies.start();
    stops.push(() => replies.stop());
    return replies;
  }

  async function gateway(
    onItem: (received: ReceivedItem, consumer: ItemConsumer) => void,
    options: Partial<ItemConsumerOptions> = {},
  ) {
    const received: ReceivedItem[] = [];
    const dropped: string[] = [];
    const { names, logger } = shard;
    const blockingRedis = await shard.connect({ blocking: true });
    const consumer: ItemConsumer = createItemConsumer({
      redis,
      blockingRedis,
      names,
      consumer: 'g1',
      logger,
      freePlaces: () => 10,
      onItem: (item) => {
        received.push(item);
        onItem(item, consumer);
      },
      onDropped: (reason) => dropped.push(reason),
      ...options,
    });
    const state = () => ({ concurrency: 10, inFlight: 0 });
    const heartbeat = startHeartbeat({ redis, names, consumer: options.consumer ?? 'g1', logger, state });
    consumer.start();
    const stop = async (): Promise<void> => {
      consumer.close();
      await consumer.stopReading();
      await heartbeat.stop();
    };
    stops.push(stop);
    return { received, dropped, consumer, stop };
  }
  const answerAll = (item: ReceivedItem, consumer: ItemConsumer): void =>
    void consumer.reply(item, answered(item.task.requestId));
  const pending = async (): Promise<number> =>
    ((await redis.xpending(shard.names.items, 'gateway')) as [number, ...unknown[]])[0];

  it('bring the answer to whoever asked, and leave nothing behind', async () => {
    await gateway(answerAll);
    const [one, other] = [await runner(), await runner({ runnerId: 'r2' })];
    const replies = await Promise.all([
      one.ask(asking({ requestId: 'a' })),
      other.ask(asking({ requestId: 'b' })),
      one.ask(asking({ requestId: 'c' })),
    ]);
    expect(replies.map((reply) => (reply as ItemAnswer).body.toString())).toEqual(['a', 'b', 'c']);
    expect(replies[0]).toMatchObject({ kind: 'answered', status: 200, paidNanoUsd: 7, cacheTier: 'miss' });
    expect([one.waiting(), other.waiting(), await redis.xlen(shard.names.items), await pending()]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(await redis.ttl(shard.names.reply('r1'))).toBeGreaterThan(0);
  });

  it('travel as one envelope of five fields, with the task as it was asked', async () => {
    const replies = await runner();
    const asked = asking();
    void replies.ask(asked).catch(() => undefined);
    const [entry] = await waitFor(async () => {
      const entries = await redis.xrange(shard.names.items, '-', '+');
      return entries.length > 0 ? entries : undefined;
    });
    const fields = entry?.[1] ?? [];
    expect(fields.filter((_, index) => index % 2 === 0)).toEqual([
      'task_type',
      'payload',
      'priority',
      'idempotency_key',
      'created_at',
    ]);
    expect([fields[1], fields[5]]).toEqual(['batch.item', 'batch']);
    const { received } = await gateway(answerAll);
    await waitFor(() => replies.waiting() === 0);
    expect(received[0]?.task).toMatchObject({ ...asked, v: 1, replyTo: 'r1' });
  });

  it('are read only as far as there are places', async () => {
    let places = 1;
    const { received, consumer } = await gateway(() => void (places = 0), { freePlaces: () => places });
    const replies = await runner();
    const all = Promise.all(['a', 'b'].map((requestId) => replies.ask(asking({ requestId }))));
    await waitFor(() => received.length === 1);
    expect((await redis.xinfo('GROUPS', shard.names.items)) as unknown[]).toMatchObject([
      expect.arrayContaining(['pending', 1]),
    ]);
    await consumer.reply(received[0] as ReceivedItem, answered('first'));
    places = 1;
    consumer.wake();
    await waitFor(() => received.length === 2);
    await consumer.reply(received[1] as ReceivedItem, answered('second'));
    expect((await all).map((reply) => (reply as ItemAnswer).body.toString())).toEqual(['first', 'second']);
  });

  it('of a gateway that is gone are taken by another one, which is told so', async () => {
    const first = await gateway(() => undefined, { consumer: 'g-dead' });
    const replies = await runner();
    const reply = replies.ask(asking());
    await waitFor(() => first.received.length === 1);
    await first.stop();
    const { received } = await gateway(answerAll, { consumer: 'g-next' });
    expect(((await reply) as ItemAnswer).status).toBe(200);
    expect(received.map(({ deliveries }) => deliveries)).toEqual([2]);
  });

  it('whose time is over are not begun', async () => {
    const replies = await runner();
    const late = replies.ask(asking({ deadlineAtMs: Date.now() + 150 }));
    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });
    const { received, dropped } = await gateway(answerAll);
    await waitFor(() => dropped.length === 1);
    expect([dropped, received, await redis.xlen(shard.names.items)]).toEqual([['late'], [], 0]);
    await expect(replies.ask(asking({ deadlineAtMs: Date.now() - 1 }))).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
  });

  it('that cannot be read are put aside, and hold up nothing', async () => {
    await redis.xadd(shard.names.items, '*', 'payload', 'no item');
    await redis.xadd(shard.names.items, '*', 'something', 'else');
    const { dropped } = await gateway(answerAll);
    const replies = await runner();
    expect((await replies.ask(asking())).kind).toBe('answered');
    await waitFor(() => dropped.length === 2);
    await waitFor(async () => (await pending()) === 0);
    expect(await redis.xlen(shard.names.deadLetters)).toBe(2);
  });

  it('that were begun too often are given up, with an answer that says so', async () => {
    const replies = await runner();
    const reply = replies.ask(asking());
    await waitFor(async () => (await redis.xlen(shard.names.items)) === 1);
    await redis.xgroup('CREATE', shard.names.items, 'gateway', '0');
    const read = () => redis.xreadgroup('GROUP', 'gateway', 'g-dead', 'COUNT', 1, 'STREAMS', shard.names.items, '>');
    await read();
    const [id] = (await redis.xrange(shard.names.items, '-', '+')).map(([each]) => each);
    for (let i = 0; i < 3; i++) await redis.xclaim(shard.names.items, 'gateway', 'g-dead', 0, id ?? '');
    const { received, dropped } = await gateway(answerAll);
    expect(await reply).toMatchObject({ status: 500, errorCode: 'internal', isRetryable: false });
    expect([received, dropped]).toEqual([[], ['given_up']]);
    const [letter] = await redis.xrange(shard.names.deadLetters, '-', '+');
    expect(JSON.parse(letter?.[1].at(-1) ?? '')).toMatchObject({ requestId: 'job_1-0', tenantId: 'acme' });
    expect(letter?.[1].join()).not.toContain('prompt');
  });

  it('are forgotten when nobody waits, and taken back where nobody has begun', async () => {
    const replies = await runner();
    const abort = new AbortController();
    const reply = replies.ask(asking(), { signal: abort.signal });
    await waitFor(async () => (await redis.xlen(shard.names.items)) === 1);
    abort.abort();
    await expect(reply).rejects.toMatchObject({ code: 'cancelled' });
    await waitFor(async () => (await redis.xlen(shard.names.items)) === 0);
    expect(replies.waiting()).toBe(0);
    await expect(replies.ask(asking(), { signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that a gateway has begun are called off by a signal that names the task', async () => {
    const heard: (string | undefined)[] = [];
    const subscription = subscribeSignals({
      redis: await shard.connect({ blocking: true }),
      names: shard.names,
      logger: shard.logger,
      handlers: { onCancel: (id) => heard.push(taskOfSignal(id)) },
    });
    stops.push(async () => subscription.stop());
    await waitFor(async () => ((await redis.pubsub('NUMSUB', shard.names.cancelChannel)) as unknown[])[1] === 1);
    const { received, consumer } = await gateway(() => undefined);
    const replies = await runner();
    const abort = new AbortController();
    const reply = replies.ask(asking(), { signal: abort.signal });
    await waitFor(() => received.length === 1);
    abort.abort();
    await expect(reply).rejects.toMatchObject({ code: 'cancelled' });
    await waitFor(() => heard.length === 1);
    expect(heard).toEqual([received[0]?.task.taskId]);
    await consumer.discard(received[0] as ReceivedItem);
    expect(await pending()).toBe(0);
  });

  it('that Redis has lost are asked for in vain no longer than it takes to notice', async () => {
    const replies = await runner({ lossCheckIntervalMs: 50 });
    const [lost, kept] = [replies.ask(asking()), replies.ask(asking())];
    const kind = kept.then((reply: ItemReply) => reply.kind);
    const entries = await waitFor(async () => {
      const found = await redis.xrange(shard.names.items, '-', '+');
      return found.length === 2 ? found : undefined;
    });
    await redis.xdel(shard.names.items, entries[0]?.[0] ?? '');
    await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
    expect(replies.waiting()).toBe(1);
    await gateway(answerAll);
    expect(await kind).toBe('answered');
  });

  it('are refused where too many wait already, and pushed out by none', async () => {
    const publisher = createItemPublisher({ redis, names: shard.names, maxWaiting: 1 });
    const task = (taskId: string) => ({ ...asking(), v: 1 as const, taskId, replyTo: 'r1' });
    const [first, second] = await Promise.allSettled([publisher.publish(task('1')), publisher.publish(task('2'))]);
    expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
    await expect(publisher.publish(task('3'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(await redis.xlen(shard.names.items)).toBe(1);
  });

  it('that wait when the runner stops are given back', async () => {
    const replies = await runner();
    const reply = replies.ask(asking());
    const rejected = expect(reply).rejects.toMatchObject({ code: 'unavailable' });
    await replies.stop();
    await rejected;
    await expect(replies.ask(asking())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

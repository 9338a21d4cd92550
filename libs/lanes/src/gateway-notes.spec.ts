import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import { createNotePublisher, subscribeNotes, type GatewayNote } from './gateway-notes';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('notes between gateways', () => {
  let shard: SpecShard;
  let redis: Redis;
  let subscriber: Redis;
  let heard: GatewayNote[];
  let fail: boolean;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    [redis, subscriber] = [await shard.connect(), await shard.connect({ blocking: true })];
    heard = [];
    fail = false;
    const onNote = (note: GatewayNote): void => {
      if (fail && heard.length === 0) {
        fail = false;
        throw new Error('this note cannot be acted on');
      }
      heard.push(note);
    };
    subscribeNotes({ redis: subscriber, names: shard.names, gatewayId: 'g1', logger: shard.logger, onNote });
    await subscribed();
  });
  afterEach(() => shard.remove());

  const subscribed = () =>
    waitFor(async () => Number((await redis.pubsub('NUMSUB', shard.names.notesChannel('g1')))[1]) === 1);
  const joined = (relay: string): GatewayNote => ({ kind: 'joined', from: 'g2', relay });

  it('arrive in order, those of one tick in one message, at the gateway that they are for', async () => {
    const messages: string[] = [];
    subscriber.on('message', (_, text: string) => messages.push(text));
    const notes = createNotePublisher({ redis, names: shard.names });
    notes.say('g9', joined('for another'));
    for (const relay of ['~0', '~1', '~2']) notes.say('g1', joined(relay));
    await notes.idle();
    await waitFor(() => heard.length === 3);
    expect(heard).toEqual(['~0', '~1', '~2'].map(joined));
    expect(messages).toHaveLength(1);
  });

  it('that cannot be read, are of another version or cannot be acted on, hold up no others', async () => {
    const channel = shard.names.notesChannel('g1');
    fail = true;
    await redis.publish(channel, '{');
    await redis.publish(channel, JSON.stringify({ v: 2, notes: [joined('of another version')] }));
    await redis.publish(channel, JSON.stringify({ v: 1, notes: [joined('fails'), joined('~1')] }));
    await waitFor(() => heard.length > 0);
    expect(heard).toEqual([joined('~1')]);
  });

  it('arrive again after the connection was lost', async () => {
    subscriber.disconnect(true);
    await waitFor(() => subscriber.status !== 'ready');
    await waitFor(() => subscriber.status === 'ready');
    await subscribed();
    createNotePublisher({ redis, names: shard.names }).say('g1', joined('~0'));
    await waitFor(() => heard.length === 1);
  });

  it('are lost without harm when Redis is away', async () => {
    redis.disconnect();
    await waitFor(() => redis.status === 'end');
    const notes = createNotePublisher({ redis, names: shard.names });
    notes.say('g1', joined('~0'));
    await notes.idle();
    redis = await shard.connect();
    expect(heard).toEqual([]);
  });
});

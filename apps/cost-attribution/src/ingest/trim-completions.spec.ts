import { describeWithRedis, startTestStream, type TestStream } from '../testing/test-stream';
import { measureLag } from './measure-lag';
import { readGroups } from './stream-groups';
import { keepFrom, trimCompletions } from './trim-completions';

const required = ['cost-attribution', 'cache'];
const group = (name: string, unfinishedFrom: string) => ({ name, pending: 0, unfinishedFrom });

describe('first entry to keep', () => {
  it('is the one that the slowest group has yet to finish', () => {
    const groups = [group('cache', '5-10'), group('cost-attribution', '5-9'), group('audit', '7-0')];
    expect(keepFrom(groups, required)).toBe('5-9');
    expect(keepFrom([...groups, group('slow', '1-1')], required)).toBe('1-1');
  });

  it('is unknown while a group that will read does not exist', () => {
    expect(keepFrom([group('cost-attribution', '5-9')], required)).toBeUndefined();
    expect(keepFrom([], required)).toBeUndefined();
  });
});

describeWithRedis('trimming the completions stream', () => {
  let test: TestStream;
  let ids: string[];
  const stream = () => test.names.completions;
  const read = (name: string, count: number) =>
    test.redis.xreadgroup('GROUP', name, 'c1', 'COUNT', count, 'STREAMS', stream(), '>');
  const ack = (name: string, ...acked: (string | undefined)[]) =>
    test.redis.xack(stream(), name, ...acked.map((id) => id ?? ''));
  const trim = async () => trimCompletions(test.redis, stream(), await readGroups(test.redis, stream()), required);
  const oldest = async () => (await test.redis.xrange(stream(), '-', '+', 'COUNT', 1))[0]?.[0];
  // Redis trims whole nodes; an entry this large has one of its own, so that the tests see every entry.
  const filler = 'x'.repeat(5_000);

  beforeEach(async () => {
    test = await startTestStream();
    ids = [];
    for (let i = 0; i < 6; i++) ids.push(String(await test.redis.xadd(stream(), '*', 'm', filler)));
  });
  afterEach(() => test.end());

  it('does nothing where there is no stream', async () => {
    await test.redis.del(stream());
    expect(await trim()).toBe(0);
    expect(await measureLag(test.redis, stream(), [], 'cost-attribution')).toMatchObject({
      streamEntries: 0,
      ageSeconds: 0,
    });
  });

  it('keeps everything until both groups exist', async () => {
    await test.redis.xgroup('CREATE', stream(), 'cost-attribution', '0');
    await read('cost-attribution', 6);
    await ack('cost-attribution', ...ids);
    expect(await trim()).toBe(0);
    expect(await oldest()).toBe(ids[0]);
  });

  it('keeps what one group has not read and what another has not acknowledged', async () => {
    for (const name of required) await test.redis.xgroup('CREATE', stream(), name, '0');
    await read('cost-attribution', 6);
    await read('cache', 3);
    await ack('cache', ...ids.slice(0, 3));
    await ack('cost-attribution', ids[0], ids[2]);
    await trim();
    expect(await oldest()).toBe(ids[1]);
    await ack('cost-attribution', ...ids);
    await trim();
    expect(await oldest()).toBe(ids[3]);
    await read('cache', 6);
    await ack('cache', ...ids);
    await trim();
    expect(await test.redis.xlen(stream())).toBe(0);
  });

  it('measures how far a group is behind', async () => {
    await test.redis.xgroup('CREATE', stream(), 'cost-attribution', '0');
    await read('cost-attribution', 2);
    await ack('cost-attribution', ids[0]);
    const groups = await readGroups(test.redis, stream());
    const lag = await measureLag(test.redis, stream(), groups, 'cost-attribution');
    expect(lag).toMatchObject({ unreadEntries: 4, pendingEntries: 1, streamEntries: 6 });
    expect(lag.ageSeconds).toBeGreaterThanOrEqual(0);
    expect(lag.ageSeconds).toBeLessThan(60);
  });
});

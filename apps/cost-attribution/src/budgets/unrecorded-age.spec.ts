import { consumerGroups } from '@costlane/contracts';
import { describeWithRedis, startTestStream, testRecord, type TestStream } from '../testing/test-stream';
import { unrecordedAgeMs } from './unrecorded-age';

const group = consumerGroups.ledger;

describeWithRedis('the age of what is not on record', () => {
  let test: TestStream;
  const age = () => unrecordedAgeMs(test.redis, test.names.completions);
  const addAt = async (timeMs: number) =>
    String(await test.redis.xadd(test.names.completions, `${timeMs}-0`, 'r', JSON.stringify(testRecord('req_1'))));
  const read = () => test.redis.xreadgroup('GROUP', group, 'c1', 'COUNT', 1, 'STREAMS', test.names.completions, '>');
  const now = async () => Number((await test.redis.time())[0]) * 1_000;

  beforeEach(async () => void (test = await startTestStream()));
  afterEach(() => test.end());

  it('is none where there is no stream, and all of it where nobody reads it yet', async () => {
    expect(await age()).toBe(0);
    await addAt((await now()) - 60_000);
    expect(Math.abs((await age()) - 60_000)).toBeLessThan(3_000);
  });

  it('is that of the oldest entry that is not read or not acknowledged', async () => {
    await test.redis.xgroup('CREATE', test.names.completions, group, '0', 'MKSTREAM');
    const start = await now();
    const first = await addAt(start - 60_000);
    await addAt(start - 20_000);
    await read();
    expect(Math.abs((await age()) - 60_000)).toBeLessThan(3_000);
    // Taken off the stream before anybody has put it on record: as old as ever.
    await test.redis.xdel(test.names.completions, first);
    expect(Math.abs((await age()) - 60_000)).toBeLessThan(3_000);
    await test.redis.xack(test.names.completions, group, first);
    expect(Math.abs((await age()) - 20_000)).toBeLessThan(3_000);
    await read();
    expect(Math.abs((await age()) - 20_000)).toBeLessThan(3_000);
    await test.redis.xack(test.names.completions, group, `${start - 20_000}-0`);
    expect(await age()).toBe(0);
  });

  it('is not known while Redis is away', async () => {
    await test.end();
    await expect(age()).rejects.toThrow();
    test = await startTestStream();
  });
});

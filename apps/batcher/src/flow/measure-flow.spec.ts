import { streamNames } from '@costlane/contracts';
import type { Redis } from '@costlane/platform';
import { measureStreams } from './measure-flow';

/** A Redis whose clock differs from this host's, with one entry in the express lane that came `ageMs` ago by its clock. */
function redisBehind(clockBehindMs: number, ageMs: number): Redis {
  const redisMs = (): number => Date.now() - clockBehindMs;
  const replies: unknown[] = [];
  const id = `${Math.floor(redisMs() - ageMs)}-0`;
  const queue = (reply: unknown) => () => (replies.push(reply), pipeline);
  const pipeline = {
    xlen: () => queue(replies.length === 0 ? 1 : 0)(),
    xpending: () => queue(replies.length === 1 ? [1, id, id, []] : [0, null, null, null])(),
    time: () => queue([Math.floor(redisMs() / 1_000), (redisMs() % 1_000) * 1_000])(),
    exec: () => Promise.resolve(replies.map((reply) => [null, reply])),
  };
  return { pipeline: () => pipeline } as unknown as Redis;
}

describe('measureStreams', () => {
  it.each([5_000, 0, -5_000])(
    'tells ages by the clock of Redis, of which this host is %d ms ahead',
    async (aheadMs) => {
      const { lanes, clockAheadMs } = await measureStreams(redisBehind(aheadMs, 40), streamNames('spec'), []);
      expect(lanes.express.depth).toBe(1);
      expect(Math.abs(lanes.express.oldestAgeMs - 40)).toBeLessThan(25);
      expect(Math.abs(clockAheadMs - aheadMs)).toBeLessThan(25);
    },
  );
});

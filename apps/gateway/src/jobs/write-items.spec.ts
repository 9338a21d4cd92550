import type { NewItem } from '@costlane/ledger';
import { createHandInLimit, createTurnstile, writeItems } from './write-items';

const ref = { tenantId: 'acme', jobId: 'j' };
async function* itemsOf(count: number, sizeBytes: number): AsyncGenerator<NewItem> {
  for (let i = 0; i < count; i += 1) yield { customId: String(i), request: Buffer.alloc(sizeBytes) };
}

describe('items on their way into a job', () => {
  const recording = () => {
    const chunks: { first: number; ids: string[] }[] = [];
    const addItems = async (_ref: object, items: Iterable<NewItem> | AsyncIterable<NewItem>, options = {}) => {
      const ids = [...(items as NewItem[])].map(({ customId }) => String(customId));
      chunks.push({ first: (options as { firstIndex: number }).firstIndex, ids });
      return ids.length;
    };
    return { chunks, store: { addItems } };
  };

  it.each([
    ['few', 3, 10, [3]],
    ['many', 2_500, 10, [1_000, 1_000, 500]],
    ['large ones', 5, 1_100_000, [2, 2, 1]],
    ['none', 0, 1, []],
  ])('are written in chunks, in their order: %s', async (_name, count, sizeBytes, sizes) => {
    const { chunks, store } = recording();
    expect(await writeItems(store, ref, itemsOf(count, sizeBytes), createTurnstile(1))).toBe(count);
    expect(chunks.map(({ ids }) => ids.length)).toEqual(sizes);
    expect(chunks.flatMap(({ ids }) => ids)).toEqual(Array.from({ length: count }, (_, i) => String(i)));
    for (const { first, ids } of chunks) expect(ids[0]).toBe(String(first));
  });

  it('are written by so many at a time, in the order in which they came, whatever fails', async () => {
    const turnstile = createTurnstile(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const works = [0, 1, 2, 3].map((n) =>
      turnstile
        .pass(() => {
          begun.push(n);
          return new Promise<void>((resolve, reject) => ends.push(n === 0 ? () => reject(new Error('no')) : resolve));
        })
        .catch(() => undefined),
    );
    await Promise.resolve();
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await works[0];
    expect(begun).toEqual([0, 1, 2]);
    ends[1]?.();
    await works[1];
    ends[2]?.();
    ends[3]?.();
    await Promise.all(works);
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(await turnstile.pass(async () => 'free')).toBe('free');
  });

  it('are taken from so many at once, and others are told to come again', async () => {
    const limit = createHandInLimit(1);
    let finish: () => void = () => undefined;
    const first = limit('a', () => new Promise<void>((resolve) => (finish = resolve)));
    await expect(limit('b', async () => 1)).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 });
    finish();
    await first;
    expect(await limit('a', async () => 2)).toBe(2);
  });

  it('leave places for other tenants', async () => {
    const limit = createHandInLimit(4);
    const ends: (() => void)[] = [];
    const held = [1, 2, 3].map(() => limit('slow', () => new Promise<void>((resolve) => ends.push(resolve))));
    await expect(limit('slow', async () => 1)).rejects.toMatchObject({ code: 'overloaded' });
    expect(await limit('other', async () => 2)).toBe(2);
    ends.forEach((end) => end());
    await Promise.all(held);
    expect(await limit('slow', async () => 3)).toBe(3);
  });
});

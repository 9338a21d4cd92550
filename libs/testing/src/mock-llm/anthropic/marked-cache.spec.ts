import { MarkedCache, type BlockEnd } from './marked-cache';

const minuteMs = 60_000;

/** Blocks of 1,000 tokens each, marked as given. */
const blocks = (...marks: BlockEnd['mark'][]): BlockEnd[] =>
  marks.map((mark, i) => ({ hash: i + 1, tokens: (i + 1) * 1_000, mark }));

describe('MarkedCache', () => {
  it('writes up to each mark with its lifetime, and reads the longest prefix that is there', () => {
    const cache = new MarkedCache(10);
    const marked = blocks(undefined, 'long', undefined, 'short');
    expect(cache.use(marked, 0)).toEqual({ readTokens: 0, longWriteTokens: 2_000, shortWriteTokens: 2_000 });
    expect(cache.use(marked, 1)).toEqual({ readTokens: 4_000, longWriteTokens: 0, shortWriteTokens: 0 });
  });

  it('lets a prefix live for its time, and a read renews it', () => {
    const cache = new MarkedCache(10);
    const marked = blocks(undefined, 'long', 'short');
    cache.use(marked, 0);
    expect(cache.use(marked, 4 * minuteMs).readTokens).toBe(3_000);
    expect(cache.use(marked, 8 * minuteMs).readTokens).toBe(3_000);
    expect(cache.use(marked, 14 * minuteMs)).toEqual({
      readTokens: 2_000,
      longWriteTokens: 0,
      shortWriteTokens: 1_000,
    });
    expect(cache.use(marked, 90 * minuteMs).readTokens).toBe(0);
  });

  it('finds a prefix up to twenty blocks before a mark, and no further', () => {
    const unmarked = (count: number): undefined[] => Array.from({ length: count }, () => undefined);
    const cache = new MarkedCache(100);
    cache.use(blocks(undefined, 'short'), 0);
    expect(cache.use(blocks(undefined, undefined, ...unmarked(19), 'short'), 1).readTokens).toBe(2_000);
    const other = new MarkedCache(100);
    other.use(blocks(undefined, 'short'), 0);
    expect(other.use(blocks(undefined, undefined, ...unmarked(20), 'short'), 1).readTokens).toBe(0);
  });

  it('caches nothing that is short, or not marked', () => {
    const cache = new MarkedCache(10);
    const nothing = { readTokens: 0, longWriteTokens: 0, shortWriteTokens: 0 };
    for (let i = 0; i < 2; i++) {
      expect(cache.use([{ hash: 1, tokens: 1_000, mark: 'short' }], i)).toEqual(nothing);
      expect(cache.use(blocks(undefined, undefined), i)).toEqual(nothing);
    }
  });

  it('forgets the oldest prefix when it is full', () => {
    const cache = new MarkedCache(1);
    const first: BlockEnd[] = [{ hash: 1, tokens: 2_000, mark: 'short' }];
    cache.use(first, 0);
    cache.use([{ hash: 2, tokens: 2_000, mark: 'short' }], 0);
    expect(cache.use(first, 0).readTokens).toBe(0);
  });
});

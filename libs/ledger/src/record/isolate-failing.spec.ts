import { isolateFailing } from './isolate-failing';

class ItemError extends Error {}
const isItemError = (error: unknown): boolean => error instanceof ItemError;

/** Takes a batch or fails on it when it holds a poisoned number. */
function sink(poisoned: readonly number[]) {
  const taken: number[] = [];
  let attempts = 0;
  const attempt = (items: readonly number[]): Promise<number> => {
    attempts++;
    if (items.some((item) => poisoned.includes(item))) return Promise.reject(new ItemError('poisoned'));
    taken.push(...items);
    return Promise.resolve(items.length);
  };
  return { attempt, taken, attempts: () => attempts };
}

const numbers = Array.from({ length: 100 }, (_, i) => i);

describe('isolate failing', () => {
  it('hands a sound batch over once', async () => {
    const { attempt, attempts } = sink([]);
    expect(await isolateFailing(numbers, attempt, isItemError)).toEqual({ results: [100], failed: [] });
    expect(attempts()).toBe(1);
  });

  it.each([[[0]], [[99]], [[3, 4, 50]], [numbers]])('finds exactly the poisoned items %j', async (poisoned) => {
    const { attempt, taken } = sink(poisoned);
    const { results, failed } = await isolateFailing(numbers, attempt, isItemError);
    expect(failed.map(({ item }) => item)).toEqual(poisoned);
    expect(taken).toEqual(numbers.filter((item) => !poisoned.includes(item)));
    expect(results.reduce((sum, count) => sum + count, 0)).toBe(taken.length);
  });

  it('needs about twice the logarithm of the batch for one poisoned item', async () => {
    const { attempt, attempts } = sink([42]);
    await isolateFailing(numbers, attempt, isItemError);
    expect(attempts()).toBeLessThanOrEqual(16);
  });

  it('tries an item that failed alone once more before it gives it up', async () => {
    let isFirst = true;
    const flaky = (items: readonly number[]): Promise<number> => {
      if (!isFirst) return Promise.resolve(items.length);
      isFirst = false;
      return Promise.reject(new ItemError('a partition was attached meanwhile'));
    };
    expect(await isolateFailing([1], flaky, isItemError)).toEqual({ results: [1], failed: [] });
  });

  it('throws on what is no fault of an item', async () => {
    const away = () => Promise.reject(new Error('connection lost'));
    await expect(isolateFailing(numbers, away, isItemError)).rejects.toThrow('connection lost');
  });

  it('does nothing with nothing', async () => {
    const { attempt, attempts } = sink([]);
    expect(await isolateFailing([], attempt, isItemError)).toEqual({ results: [], failed: [] });
    expect(attempts()).toBe(0);
  });
});

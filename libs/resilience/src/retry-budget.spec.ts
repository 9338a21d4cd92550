import { jitteredDelayMs } from './jittered-delay';
import { RetryBudget } from './retry-budget';

const spendAll = (budget: RetryBudget): number => {
  let spent = 0;
  while (budget.trySpend()) spent++;
  return spent;
};

describe('RetryBudget', () => {
  it('allows its reserve at once and then a tenth of the requests', () => {
    const budget = new RetryBudget({ ratio: 0.1, reserve: 3 });
    expect(spendAll(budget)).toBe(3);
    for (let i = 0; i < 100; i++) budget.earn();
    expect(spendAll(budget)).toBe(10);
  });

  it('saves up no more than it may', () => {
    const budget = new RetryBudget({ ratio: 0.1, reserve: 0, maxSaved: 5 });
    for (let i = 0; i < 1_000; i++) budget.earn();
    expect(spendAll(budget)).toBe(5);
  });
});

describe('jitteredDelayMs', () => {
  it('doubles with every retry up to the limit, and never goes below a quarter', () => {
    expect(jitteredDelayMs(1, 100, 1_000, () => 1)).toBe(100);
    expect(jitteredDelayMs(3, 100, 1_000, () => 1)).toBe(400);
    expect(jitteredDelayMs(9, 100, 1_000, () => 1)).toBe(1_000);
    expect(jitteredDelayMs(1, 100, 1_000, () => 0)).toBe(25);
  });
});

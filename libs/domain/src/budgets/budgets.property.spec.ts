import { simulateBudgets, type BudgetRun, type BudgetScenario } from './testing/simulate-budgets';

const SEEDS = 100;

function runs(scenario: Omit<BudgetScenario, 'seed'>, seeds = SEEDS): BudgetRun[] {
  const all: BudgetRun[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const run = simulateBudgets({ seed, isJudged: seed % 3 === 0, ...scenario });
    if (run.faults.length > 0) throw new Error(`seed ${seed}: ${run.faults.length} faults, first ${run.faults[0]}`);
    all.push(run);
  }
  return all;
}

const sumOf = (all: readonly BudgetRun[], outcome: string): number =>
  all.reduce((sum, { outcomes }) => sum + (outcomes[outcome] ?? 0), 0);

describe('budgets over several gateways', () => {
  it('keep every limit at every moment, refuse nobody while there is room and leak nothing: 1,000 requests x 100 seeds', () => {
    const all = runs({ lostShare: 0, lateShare: 0 });
    for (const run of all) expect(run).toMatchObject({ outstandingNanoUsd: 0, isAllSettled: true });
    // Both happen, or nothing was shown.
    expect(sumOf(all, 'reserved')).toBeGreaterThan(SEEDS * 100);
    expect(sumOf(all, 'refused')).toBeGreaterThan(SEEDS * 100);
    expect(sumOf(all, 'unreachable')).toBe(0);
  }, 600_000);

  it('keep them where messages get lost or come seconds late, and gateways go down', () => {
    const all = runs({ lostShare: 0.02, lateShare: 0.02, crashes: 1 }, 30);
    for (const run of all) expect(run).toMatchObject({ outstandingNanoUsd: 0, isAllSettled: true });
    expect(sumOf(all, 'unreachable')).toBeGreaterThan(0);
    expect(sumOf(all, 'reserved')).toBeGreaterThan(30 * 100);
  }, 300_000);
});

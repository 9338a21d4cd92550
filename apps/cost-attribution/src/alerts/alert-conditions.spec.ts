import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Budget, BudgetAccount } from '@costlane/contracts';
import { createMetrics } from '@costlane/platform';
import { quiet } from '../testing/test-stream';
import { collectConditions, type AlertSignals, type ConditionDeps } from './alert-conditions';
import { builtInRules, type AlertRules } from './alert-rules';
import type { AlertRuleName } from './alert-types';
import { createOwnSignals } from './own-signals';
import { createRulesFile, readRules } from './rules-file';

const USD = 1_000_000_000;
const MINUTE = 60_000;

const budget = (changes: Partial<Budget> = {}) =>
  ({
    ...{ id: 'b1', tenantId: 'acme', scope: 'team', scopeId: 'ml', period: 'month' },
    ...{ limitNanoUsd: 100 * USD, softLimitNanoUsd: 0, ...changes },
  }) as Budget;
const account = (postedUsd: number, changes: Partial<BudgetAccount> = {}) =>
  ({ budgetId: 'b1', subject: 'ml', periodStartMs: 0, postedNanoUsd: postedUsd * USD, ...changes }) as BudgetAccount;

interface World {
  budgets?: Budget[];
  accounts?: BudgetAccount[];
  signals?: Partial<AlertSignals>;
  userSpend?: { tenantId: string; userId: string; spentNanoUsd: bigint }[];
  asked?: unknown[];
}

function depsOf({ budgets = [], accounts = [], signals = {}, userSpend = [], asked = [] }: World): ConditionDeps {
  const none = () => Promise.resolve([]);
  const ask =
    <Rows>(rows: Rows) =>
    (least: unknown): Promise<Rows> => {
      asked.push(least);
      return Promise.resolve(rows);
    };
  const hitRates = [
    { tenantId: '*', requests: 2_000, hits: 900 },
    { tenantId: 'acme', requests: 1_500, hits: 300 },
  ];
  const alertFacts = { limit: 2, daySpend: ask([]), userSpend: ask(userSpend), hitRates: ask(hitRates) };
  return {
    ledger: {
      alertFacts,
      anomalies: { open: none },
      budgets: { list: () => Promise.resolve({ budgets, accounts }) },
    } as unknown as ConditionDeps['ledger'],
    signals: {
      ingestLagSeconds: () => Promise.resolve(0),
      isLedgerBalanced: () => Promise.resolve(true),
      fallbacks: none,
      holdoutSavings: none,
      ...signals,
    },
  };
}

async function conditionsOf(rule: AlertRuleName, world: World, rules: AlertRules = builtInRules) {
  const { conditions, unknown } = await collectConditions(rules, depsOf(world), (_rule, error) => {
    throw error;
  });
  return { found: conditions.filter((one) => one.rule === rule), unknown };
}

describe('rules of alerts', () => {
  it.each([
    [49.99, undefined, undefined],
    [50, 'info', 0.5],
    [79, 'info', 0.5],
    [80, 'warning', 0.8],
    [100, 'critical', 1],
    [140, 'critical', 1],
  ])('a budget of $100 of which $%d are used has passed one threshold at the most', async (used, severity, share) => {
    const { found } = await conditionsOf('budget_used', { budgets: [budget()], accounts: [account(used)] });
    if (severity === undefined) expect(found).toEqual([]);
    else expect(found).toMatchObject([{ tenantId: 'acme', scope: `b1/ml/0/${share}`, severity }]);
  });

  it('every account of a budget counts by itself, and a budget of nothing has no thresholds', async () => {
    const budgets = [budget(), budget({ id: 'b2', limitNanoUsd: 0 })];
    const accounts = [account(90), account(60, { subject: 'web' }), account(5, { budgetId: 'b2' })];
    const { found } = await conditionsOf('budget_used', { budgets, accounts });
    expect(found.map(({ scope }) => scope)).toEqual(['b1/ml/0/0.8', 'b1/web/0/0.5']);
  });

  it('a soft limit is passed when it is reached, and one of nothing never is', async () => {
    const budgets = [budget({ softLimitNanoUsd: 70 * USD }), budget({ id: 'b2' })];
    const scopesAt = async (usd: number) => {
      const accounts = [account(usd), account(usd, { budgetId: 'b2' })];
      const { found } = await conditionsOf('budget_soft_limit', { budgets, accounts });
      return found.map(({ scope, summary }) => [scope, summary]);
    };
    expect(await scopesAt(69.99)).toEqual([]);
    expect(await scopesAt(70)).toEqual([
      ['b1/ml/0', "The month's budget of team ml has passed its soft limit of $70.00."],
    ]);
  });

  it('measured savings are too low only where the upper end of their interval is', async () => {
    const shares = [
      { tenantId: '*', share: 0.1, upper: 0.25 },
      { tenantId: 'acme', share: 0.1, upper: 0.19 },
    ];
    const signals = { holdoutSavings: () => Promise.resolve(shares) };
    const { found } = await conditionsOf('holdout_savings', { signals });
    expect(found).toMatchObject([{ tenantId: 'acme', summary: expect.stringContaining('10 % (at most 19 %)') }]);
  });

  it('fallbacks fire from as many on as the rule says', async () => {
    const told = [
      { service: 'gateway', kind: 'memory_only', count: 3 },
      { service: 'provider-worker', kind: 'model_fallback', count: 1 },
    ];
    const signals = { fallbacks: () => Promise.resolve(told) };
    expect((await conditionsOf('fallback_mode', { signals })).found).toHaveLength(2);
    const rules = readRules('rules: { fallback_mode: { least_count: 2 } }');
    expect((await conditionsOf('fallback_mode', { signals }, rules)).found).toMatchObject([
      { tenantId: '', scope: 'gateway/memory_only', severity: 'warning' },
    ]);
    const other = readRules('rules: { fallback_mode: { except: [gateway/memory_only] } }');
    expect((await conditionsOf('fallback_mode', { signals }, other)).found).toMatchObject([
      { scope: 'provider-worker/model_fallback' },
    ]);
  });

  it('ask the ledger for what they say, and name the deployment by no tenant', async () => {
    const asked: unknown[] = [];
    const text =
      'rules: { day_spend: { limit_usd: 2.5 }, user_spend: { limit_usd: 0.1 }, hit_rate: { least_rate: 0.5 } }';
    const { found } = await conditionsOf('hit_rate', { asked }, readRules(text));
    expect(asked).toEqual([2_500_000_000n, 100_000_000n, 1_000]);
    expect(found.map(({ tenantId }) => tenantId)).toEqual(['', 'acme']);
  });

  it('what a list that was cut does not name is not over', async () => {
    const userSpend = ['ann', 'bob'].map((userId) => ({ tenantId: 'acme', userId, spentNanoUsd: 11_000_000_000n }));
    expect((await conditionsOf('user_spend', { userSpend })).unknown).toContain('user_spend');
    expect((await conditionsOf('user_spend', { userSpend: userSpend.slice(1) })).unknown).not.toContain('user_spend');
  });
});

describe('fallbacks that services have written', () => {
  it('are news by how many there are more, and none after a time in which another instance has looked', async () => {
    let counts: Record<string, string> = { 'gateway/memory_only': '5' };
    let now = 0;
    const redis = { hgetall: () => Promise.resolve(counts) };
    const signals = createOwnSignals({
      metrics: createMetrics({ service: 'test' }),
      redis: redis as never,
      intervalMs: MINUTE,
      now: () => now,
    });
    expect(await signals.fallbacks()).toEqual([]);
    now += MINUTE;
    counts = { 'gateway/memory_only': '7', 'router/price_list_stale': '1' };
    expect(await signals.fallbacks()).toEqual([
      { service: 'gateway', kind: 'memory_only', count: 2 },
      { service: 'router', kind: 'price_list_stale', count: 1 },
    ]);
    now += 60 * MINUTE;
    counts = { 'gateway/memory_only': '90' };
    expect(await signals.fallbacks()).toEqual([]);
    now += MINUTE;
    expect(await signals.fallbacks()).toEqual([]);
  });
});

describe('a file of rules', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'costlane-rules-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is read again when it has changed; one that does not hold or is gone changes nothing', async () => {
    const file = path.join(folder, 'rules.yaml');
    const rules = createRulesFile(file, quiet);
    let seconds = 1_000;
    const write = async (text: string): Promise<void> => {
      await writeFile(file, text);
      await utimes(file, ++seconds, seconds);
    };
    const limit = async (): Promise<number> => (await rules()).day_spend.limit_usd;
    expect(await limit()).toBe(500);
    await write('rules: { day_spend: { limit_usd: 100 } }');
    expect(await limit()).toBe(100);
    await write('rules: { day_spend: { limit_usd: 200 } }');
    expect(await limit()).toBe(200);
    await write('rules: { day_spend: { limit_usd: none } }');
    expect(await limit()).toBe(200);
    await rm(file);
    expect(await limit()).toBe(200);
    await write('rules: { day_spend: { limit_usd: 300 } }');
    expect(await limit()).toBe(300);
  });
});

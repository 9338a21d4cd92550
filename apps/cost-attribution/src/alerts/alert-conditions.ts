import type { BudgetAccount, ListBudgetsReply } from '@costlane/contracts';
import { anomalySeverities } from '@costlane/domain';
import type { Ledger, StoredAnomaly } from '@costlane/ledger';
import type { AlertRules } from './alert-rules';
import type { AlertCondition, AlertRuleName } from './alert-types';

const NANO = 1_000_000_000;
const DEPLOYMENT = '*';

/** What other parts of this service know, beside the ledger. Undefined: not known here. */
export interface AlertSignals {
  ingestLagSeconds(): Promise<number | undefined>;
  isLedgerBalanced(): Promise<boolean | undefined>;
  /** Counts of the last minutes, by service and kind. */
  fallbacks(): Promise<{ service: string; kind: string; count: number }[]>;
  /** Measured saving as a share of the baseline: the upper end of its interval; undefined while it is not measured. */
  holdoutSavings(): Promise<{ tenantId: string; share: number; upper: number }[]>;
}

export interface ConditionDeps {
  ledger: Pick<Ledger, 'alertFacts' | 'anomalies' | 'budgets'>;
  signals: AlertSignals;
}

type Found = Omit<AlertCondition, 'rule' | 'severity'> & Partial<Pick<AlertCondition, 'severity'>>;
type Collectors = { [Name in AlertRuleName]: (rule: AlertRules[Name], deps: ConditionDeps) => Promise<Found[]> };

const tenantOf = (tenantId: string): string => (tenantId === DEPLOYMENT ? '' : tenantId);
const nameOf = (tenantId: string): string => (tenantId === DEPLOYMENT ? 'The deployment' : `Tenant ${tenantId}`);
const usd = (amountNanoUsd: number): string => (amountNanoUsd / NANO).toFixed(2);
const nanoOf = (amountUsd: number): bigint => BigInt(Math.round(amountUsd * NANO));
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const collectors: Collectors = {
  day_spend: async (rule, { ledger }) =>
    (await ledger.alertFacts.daySpend(nanoOf(rule.limit_usd))).map(({ tenantId, spentNanoUsd }) => ({
      tenantId: tenantOf(tenantId),
      scope: '',
      summary: `${nameOf(tenantId)} has spent $${usd(Number(spentNanoUsd))} today, more than $${rule.limit_usd}.`,
    })),

  user_spend: async (rule, { ledger }) =>
    (await ledger.alertFacts.userSpend(nanoOf(rule.limit_usd))).map(({ tenantId, userId, spentNanoUsd }) => ({
      tenantId,
      scope: userId,
      summary: `User ${userId} has spent $${usd(Number(spentNanoUsd))} today, more than $${rule.limit_usd}.`,
    })),

  hit_rate: async (rule, { ledger }) =>
    (await ledger.alertFacts.hitRates(rule.least_requests_per_hour))
      .filter(({ hits, requests }) => hits / requests < rule.least_rate)
      .map(({ tenantId, hits, requests }) => ({
        tenantId: tenantOf(tenantId),
        scope: '',
        summary: `${nameOf(tenantId)}: ${percent(hits / requests)} of ${requests} requests since the last full hour began came from caches, less than ${percent(rule.least_rate)}.`,
      })),

  budget_used: async (rule, { ledger }) => budgetsUsed(await ledger.budgets.list(), rule.shares),

  budget_soft_limit: async (_rule, { ledger }) => softLimitsPassed(await ledger.budgets.list()),

  fallback_mode: async (rule, { signals }) =>
    (await signals.fallbacks())
      .filter(({ count }) => count >= rule.least_count)
      .filter(({ service, kind }) => !rule.except.includes(`${service}/${kind}`))
      .map(({ service, kind }) => ({
        tenantId: '',
        scope: `${service}/${kind}`,
        summary: `${service} serves by second-best means: ${kind}.`,
      })),

  holdout_savings: async (rule, { signals }) =>
    (await signals.holdoutSavings())
      .filter(({ upper }) => upper < rule.least_share)
      .map(({ tenantId, share, upper }) => ({
        tenantId: tenantOf(tenantId),
        scope: '',
        summary: `${nameOf(tenantId)}: the holdout shows savings of ${percent(share)} (at most ${percent(upper)}), below ${percent(rule.least_share)}.`,
      })),

  anomaly: async (rule, { ledger }) =>
    (await ledger.anomalies.open())
      .filter((anomaly) => isTold(anomaly, rule))
      .map((anomaly) => ({
        tenantId: anomaly.tenantId,
        scope: anomaly.id,
        severity: anomaly.severity,
        summary: anomaly.explanation,
      })),

  ledger_unbalanced: async (_rule, { signals }) =>
    (await signals.isLedgerBalanced()) === false
      ? [{ tenantId: '', scope: '', summary: 'The nightly check found that the ledger does not add up.' }]
      : [],

  ingest_lag: async (rule, { signals }) => {
    const lag = await signals.ingestLagSeconds();
    if (lag === undefined || lag <= rule.most_seconds) return [];
    const summary = `Finished requests wait ${Math.round(lag)} s to be on record, more than ${rule.most_seconds} s.`;
    return [{ tenantId: '', scope: '', summary }];
  },
};

/** An anomaly that somebody has judged needs nobody's attention any more. */
const isTold = ({ severity, verdict }: StoredAnomaly, { least_severity: least }: AlertRules['anomaly']): boolean =>
  verdict === undefined && anomalySeverities.indexOf(severity) >= anomalySeverities.indexOf(least);

/** The highest threshold that is passed, of each account. */
function budgetsUsed({ budgets, accounts }: ListBudgetsReply, shares: readonly number[]): Found[] {
  const byId = new Map(budgets.map((budget) => [budget.id, budget]));
  return accounts.flatMap((account) => {
    const budget = byId.get(account.budgetId);
    if (!budget || !(budget.limitNanoUsd > 0)) return [];
    const used = account.postedNanoUsd / budget.limitNanoUsd;
    const passed = shares.filter((share) => used >= share);
    if (passed.length === 0) return [];
    const share = Math.max(...passed);
    const severity = share >= 1 ? ('critical' as const) : share >= 0.8 ? ('warning' as const) : ('info' as const);
    const who = `The ${budget.period}'s budget of ${subjectOf(budget.scope, account)}`;
    return [
      {
        tenantId: budget.tenantId,
        scope: `${account.budgetId}/${account.subject}/${account.periodStartMs}/${share}`,
        severity,
        summary: `${who} is used to ${percent(used)}: $${usd(account.postedNanoUsd)} of $${usd(budget.limitNanoUsd)}.`,
      },
    ];
  });
}

function softLimitsPassed({ budgets, accounts }: ListBudgetsReply): Found[] {
  const byId = new Map(budgets.map((budget) => [budget.id, budget]));
  return accounts.flatMap((account) => {
    const budget = byId.get(account.budgetId);
    if (!budget || !(budget.softLimitNanoUsd > 0) || account.postedNanoUsd < budget.softLimitNanoUsd) return [];
    const who = `The ${budget.period}'s budget of ${subjectOf(budget.scope, account)}`;
    return [
      {
        tenantId: budget.tenantId,
        scope: `${account.budgetId}/${account.subject}/${account.periodStartMs}`,
        summary: `${who} has passed its soft limit of $${usd(budget.softLimitNanoUsd)}.`,
      },
    ];
  });
}

const subjectOf = (scope: string, { subject }: Pick<BudgetAccount, 'subject'>): string =>
  subject === '' ? `the ${scope}` : `${scope} ${subject}`;

/** All conditions that hold, and the rules that could not be looked at, or not at all that they are about. */
export async function collectConditions(
  rules: AlertRules,
  deps: ConditionDeps,
  onError: (rule: AlertRuleName, error: unknown) => void,
): Promise<{ conditions: AlertCondition[]; unknown: Set<AlertRuleName> }> {
  const unknown = new Set<AlertRuleName>();
  const conditions: AlertCondition[] = [];
  const look = async <Name extends AlertRuleName>(name: Name): Promise<void> => {
    const rule = rules[name];
    if (!rule.enabled) return;
    try {
      const all = await collectors[name](rule, deps);
      for (const found of all)
        conditions.push({ severity: 'severity' in rule ? rule.severity : 'info', ...found, rule: name });
      // Of a list that was cut nobody knows what is no more on it.
      if (all.length >= deps.ledger.alertFacts.limit) unknown.add(name);
    } catch (error) {
      unknown.add(name);
      onError(name, error);
    }
  };
  // One after another: this is no reason to take all connections.
  for (const name of Object.keys(collectors) as AlertRuleName[]) await look(name);
  return { conditions, unknown };
}

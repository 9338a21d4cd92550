// Budgets of demo tenants, sized by what they spend: some with room, some nearly used up, some beyond.
import { tenantIds } from './world.mjs';

const dollar = 1_000_000_000n;

/**
 * `factor`: the limit against what the last 30 days cost (of the tenant, or of `feature`), for a `day` budget against a thirtieth of it.
 * A `scopeId` of `*` is a budget for each of the scope.
 */
const plans = [
  {
    tenantId: 'demo-alder',
    scope: 'org',
    scopeId: '',
    period: 'month',
    factor: 1.6,
    softShare: 0.8,
    onExceeded: 'alert',
  },
  {
    tenantId: 'demo-alder',
    scope: 'user',
    scopeId: '*',
    period: 'day',
    factor: 0.8,
    softShare: 0.5,
    onExceeded: 'throttle',
  },
  {
    tenantId: 'demo-birch',
    scope: 'org',
    scopeId: '',
    period: 'month',
    factor: 1.05,
    softShare: 0.8,
    onExceeded: 'alert',
  },
  {
    tenantId: 'demo-birch',
    scope: 'team',
    scopeId: 'engineering',
    feature: 'code-assistant',
    period: 'week',
    factor: 0.3,
    softShare: 0.75,
    onExceeded: 'downgrade',
  },
  {
    tenantId: 'demo-cedar',
    scope: 'org',
    scopeId: '',
    period: 'month',
    factor: 2,
    softShare: 0.5,
    onExceeded: 'block',
  },
  {
    tenantId: 'demo-hazel',
    scope: 'org',
    scopeId: '',
    period: 'month',
    factor: 0.8,
    softShare: 0.9,
    onExceeded: 'alert',
  },
  {
    tenantId: 'demo-hazel',
    scope: 'feature',
    scopeId: 'clause-extraction',
    feature: 'clause-extraction',
    period: 'day',
    factor: 1.5,
    softShare: 0.8,
    onExceeded: 'alert',
  },
  {
    tenantId: 'demo-maple',
    scope: 'org',
    scopeId: '',
    period: 'month',
    factor: 1.3,
    softShare: 0.8,
    onExceeded: 'downgrade',
  },
  {
    tenantId: 'demo-rowan',
    scope: 'key',
    scopeId: 'demo-key-rowan-intranet',
    feature: 'knowledge-search',
    period: 'month',
    factor: 1.2,
    softShare: 0,
    onExceeded: 'alert',
  },
];

/** Up to two figures that mean something, at least a dollar: nobody has a budget of $123.45. */
export function roundLimit(nanoUsd) {
  let step = dollar;
  while (nanoUsd > step * 100n) step *= 10n;
  const steps = (nanoUsd + step - 1n) / step;
  return (steps < 1n ? 1n : steps) * step;
}

/** Share of an amount, to a thousandth. */
const times = (nanoUsd, factor) => (nanoUsd * BigInt(Math.round(factor * 1_000))) / 1_000n;

const daysOf = { day: 30, week: 30 / 7, month: 1 };

/** The budgets as the ledger takes them. `recentPaid`: nano-dollars of the last 30 days by `tenant feature`. */
export function budgetsOf(recentPaid) {
  const paidBy = (tenantId, feature) =>
    [...recentPaid]
      .filter(([key]) => (feature ? key === `${tenantId} ${feature}` : key.startsWith(`${tenantId} `)))
      .reduce((sum, [, paid]) => sum + paid, 0n);
  return plans.map(({ feature, factor, softShare, ...plan }) => {
    // The factor of a week is of the month as well; a day's is of a thirtieth.
    const monthly = times(paidBy(plan.tenantId, feature), factor);
    const limit = roundLimit(plan.period === 'day' ? times(monthly, 1 / daysOf.day) : monthly);
    return {
      ...plan,
      limitNanoUsd: Number(limit),
      softLimitNanoUsd: Number(times(limit, softShare)),
      onUnreachable: 'open',
    };
  });
}

const isSameAccount = (a, b) =>
  a.tenantId === b.tenantId && a.scope === b.scope && a.scopeId === b.scopeId && a.period === b.period;

async function known(ledger) {
  const lists = await Promise.all(tenantIds.map((tenantId) => ledger.budgets.list(tenantId)));
  return lists.flatMap(({ budgets }) => budgets);
}

/** Puts the budgets that are not there as they should be; resolves with their number. */
export async function putBudgets(ledger, budgets) {
  const there = await known(ledger);
  let put = 0;
  for (const budget of budgets) {
    const found = there.find((each) => isSameAccount(each, budget));
    if (found && Object.entries(budget).every(([name, value]) => found[name] === value)) continue;
    await ledger.budgets.put(budget);
    put += 1;
  }
  return put;
}

/** Removes the budgets that the seed puts; others of demo tenants stay. */
export async function removeBudgets(ledger) {
  for (const found of await known(ledger))
    if (plans.some((plan) => isSameAccount(plan, found))) await ledger.budgets.remove(found.id, found.tenantId);
}

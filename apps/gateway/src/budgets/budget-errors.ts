import { CostlaneError, formatUsd, nanoUsd, type Budget, type BudgetAccount } from '@costlane/domain';

/** Who would wait longer for a period's end than that has other things to do. */
const SHORT_WAIT_MS = 3_600_000;
const CONTENDED_RETRY_MS = 1_000;

const scopeNames: Readonly<Record<Budget['scope'], string>> = {
  org: 'organisation',
  team: 'team',
  user: 'user',
  key: 'API key',
  feature: 'feature',
};
const periodNames: Readonly<Record<Budget['period'], string>> = { day: 'daily', week: 'weekly', month: 'monthly' };

/** Which budget it is, in words that say whose and for how long: `daily budget of the user "ann"`. */
export function budgetName({ budget, subject }: BudgetAccount): string {
  const whose =
    budget.scope === 'org' ? 'the organisation' : `the ${scopeNames[budget.scope]} "${subject.slice(0, 100)}"`;
  return `${periodNames[budget.period]} budget of ${whose}`;
}

const usd = (amountNanoUsd: number): string =>
  `$${formatUsd(nanoUsd(Math.round(amountNanoUsd))).replace(/0{1,7}$/, '')}`;
const isoOf = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');

/** The budget has no room for what the request may cost. */
export function exceededError(
  account: BudgetAccount,
  worstNanoUsd: number,
  isContended: boolean,
  nowMs: number,
): CostlaneError {
  const { budget, standing, periodEndMs } = account;
  const spent = standing
    ? `${usd(standing.postedNanoUsd)} of ${usd(budget.limitNanoUsd)} is spent`
    : `its limit is ${usd(budget.limitNanoUsd)}`;
  const untilEndMs = periodEndMs - nowMs;
  const waitMs = isContended ? CONTENDED_RETRY_MS : untilEndMs;
  const elsewhere = isContended ? ', the rest is set aside for requests under way' : '';
  const message =
    `The ${budgetName(account)} has no room for this request, which may cost up to ${usd(worstNanoUsd)}: ${spent}${elsewhere}. ` +
    `It begins anew at ${isoOf(periodEndMs)}. Ask for a shorter answer (max_tokens) or a cheaper model, or have an administrator raise it (POST /admin/budgets).`;
  return new CostlaneError('budget_exceeded', message, {
    retryAfterMs: waitMs <= SHORT_WAIT_MS ? Math.max(1, waitMs) : undefined,
  });
}

/** A budget that only slows down is used up, and this minute's requests are as well. */
export function throttledError(account: BudgetAccount, perMinute: number, retryAfterMs: number): CostlaneError {
  const message =
    `The ${budgetName(account)} is used up, which leaves ${perMinute} requests a minute until it begins anew at ${isoOf(account.periodEndMs)}. ` +
    'Try again in a while, or have an administrator raise it (POST /admin/budgets).';
  return new CostlaneError('rate_limited', message, { retryAfterMs });
}

/** It cannot be known whether the budget has room, and it wants nothing through then. */
export function unavailableError(account: BudgetAccount | undefined): CostlaneError {
  const which = account ? `The ${budgetName(account)}` : 'A budget';
  return new CostlaneError(
    'budget_unavailable',
    `${which} cannot be checked at the moment, and is set to let nothing through then; try again.`,
    {
      retryAfterMs: 1_000,
    },
  );
}

/** Budgets that let requests through unchecked let through a few a minute. */
export function uncheckedError(
  account: BudgetAccount | undefined,
  perMinute: number,
  retryAfterMs: number,
): CostlaneError {
  const which = account ? `The ${budgetName(account)}` : 'A budget';
  const message = `${which} cannot be checked at the moment; until it can, ${perMinute} requests a minute go through for each user.`;
  return new CostlaneError('rate_limited', message, { retryAfterMs });
}

/** What it costs is not known, so no budget can be kept. */
export function unpricedError(model: string): CostlaneError {
  const message =
    `The model "${model.slice(0, 100)}" (or one that it may fall back to) has no known price, and this request falls under a budget with a hard limit. ` +
    'Name another model, or have its price set.';
  return new CostlaneError('budget_exceeded', message, { field: 'model' });
}

export const crowdedError = (): CostlaneError =>
  new CostlaneError('overloaded', 'Too many requests wait for their budgets; try again in a moment.', {
    retryAfterMs: 1_000,
  });

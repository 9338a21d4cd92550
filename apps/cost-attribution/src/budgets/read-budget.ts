import type { Budget } from '@costlane/contracts';
import { budgetPeriods, budgetScopes, CostlaneError, exceededActions, unreachableActions } from '@costlane/domain';
import type { NewBudget } from '@costlane/ledger';

const NAME_LIMIT = 200;
const controlPattern = /\p{Cc}/u;

/**
 * A budget to be put. What it does when it is used up is `block` where nothing is said, and when it cannot be checked `open`.
 * @throws CostlaneError `invalid_request` that names the field
 */
export function readBudget(budget: Budget | undefined): NewBudget {
  if (!budget) throw refusal('budget', 'budget must be given.');
  const { tenantId, limitNanoUsd, softLimitNanoUsd } = budget;
  const scope = oneOf('scope', budget.scope, budgetScopes);
  if (tenantId === '') throw refusal('tenant_id', 'tenant_id must name the tenant whose budget it is.');
  checkName('tenant_id', tenantId);
  checkName('scope_id', budget.scopeId);
  if (scope === 'org' && budget.scopeId !== '')
    throw refusal('scope_id', 'scope_id must be empty for an org: its budget is for all of the tenant.');
  if (scope !== 'org' && budget.scopeId === '')
    throw refusal('scope_id', `scope_id must name the ${scope}, or be * for a budget that each ${scope} has.`);
  checkAmount('limit_nano_usd', limitNanoUsd);
  checkAmount('soft_limit_nano_usd', softLimitNanoUsd);
  if (softLimitNanoUsd > limitNanoUsd)
    throw refusal('soft_limit_nano_usd', 'soft_limit_nano_usd must not be above limit_nano_usd; 0 is none.');
  return {
    scope,
    tenantId,
    scopeId: budget.scopeId,
    period: oneOf('period', budget.period, budgetPeriods),
    limitNanoUsd,
    softLimitNanoUsd,
    onExceeded: oneOf('on_exceeded', budget.onExceeded || 'block', exceededActions),
    onUnreachable: oneOf('on_unreachable', budget.onUnreachable || 'open', unreachableActions),
  };
}

function oneOf<T extends string>(field: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw refusal(field, `${field} must be one of ${allowed.join(', ')}.`);
  return found;
}

/** @throws CostlaneError `invalid_request` */
export function checkName(field: string, name: string): void {
  if (name.length > NAME_LIMIT) throw refusal(field, `${field} must have at most ${NAME_LIMIT} characters.`);
  if (controlPattern.test(name)) throw refusal(field, `${field} must not contain control characters.`);
}

/** @throws CostlaneError `invalid_request` */
export function checkAmount(field: string, amount: number, max = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isSafeInteger(amount) || amount < 0 || amount > max)
    throw refusal(field, `${field} must be a whole number of nano-dollars from 0 to ${max}.`);
}

export const refusal = (field: string, message: string): CostlaneError =>
  new CostlaneError('invalid_request', message, { field });

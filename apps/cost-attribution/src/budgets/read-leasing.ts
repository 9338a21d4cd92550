import type { BudgetSyncRequest, LeaseAmount, LeaseRequest, ReserveRequest } from '@costlane/contracts';
import { checkAmount, checkName, refusal } from './read-budget';

const MAX_ASKS = 20_000;
const MAX_LESSEES = 1_000;
const MAX_RETURNS = 100_000;
const MAX_ITEMS = 5_000;
/** A million dollars: the sum of a call's amounts stays far below what a bigint holds. */
const MAX_AMOUNT = 1_000_000_000_000_000;
const MAX_HOLD_MS = 30 * 86_400_000;
const MAX_TIME_MS = 8.64e15;

/** Checks of what gateways and workers say. @throws CostlaneError `invalid_request` that names the field */
export function checkLease({ lessee, holdMs, asks }: LeaseRequest): void {
  checkLessee(lessee);
  checkHold(holdMs);
  if (asks.length > MAX_ASKS) throw refusal('asks', `asks must be at most ${MAX_ASKS}.`);
  for (const { needNanoUsd, wantNanoUsd, ...account } of asks) {
    checkAccount('asks', account);
    checkAmount('asks.need_nano_usd', needNanoUsd);
    checkAmount('asks.want_nano_usd', wantNanoUsd);
  }
}

export function checkSync({ gatewayId, sinceVersion, lessees }: BudgetSyncRequest): void {
  checkName('gateway_id', gatewayId);
  if (!Number.isSafeInteger(sinceVersion) || sinceVersion < 0)
    throw refusal('since_version', 'since_version must be a version that was told, or 0.');
  if (lessees.length > MAX_LESSEES) throw refusal('lessees', `lessees must be at most ${MAX_LESSEES}.`);
  let returns = 0;
  for (const { lessee, holdMs, returned } of lessees) {
    checkLessee(lessee);
    checkHold(holdMs);
    for (const { amountNanoUsd, ...account } of returned) {
      checkAccount('lessees.returned', account);
      checkAmount('lessees.returned.amount_nano_usd', amountNanoUsd);
    }
    returns += returned.length;
  }
  if (returns > MAX_RETURNS)
    throw refusal('lessees.returned', `lessees.returned must be at most ${MAX_RETURNS} together.`);
}

export function checkReserve({ lessee, holdUntilMs, items }: ReserveRequest, nowMs: number): void {
  checkLessee(lessee);
  checkHold(holdUntilMs - nowMs, 'hold_until_ms');
  if (items.length > MAX_ITEMS)
    throw refusal('items', `items must be at most ${MAX_ITEMS}; those of one caller and day can be summed up.`);
  for (const { tenantId, createdAtMs, amountNanoUsd } of items) {
    if (tenantId === '') throw refusal('items.tenant_id', 'items.tenant_id must name the tenant that pays.');
    checkName('items.tenant_id', tenantId);
    checkTime('items.created_at_ms', createdAtMs);
    checkAmount('items.amount_nano_usd', amountNanoUsd, MAX_AMOUNT);
  }
}

export function checkLessees(lessees: readonly string[]): void {
  if (lessees.length > MAX_LESSEES) throw refusal('lessees', `lessees must be at most ${MAX_LESSEES}.`);
  lessees.forEach(checkLessee);
}

function checkLessee(lessee: string): void {
  if (lessee === '') throw refusal('lessee', 'lessee must be the name under which its records come.');
  checkName('lessee', lessee);
}

function checkAccount(field: string, { budgetId, periodStartMs }: Omit<LeaseAmount, 'amountNanoUsd'>): void {
  checkName(`${field}.budget_id`, budgetId);
  checkTime(`${field}.period_start_ms`, periodStartMs);
}

function checkTime(field: string, timeMs: number): void {
  if (!Number.isSafeInteger(timeMs) || timeMs < 0 || timeMs > MAX_TIME_MS)
    throw refusal(field, `${field} must be a moment in epoch milliseconds.`);
}

function checkHold(holdMs: number, field = 'hold_ms'): void {
  if (!Number.isSafeInteger(holdMs) || holdMs < 0 || holdMs > MAX_HOLD_MS)
    throw refusal(field, `${field} must be at most 30 days ahead, and not in the past.`);
}

import type { Budget, BudgetAccount } from '@costlane/contracts';
import {
  budgetPeriods,
  budgetScopes,
  CostlaneError,
  everySubject,
  formatUsd,
  nanoUsd,
  parseUsd,
  periodEndMs,
  periodStartMs,
  type BudgetPeriod,
} from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import { tenantInReach } from '../auth/admin-reach';
import { readShape } from '../dialects/costlane/read-request';
import { bodyOf, readTenant, tenantNamed, type ReachFinder } from './admin-request';
import { budgetSchema, type BudgetInput } from './budgets-door-schema';
import type { BudgetAdmin } from './budgets-door-client';

export interface BudgetsDoorDeps {
  reach: ReachFinder;
  budgets: BudgetAdmin;
}

interface ListQuery {
  tenant_id?: unknown;
  scope?: unknown;
}

/** `POST|GET /admin/budgets`, `DELETE /admin/budgets/:id`. Putting a budget of the same tenant, scope, scope_id and period again changes it. */
export function registerBudgetsDoor(fastify: FastifyInstance, { reach, budgets }: BudgetsDoorDeps): void {
  fastify.post('/admin/budgets', async (request, reply) => {
    const within = await reach(request);
    const asked = readShape(budgetSchema, bodyOf(request));
    const tenantId = tenantNamed(tenantInReach(within, asked.tenant_id));
    const kept = await budgets.put(toBudget(asked, tenantId));
    // The two moments of a new one are taken one after the other; of one that was there before they are a transaction apart.
    const isNew = Date.parse(kept.updatedAt) - Date.parse(kept.createdAt) <= 1;
    return reply.code(isNew ? 201 : 200).send(successEnvelope(shown(kept)));
  });

  fastify.get<{ Querystring: ListQuery }>('/admin/budgets', async (request) => {
    const within = await reach(request);
    const { tenant_id: asked, scope } = request.query;
    const tenantId = tenantInReach(within, asked === undefined ? undefined : readTenant(asked));
    const wanted = scope === undefined ? undefined : readScope(scope);
    const { budgets: all, accounts } = await budgets.list(tenantId ?? '');
    const byBudget = new Map<string, BudgetAccount[]>();
    for (const account of accounts) {
      const others = byBudget.get(account.budgetId);
      if (others) others.push(account);
      else byBudget.set(account.budgetId, [account]);
    }
    const nowMs = Date.now();
    const listed = all.filter((budget) => wanted === undefined || budget.scope === wanted);
    return successEnvelope({
      budgets: listed.map((budget) => ({
        ...shown(budget),
        accounts: accountsOf(budget, byBudget.get(budget.id), nowMs),
      })),
    });
  });

  fastify.delete<{ Params: { id: string } }>('/admin/budgets/:id', async (request) => {
    const within = await reach(request);
    // Another tenant's budget is answered like one that does not exist.
    return successEnvelope(shown(await budgets.remove(request.params.id, tenantInReach(within, undefined) ?? '')));
  });
}

function toBudget(asked: BudgetInput, tenantId: string): Budget {
  const { scope, scope_id: scopeId = '' } = asked;
  if (scope === 'org' && scopeId !== '')
    throw invalid('scope_id', 'is not for an org, whose budget is for all of the tenant; leave it out');
  if (scope !== 'org' && scopeId === '')
    throw invalid('scope_id', `has to name the ${scope}, or be "*" for a budget that each ${scope} has`);
  const limitNanoUsd = toNanoUsd(asked.limit_usd);
  const softLimitNanoUsd = toNanoUsd(asked.soft_limit_usd ?? 0);
  if (softLimitNanoUsd > limitNanoUsd) throw invalid('soft_limit_usd', 'must not be above limit_usd');
  return {
    id: '',
    scope,
    tenantId,
    scopeId,
    period: asked.period,
    limitNanoUsd,
    softLimitNanoUsd,
    onExceeded: asked.on_exceeded,
    onUnreachable: asked.on_unreachable,
    version: 0,
    isRemoved: false,
    createdAt: '',
    updatedAt: '',
  };
}

/** Nine decimals are nano-dollars, whether they come as text or as a number. */
const toNanoUsd = (value: number | string): number => parseUsd(typeof value === 'string' ? value : value.toFixed(9));

const shown = (budget: Budget) => ({
  id: budget.id,
  tenant_id: budget.tenantId,
  scope: budget.scope,
  scope_id: budget.scopeId || null,
  period: budget.period,
  limit_usd: usd(budget.limitNanoUsd),
  soft_limit_usd: budget.softLimitNanoUsd > 0 ? usd(budget.softLimitNanoUsd) : null,
  on_exceeded: budget.onExceeded,
  on_unreachable: budget.onUnreachable,
  created_at: budget.createdAt,
  updated_at: budget.updatedAt,
});

/** A budget of one that has spent nothing yet stands all the same. */
function accountsOf(budget: Budget, known: BudgetAccount[] | undefined, nowMs: number) {
  const period = budgetPeriods.find((one) => one === budget.period) ?? 'month';
  if (known) return known.map((account) => shownAccount(budget, account, period));
  if (budget.scopeId === everySubject) return [];
  const fresh = { budgetId: budget.id, subject: budget.scopeId, periodStartMs: periodStartMs(period, nowMs) };
  return [shownAccount(budget, { ...fresh, postedNanoUsd: 0, leasedNanoUsd: 0 }, period)];
}

function shownAccount({ limitNanoUsd }: Budget, account: BudgetAccount, period: BudgetPeriod) {
  const { subject, periodStartMs: startMs, postedNanoUsd, leasedNanoUsd } = account;
  return {
    subject,
    period_start: new Date(startMs).toISOString(),
    period_end: new Date(periodEndMs(period, startMs)).toISOString(),
    spent_usd: usd(postedNanoUsd),
    reserved_usd: usd(leasedNanoUsd),
    remaining_usd: usd(Math.max(0, limitNanoUsd - postedNanoUsd - leasedNanoUsd)),
    used_share: limitNanoUsd > 0 ? Math.round((postedNanoUsd / limitNanoUsd) * 10_000) / 10_000 : 1,
  };
}

const usd = (amountNanoUsd: number): string => formatUsd(nanoUsd(amountNanoUsd));

function readScope(value: unknown): string {
  const found = budgetScopes.find((scope) => scope === value);
  if (found) return found;
  throw new CostlaneError('invalid_request', `Parameter "scope" has to be one of ${budgetScopes.join(', ')}.`, {
    field: 'scope',
  });
}

const invalid = (field: string, why: string): CostlaneError =>
  new CostlaneError('invalid_request', `Field "${field}": ${why}.`, { field });

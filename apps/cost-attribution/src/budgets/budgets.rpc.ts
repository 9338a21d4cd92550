import type { BudgetMessage, BudgetServiceServer } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { MAX_BUDGETS_OF_TENANT, type BudgetStore } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import type { BudgetCall, BudgetMetrics } from './budget-metrics';
import { checkName, readBudget, refusal } from './read-budget';
import { checkLease, checkLessees, checkReserve, checkSync } from './read-leasing';

export interface BudgetRpcDeps {
  budgets: BudgetStore;
  metrics: BudgetMetrics;
  /** Says a word to all gateways; never throws. */
  publish: (message: BudgetMessage) => void;
  logger: Logger;
  now?: () => number;
}

/** gRPC edge of the authority on budgets: `BudgetService`. */
export function createBudgetRpc(deps: BudgetRpcDeps): BudgetServiceServer {
  const { budgets, metrics, publish, logger, now = Date.now } = deps;
  const timed = async <T>(call: BudgetCall, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      metrics.called(call, (performance.now() - startedAt) / 1_000);
    }
  };
  return {
    putBudget: unary(logger, async ({ budget }) => {
      const stored = await budgets.put(readBudget(budget));
      if (!stored) throw refusal('tenant_id', `The tenant has ${MAX_BUDGETS_OF_TENANT} budgets: remove one first.`);
      const { id, tenantId, scope, version } = stored;
      logger.info({ budgetId: id, tenantId, scope, version }, 'budget put');
      publish({ version });
      return stored;
    }),
    removeBudget: unary(logger, async ({ id, tenantId }) => {
      checkName('id', id);
      checkName('tenant_id', tenantId);
      const removed = await budgets.remove(id, tenantId);
      if (!removed) throw new CostlaneError('not_found', 'There is no budget with this id.', { field: 'id' });
      logger.info({ budgetId: id, tenantId: removed.tenantId, version: removed.version }, 'budget removed');
      publish({ version: removed.version });
      return removed;
    }),
    listBudgets: unary(logger, async ({ tenantId }) => {
      checkName('tenant_id', tenantId);
      return budgets.list(tenantId);
    }),
    sync: unary(logger, async (request) => {
      checkSync(request);
      return timed('sync', () => budgets.sync(request));
    }),
    lease: unary(logger, async (request) => {
      checkLease(request);
      const { reply, wanted } = await timed('lease', () => budgets.lease(request));
      metrics.granted(reply);
      if (wanted.length > 0) publish({ wanted });
      return reply;
    }),
    reserve: unary(logger, async (request) => {
      checkReserve(request, now());
      const reply = await timed('reserve', () => budgets.reserve(request));
      if (reply === 'closed') throw refusal('lessee', 'lessee was closed before: a new one needs a name of its own.');
      metrics.reserved(reply.isReserved);
      return reply;
    }),
    closeLessees: unary(logger, async ({ lessees }) => {
      checkLessees(lessees);
      await budgets.closeLessees(lessees);
      return {};
    }),
  };
}

import type { Database } from '../database';
import type { BudgetStore } from './budget-types';
import { closeLessees, deleteOldBudgets, isLimited, sweepLessees, totalBudgets } from './keep-budgets';
import { leaseBudgets, reserveBudgets } from './lease-budgets';
import { listAllBudgets, putBudget, removeBudget } from './put-budgets';
import { syncBudgets } from './sync-budgets';

/** `quick`: connections of its own, for requests wait for grants and must not queue behind reports. */
export function createBudgetStore(database: Database, quick: Database): BudgetStore {
  return {
    put: (budget) => putBudget(database, budget),
    remove: (id, tenantId = '') => removeBudget(database, id, tenantId),
    list: (tenantId = '') => listAllBudgets(database, tenantId),
    sync: (request) => syncBudgets(quick, request),
    lease: (request) => leaseBudgets(quick, request),
    reserve: (request) => reserveBudgets(quick, request),
    closeLessees: (lessees) => closeLessees(quick, lessees),
    sweep: (unrecordedAgeMs) => sweepLessees(quick, unrecordedAgeMs),
    isLimited: (tenantId) => isLimited(quick, tenantId),
    totals: () => totalBudgets(database),
    deleteOld: () => deleteOldBudgets(database),
  };
}

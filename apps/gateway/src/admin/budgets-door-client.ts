import {
  BudgetServiceClient,
  type Budget,
  type ListBudgetsReply,
  type ListBudgetsRequest,
  type PutBudgetRequest,
  type RemoveBudgetRequest,
} from '@costlane/contracts';
import { credentials } from '@grpc/grpc-js';
import { askService, type Call } from './ask-service';

/** Budgets as administrators keep them. Each rejects with a `CostlaneError`. */
export interface BudgetAdmin {
  put(budget: Budget): Promise<Budget>;
  /** With the accounts of the present periods; an empty tenant is every tenant. */
  list(tenantId: string): Promise<ListBudgetsReply>;
  /** `not_found` where there is none, or it is not the tenant's; an empty tenant is any. */
  remove(id: string, tenantId: string): Promise<Budget>;
}

const LEDGER = 'cost-attribution';
/** A new budget begins with what its period has cost: that is added up first, while writers of the ledger wait. */
const PUT_TIMEOUT_MS = 30_000;
const channelOptions = { 'grpc.max_receive_message_length': 64 * 1024 * 1024 };

export function createBudgetAdmin(address: string): BudgetAdmin & { close(): void } {
  const client = new BudgetServiceClient(address, credentials.createInsecure(), channelOptions);
  const put: Call<PutBudgetRequest, Budget> = (...args) => client.putBudget(...args);
  const remove: Call<RemoveBudgetRequest, Budget> = (...args) => client.removeBudget(...args);
  const list: Call<ListBudgetsRequest, ListBudgetsReply> = (...args) => client.listBudgets(...args);
  return {
    put: (budget) => askService(put, { budget }, LEDGER, PUT_TIMEOUT_MS),
    list: (tenantId) => askService(list, { tenantId }, LEDGER),
    remove: (id, tenantId) => askService(remove, { id, tenantId }, LEDGER),
    close: () => client.close(),
  };
}

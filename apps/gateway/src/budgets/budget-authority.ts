import {
  BudgetServiceClient,
  type Budget as WireBudget,
  type BudgetSyncReply,
  type BudgetSyncRequest,
  type LeaseReply,
  type LeaseRequest,
} from '@costlane/contracts';
import {
  budgetPeriods,
  budgetScopes,
  exceededActions,
  unreachableActions,
  type Budget,
  type LeaseCall,
  type LeaseWord,
  type SyncState,
  type SyncWord,
} from '@costlane/domain';
import { credentials } from '@grpc/grpc-js';
import { askService, type Call } from '../admin/ask-service';

/** The authority on budgets, as a gateway asks it. Both reject with a `CostlaneError` where it cannot be reached. */
export interface BudgetAuthority {
  sync(state: SyncState): Promise<SyncWord>;
  lease(call: LeaseCall): Promise<LeaseWord>;
  close(): void;
}

const SERVICE = 'cost-attribution';
/** What comes later than that is lost; requests wait for it much shorter. */
const TIMEOUT_MS = 2_000;
/** A thousand leases, and as many budgets that have changed, are some hundred kilobytes. */
const channelOptions = {
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

export function createBudgetAuthority(address: string, gatewayId: string): BudgetAuthority {
  const client = new BudgetServiceClient(address, credentials.createInsecure(), channelOptions);
  const sync: Call<BudgetSyncRequest, BudgetSyncReply> = (...args) => client.sync(...args);
  const lease: Call<LeaseRequest, LeaseReply> = (...args) => client.lease(...args);
  return {
    async sync({ sinceVersion, lessees }) {
      const request: BudgetSyncRequest = { gatewayId, sinceVersion, lessees: lessees.map(toState) };
      const reply = await askService(sync, request, SERVICE, TIMEOUT_MS);
      return { ...reply, changed: reply.changed.map(toBudget) };
    },
    async lease({ epoch, holdMs, asks }) {
      const request: LeaseRequest = {
        lessee: epoch.lessee,
        holdMs,
        asks: asks.map(({ account, needNanoUsd, wantNanoUsd }) => ({
          budgetId: account.budget.id,
          subject: account.subject,
          periodStartMs: account.periodStartMs,
          needNanoUsd,
          wantNanoUsd,
        })),
      };
      const { grants, leaseTtlMs } = await askService(lease, request, SERVICE, TIMEOUT_MS);
      return {
        grants: grants.map((grant) => ({ ...grant, state: oneOf(grantStates, grant.state, 'unknown') })),
        leaseTtlMs,
      };
    },
    close: () => client.close(),
  };
}

const grantStates = ['granted', 'contended', 'exhausted', 'unknown'] as const;

const toState = ({ lessee, holdMs, returned, isClosed }: SyncState['lessees'][number]) => ({
  lessee,
  holdMs: Math.ceil(holdMs),
  returned: [...returned],
  isClosed,
});

/** What a later version of the authority says that this one does not know is taken for the strictest that it knows. */
function toBudget(budget: WireBudget): Budget {
  return {
    id: budget.id,
    scope: oneOf(budgetScopes, budget.scope, 'org'),
    tenantId: budget.tenantId,
    scopeId: budget.scopeId,
    period: oneOf(budgetPeriods, budget.period, 'month'),
    limitNanoUsd: budget.limitNanoUsd,
    softLimitNanoUsd: budget.softLimitNanoUsd,
    onExceeded: oneOf(exceededActions, budget.onExceeded, 'block'),
    onUnreachable: oneOf(unreachableActions, budget.onUnreachable, 'closed'),
    version: budget.version,
    isRemoved: budget.isRemoved,
  };
}

const oneOf = <T extends string>(known: readonly T[], word: string, otherwise: T): T =>
  known.find((one) => one === word) ?? otherwise;

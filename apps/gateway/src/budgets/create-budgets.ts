import type { BudgetMessage } from '@costlane/contracts';
import { LeaseBook, LeaseDesk, nanoUsd, parseUsd, type RouteDecision } from '@costlane/domain';
import type { Logger, Metrics } from '@costlane/platform';
import type { GatewayConfig } from '../config';
import type { InferenceRequest } from '../core/inference-request';
import type { RateLimiter } from '../doors/admission';
import type { BudgetAuthority } from './budget-authority';
import { LeasedBudgets, type BudgetGate, type BudgetGateSettings } from './budget-gate';
import { createBudgetLink } from './budget-link';
import { requestWorstCase } from './request-worst-case';

export interface Budgets {
  readonly gate: BudgetGate;
  /** What a request may cost at the most, nano-dollars; undefined: it cannot be told. `body`: as the provider gets it. */
  worstCase(this: void, request: InferenceRequest, decision: RouteDecision, body: Buffer): number | undefined;
  hear(message: BudgetMessage): void;
  close(): Promise<void>;
}

type BudgetConfig = Pick<
  GatewayConfig,
  | 'BUDGET_ON_UNREACHABLE'
  | 'BUDGET_UNPRICED'
  | 'BUDGET_UNPRICED_USD'
  | 'BUDGET_DEFAULT_OUTPUT_TOKENS'
  | 'BUDGET_THROTTLED_PER_MINUTE'
  | 'BUDGET_OPEN_PER_MINUTE'
  | 'HEDGE_MAX_SHARE'
  | 'HEDGE_PRIORITIES'
  | 'REQUEST_TIMEOUT_MS'
>;

/** The budgets of a gateway: what it has leased, and the road to their authority. */
export function createBudgets(deps: {
  gatewayId: string;
  config: BudgetConfig;
  authority: BudgetAuthority;
  /** Shared by all gateways. */
  limiter: RateLimiter;
  logger: Logger;
  metrics: Metrics;
}): Budgets {
  const { gatewayId, config, authority, limiter, logger, metrics } = deps;
  const settings = settingsOf(config);
  const book = new LeaseBook({ gatewayId, usualRequestMs: settings.usualRequestMs });
  const desk = new LeaseDesk({ book });
  const gate = new LeasedBudgets({ book, desk, link: () => link, limiter, settings, metrics });
  const link = createBudgetLink({ book, desk, authority, logger, onSynced: () => gate.synced() });
  registerGauges(metrics, { book, desk, gate });
  return {
    gate,
    worstCase: (request, decision, body) => requestWorstCase(request, decision, body, settings),
    hear: (message) => link.hear(message),
    close() {
      gate.close();
      return link.close();
    },
  };
}

export function settingsOf(config: BudgetConfig): BudgetGateSettings {
  return {
    usualRequestMs: config.REQUEST_TIMEOUT_MS,
    onUnknown: config.BUDGET_ON_UNREACHABLE,
    throttledPerMinute: config.BUDGET_THROTTLED_PER_MINUTE,
    uncheckedPerMinute: config.BUDGET_OPEN_PER_MINUTE,
    outputTokens: config.BUDGET_DEFAULT_OUTPUT_TOKENS,
    unpricedNanoUsd: config.BUDGET_UNPRICED === 'reserve' ? parseUsd(config.BUDGET_UNPRICED_USD) : undefined,
    hedgedPriorities: config.HEDGE_MAX_SHARE > 0 ? config.HEDGE_PRIORITIES : [],
  };
}

function registerGauges(
  metrics: Metrics,
  { book, desk, gate }: { book: LeaseBook; desk: LeaseDesk; gate: LeasedBudgets },
): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge({
      name,
      help,
      collect() {
        this.set(read());
      },
    });
  };
  gauge('costlane_budget_waiting', 'Calls that wait for the authority on budgets', () => desk.waiting);
  gauge('costlane_budget_leased_free_nano_usd', 'What this gateway has leased of budgets and not reserved', () =>
    nanoUsd(Math.min(Number.MAX_SAFE_INTEGER, book.totals().freeNanoUsd)),
  );
  gauge(
    'costlane_budget_open_reservations',
    'Calls under way, or not heard of, that budgets are reserved for',
    () => book.totals().openReservations,
  );
  gauge(
    'costlane_budget_unsettled',
    'Reservations of calls whose clients have gone, until their cost is told',
    () => gate.unsettledCount,
  );
  gauge('costlane_budget_known', 'Budgets that this gateway knows', () => book.index.size);
}

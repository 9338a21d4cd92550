import type { LeaseReply } from '@costlane/contracts';
import type { BudgetTotals, SweepOutcome } from '@costlane/ledger';
import { latencyBucketsSeconds, type Metrics } from '@costlane/platform';

export type BudgetCall = 'lease' | 'sync' | 'reserve';

export interface BudgetMetrics {
  called(call: BudgetCall, seconds: number): void;
  granted(reply: LeaseReply): void;
  reserved(isReserved: boolean): void;
  swept(outcome: SweepOutcome): void;
  /** Leases that have ended were not released because Redis could not say what is on record. */
  held(): void;
  totals(totals: BudgetTotals): void;
}

const states = ['granted', 'contended', 'exhausted', 'unknown'];

/** What the authority on budgets is watched by. Never a tenant or a budget. */
export function createBudgetMetrics(metrics: Metrics): BudgetMetrics {
  const grants = metrics.counter({
    name: 'costlane_budget_grants_total',
    help: 'Asks of gateways for more of a budget, by what they were told',
    labelNames: ['state'],
  });
  const reservations = metrics.counter({
    name: 'costlane_budget_reservations_total',
    help: 'Batches for which budgets were reserved, or had not enough',
    labelNames: ['result'],
  });
  const latency = metrics.histogram({
    name: 'costlane_budget_call_latency_seconds',
    help: 'Time to answer gateways and workers about budgets',
    labelNames: ['call'],
    buckets: latencyBucketsSeconds,
  });
  const released = metrics.counter({
    name: 'costlane_budget_lessees_released_total',
    help: 'Lessees whose rest went back: closed by their gateways, or expired because nobody renewed them',
    labelNames: ['reason'],
  });
  const held = metrics.counter({
    name: 'costlane_budget_sweeps_held_total',
    help: 'Times that nothing was released because Redis could not say what is on record',
  });
  const overspent = metrics.counter({
    name: 'costlane_budget_overspent_total',
    help: 'Accounts of blocking budgets that were found with more on record than their limit',
  });
  const leased = metrics.gauge({
    name: 'costlane_budget_leased_nano_usd',
    help: 'What is set aside of all budgets and not on record yet',
  });
  for (const state of states) grants.inc({ state }, 0);
  for (const reason of ['closed', 'expired']) released.inc({ reason }, 0);
  return {
    called: (call, seconds) => latency.labels(call).observe(seconds),
    granted: ({ grants: given }) => given.forEach(({ state }) => grants.labels(state).inc()),
    reserved: (isReserved) => reservations.labels(isReserved ? 'reserved' : 'refused').inc(),
    swept({ closed, expired }) {
      released.labels('closed').inc(closed);
      released.labels('expired').inc(expired);
    },
    held: () => held.inc(),
    totals({ leasedNanoUsd, newlyOverspent }) {
      leased.set(leasedNanoUsd);
      overspent.inc(newlyOverspent);
    },
  };
}

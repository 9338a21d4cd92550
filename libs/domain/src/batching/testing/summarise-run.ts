import type { BatchLane } from '../lanes';
import type { Outcome, Run } from './simulate-batcher';

export interface LaneSummary {
  readonly offered: number;
  readonly answered: number;
  readonly dropped: number;
  readonly shed: number;
  readonly refused: number;
  readonly waitP50Ms: number;
  readonly waitP95Ms: number;
  readonly latencyP95Ms: number;
  readonly longestWaitMs: number;
  readonly longestGapMs: number;
  /** Of all tokens of calls. */
  readonly tokenShare: number;
}

export interface RunSummary {
  readonly lanes: Record<BatchLane, LaneSummary>;
  readonly answered: number;
  readonly calls: number;
  readonly groups: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly costUsd: number;
  readonly costPerAnswerUsd: number;
  readonly fairness: number;
}

/** The value that a share `q` of the values does not exceed; 0 without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
}

/** Figures of a run. */
export function summariseRun(run: Run): RunSummary {
  const allTokens = run.calls.reduce((sum, { works }) => sum + (works[0]?.tokens ?? 0), 0);
  const lane = (name: BatchLane): LaneSummary => summariseLane(run, name, allTokens);
  const answered = run.outcomes.filter(({ ending }) => ending === 'answered').length;
  const costUsd = run.calls.reduce((sum, call) => sum + call.costUsd, 0);
  return {
    lanes: { express: lane('express'), standard: lane('standard'), batch: lane('batch') },
    answered,
    calls: run.calls.length,
    groups: run.groups,
    promptTokens: run.calls.reduce((sum, { works }) => sum + (works[0]?.promptTokens ?? 0), 0),
    cachedTokens: run.calls.reduce((sum, call) => sum + call.cachedTokens, 0),
    costUsd,
    costPerAnswerUsd: costUsd / Math.max(1, answered),
    fairness: jainIndex(run.outcomes),
  };
}

function summariseLane(run: Run, lane: BatchLane, allTokens: number): LaneSummary {
  const outcomes = run.outcomes.filter(({ work }) => work.lane === lane);
  const count = (ending: Outcome['ending']): number => outcomes.filter((each) => each.ending === ending).length;
  const served = outcomes.filter(({ ending }) => ending === 'answered');
  const waits = served.map(({ waitMs }) => waitMs);
  const ofLane = run.calls.filter(({ works }) => works[0]?.lane === lane);
  return {
    offered: outcomes.length,
    answered: served.length,
    dropped: count('dropped'),
    shed: count('shed'),
    refused: count('refused'),
    waitP50Ms: quantile(waits, 0.5),
    waitP95Ms: quantile(waits, 0.95),
    latencyP95Ms: quantile(
      served.map(({ latencyMs }) => latencyMs),
      0.95,
    ),
    longestWaitMs: quantile(waits, 1),
    longestGapMs: run.longestGapMs[lane],
    tokenShare: ofLane.reduce((sum, { works }) => sum + (works[0]?.tokens ?? 0), 0) / Math.max(1, allTokens),
  };
}

/**
 * Jain's index of fairness between tenants (Jain, Chiu and Hawe 1984): answered tokens over what a max-min fair division of all answered tokens would have given each, by what it
 * asked for. 1: all alike; 1/n: one has everything.
 */
export function jainIndex(outcomes: readonly Outcome[]): number {
  const asked = new Map<string, number>();
  const got = new Map<string, number>();
  const add = (sums: Map<string, number>, { work }: Outcome): void =>
    void sums.set(work.tenantId, (sums.get(work.tenantId) ?? 0) + work.tokens);
  for (const outcome of outcomes) {
    add(asked, outcome);
    if (outcome.ending === 'answered') add(got, outcome);
  }
  let left = [...got.values()].reduce((sum, tokens) => sum + tokens, 0);
  const tenants = [...asked].sort(([, a], [, b]) => a - b);
  const shares = tenants.map(([tenantId, wanted], index) => {
    const fair = Math.min(wanted, left / (tenants.length - index));
    left -= fair;
    return (got.get(tenantId) ?? 0) / Math.max(1, fair);
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}

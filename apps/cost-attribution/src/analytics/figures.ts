import type { GroupRow, ReportGrouping, ReportInterval, ReportTotals } from '@costlane/ledger';
import type { Row } from './report';
import { ratio, rounded, usd } from './usd';

/** All that is known of some requests. Shares are of 1; unknown: null. */
export function figuresOf(totals: ReportTotals) {
  const { requests, errors, hits, paidNanoUsd, baselineNanoUsd, infrastructureNanoUsd } = totals;
  return {
    requests,
    errors,
    error_rate: ratio(errors, requests),
    cache_hits: hits,
    hit_rate: ratio(hits, requests),
    upstream_calls: totals.upstreamCalls,
    unpriced_requests: totals.unpricedRequests,
    tokens_input: totals.tokensInput,
    tokens_output: totals.tokensOutput,
    paid_usd: usd(paidNanoUsd),
    baseline_usd: usd(baselineNanoUsd),
    infrastructure_usd: usd(infrastructureNanoUsd),
    savings_cache_usd: usd(totals.cacheNanoUsd),
    savings_routing_usd: usd(totals.routingNanoUsd),
    savings_prefix_usd: usd(totals.prefixNanoUsd),
    savings_batching_usd: usd(totals.batchingNanoUsd),
    savings_usd: usd(baselineNanoUsd - paidNanoUsd),
    net_savings_usd: usd(netSavings(totals)),
    mean_latency_ms: mean(totals.latencyMs, requests - errors),
    mean_first_token_ms: mean(totals.firstTokenMs, totals.firstTokens),
  } satisfies Row;
}

/** What was saved, less what it costs to run what saves it. */
export const netSavings = ({ baselineNanoUsd, paidNanoUsd, infrastructureNanoUsd }: ReportTotals): bigint =>
  baselineNanoUsd - paidNanoUsd - infrastructureNanoUsd;

const mean = (total: number, count: number): number | null => (count > 0 ? rounded(total / count, 3) : null);

const valueNames: Record<Exclude<ReportGrouping, 'tenant'>, string> = {
  user: 'user_id',
  team: 'team_id',
  feature: 'feature_name',
  key: 'key_id',
  model: 'model',
  provider: 'provider',
  endpoint: 'endpoint',
  experiment: 'experiment_variant',
  tier: 'cache_tier',
  arm: 'arm',
};

const parentNames: Partial<Record<ReportGrouping, string>> = { model: 'provider', experiment: 'experiment_id' };

/** A group's names under the words of `cost_events`; empty: requests that name none. */
export function namesOf(grouping: ReportGrouping, group: Pick<GroupRow, 'tenant_id' | 'value' | 'parent'>): Row {
  const names: Row = group.tenant_id === undefined ? {} : { tenant_id: group.tenant_id };
  const parentName = parentNames[grouping];
  if (grouping === 'experiment') names[parentNames.experiment ?? ''] = group.parent ?? '';
  if (grouping !== 'tenant') names[valueNames[grouping]] = group.value ?? '';
  if (grouping !== 'experiment' && parentName !== undefined) names[parentName] = group.parent ?? '';
  return names;
}

/** The day or hour of a row. */
export const bucketOf = (interval: ReportInterval, bucket: string | undefined): Row =>
  interval === 'none' ? {} : { [interval === 'day' ? 'date' : 'hour']: bucket ?? '' };

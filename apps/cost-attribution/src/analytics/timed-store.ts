import type { AnalyticsStore } from '@costlane/ledger';
import type { Metrics } from '@costlane/platform';

/** The store, with the time of each of its statements as a metric. */
export function timedStore(store: AnalyticsStore, metrics: Metrics): AnalyticsStore {
  const latency = metrics.histogram({
    name: 'costlane_analytics_query_latency_seconds',
    help: 'How long statements over rollups take, by what they ask for',
    labelNames: ['query'],
  });
  const timed =
    <Query, Reply>(query: keyof AnalyticsStore, ask: (question: Query) => Promise<Reply>) =>
    async (question: Query): Promise<Reply> => {
      const done = latency.startTimer({ query });
      try {
        return await ask(question);
      } finally {
        done();
      }
    };
  return {
    groups: timed('groups', store.groups),
    buckets: timed('buckets', store.buckets),
    periods: timed('periods', store.periods),
    movers: timed('movers', store.movers),
    units: timed('units', store.units),
    history: timed('history', store.history),
    holdout: timed('holdout', store.holdout),
    holdoutByTenant: timed('holdoutByTenant', store.holdoutByTenant),
    charges: timed('charges', store.charges),
  };
}

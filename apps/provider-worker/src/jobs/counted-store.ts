import type { JobStore } from '@costlane/ledger';
import type { JobMetrics } from './job-metrics';

/** The store, with the ends of items counted: those only whose end it was. */
export function countedStore(store: JobStore, { itemsEnded }: Pick<JobMetrics, 'itemsEnded'>): JobStore {
  return {
    ...store,
    async end(ref, ends) {
      const ended = await store.end(ref, ends);
      const states = new Map(ends.map(({ index, state, isDead }) => [index, isDead ? 'dead' : state]));
      const counts = new Map<string, number>();
      for (const index of ended) {
        const state = states.get(index) ?? 'failed';
        counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      for (const [state, count] of counts) itemsEnded(state, count);
      return ended;
    },
    async endWaiting(ref, state) {
      const count = await store.endWaiting(ref, state);
      itemsEnded(state, count);
      return count;
    },
    async buryLost(ref, maxLosses) {
      const count = await store.buryLost(ref, maxLosses);
      itemsEnded('dead', count);
      return count;
    },
  };
}

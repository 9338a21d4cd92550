import { wordingCount } from './questions.mjs';

/** The cache of like questions reads what was stored a moment after it. */
const indexingMs = 3_000;

/** New wordings of stored questions, none of which comes twice in a run: what was once worked out about a text is remembered. */
export function createRewordings(load) {
  let from = 0;
  return {
    /** Asks every question in its own words and waits until the cache knows them. */
    async prime(job) {
      await load({ ...job, bodies: 'questions', requests: job.poolSize, connections: 32 });
      await new Promise((resolve) => setTimeout(resolve, indexingMs));
    },
    next() {
      if (from >= wordingCount) throw new Error('no new wordings are left: fewer --seconds, or a smaller --warm-up');
      return { from };
    },
    /** So many requests have been made. */
    used(requests, poolSize) {
      from += Math.ceil(requests / poolSize);
    },
  };
}

// Takes the demo away: requests, what was made of them, and what was set up for them.
import { removeBudgets } from './budgets.mjs';
import { deleteRequests, leftovers } from './database.mjs';
import { experiments } from './happenings.mjs';

const mostTries = 5;

async function removeExperiments(ledger) {
  for (const { id } of experiments) {
    const known = await ledger.control.get('experiment', id);
    if (known && !known.isDeleted) await ledger.control.remove('experiment', id);
  }
}

/**
 * Rolls up what is left of the hours. Days of which nothing is left are emptied, which a running system would take for days whose detail was dropped for their
 * age: so they are marked anew, should its rollup have been first.
 */
async function rollUp(ledger, client, range) {
  for (let left = mostTries; ; left -= 1) {
    await ledger.rollups.run({ isDetailComplete: true });
    const rest = await leftovers(client);
    if (rest.rollups === 0 || rest.requests > 0 || left === 0) return rest;
    await ledger.rollups.mark(range.first, new Date(range.last.getTime() + 1));
  }
}

/** Resolves with `{ deleted, rest }`: how many requests went, and what {@link leftovers} says afterwards. */
export async function removeHistory({ ledger, client, progressOf }) {
  await removeExperiments(ledger);
  await removeBudgets(ledger);
  const { deleted, range } = await deleteRequests(client, progressOf('removing'));
  const rest = range ? await rollUp(ledger, client, range) : await leftovers(client);
  return { deleted, rest };
}

// Puts the history on record by the ledger's own road, rolls it up, and sets up what belongs to it.
import { dayMs } from './calendar.mjs';
import { scanAnomalies } from './anomalies.mjs';
import { budgetsOf, putBudgets } from './budgets.mjs';
import { createTally, recordsOf } from './history.mjs';
import { experiments } from './happenings.mjs';

const batchSize = 1_000;
/** Batches on their way to Postgres while the next one is made. */
const mostUnderWay = 3;

async function writeRecords(ledger, records, tally, { requests }, progress) {
  const outcome = { inserted: 0, duplicates: 0, rejected: 0 };
  const underWay = new Set();
  const send = (batch) => {
    const sent = ledger.record(batch).then((result) => {
      for (const name of Object.keys(outcome)) outcome[name] += result[name];
      progress((outcome.inserted + outcome.duplicates + outcome.rejected) / requests);
    });
    underWay.add(sent);
    const done = () => underWay.delete(sent);
    sent.then(done, done);
    return sent;
  };
  let batch = [];
  for (const each of records) {
    tally.add(each);
    batch.push(each.record);
    if (batch.length < batchSize) continue;
    send(batch);
    batch = [];
    if (underWay.size >= mostUnderWay) await Promise.race(underWay);
  }
  if (batch.length > 0) send(batch);
  await Promise.all(underWay);
  return outcome;
}

/** Documents of the experiments, so that reports know them; each concerns its demo tenant alone. */
async function putExperiments(ledger, { untilMs, days }) {
  for (const { id, tenantId, featureName, variants, from, isRunning } of experiments) {
    const createdAt = new Date(untilMs - days * dayMs * (1 - from)).toISOString();
    const body = {
      tenantId,
      featureName,
      share: 1,
      variants: variants.map(({ outputFactor: _, ...variant }) => variant),
      createdAt,
    };
    const known = await ledger.control.get('experiment', id);
    if (known && known.isDeleted === !isRunning && JSON.stringify(known.body) === JSON.stringify(body)) continue;
    await ledger.control.put({ kind: 'experiment', id, body });
    if (!isRunning) await ledger.control.remove('experiment', id);
  }
}

/**
 * Writes a history. Everything of it may be there already: then nothing changes. Resolves with what was written, and the milliseconds that the
 * parts took.
 */
export async function writeHistory({ library, catalog, ledger, client, history, nowMs, progressOf }) {
  const timesMs = {};
  const timed = async (name, work) => {
    const startedAt = performance.now();
    const result = await work();
    timesMs[name] = Math.round(performance.now() - startedAt);
    return result;
  };
  const tally = createTally(history);
  const daysBack = Math.ceil((nowMs - history.untilMs) / dayMs) + history.days + 1;
  await timed('partitions', () => ledger.ensurePartitions({ daysBack }));
  const outcome = await timed('records', () =>
    writeRecords(ledger, recordsOf(library, catalog, history), tally, history, progressOf('requests')),
  );
  if (outcome.rejected > 0)
    throw new Error(`The ledger has set ${outcome.rejected} records aside (rejected_completions says why).`);
  await timed('experiments', () => putExperiments(ledger, history));
  await timed('budgets', () => putBudgets(ledger, budgetsOf(tally.recentPaid)));
  const rollups = await timed('rollups', () => ledger.rollups.run());
  const anomalies = await timed('anomalies', () =>
    scanAnomalies({ library, ledger, client, history, anomalies: tally.anomalies }),
  );
  return { tally: { ...tally, anomalies }, outcome, rollups, timesMs };
}

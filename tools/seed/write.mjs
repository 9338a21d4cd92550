// Puts the history on record by the ledger's own road, rolls it up, and sets up what belongs to it.
import { dayMs } from './calendar.mjs';
import { scanAnomalies } from './anomalies.mjs';
import { budgetsOf, putBudgets } from './budgets.mjs';
import { createTally, recordsOf } from './history.mjs';
import { experiments } from './happenings.mjs';

const batchSize = 1_000;
/** Batches on their way to Postgres while the next one is made. */
const mostUnderWay = 3;

/** Sends batches, a few at a time; `settled()` resolves once all are on record. */
function createSender(ledger, progress) {
  const outcome = { inserted: 0, duplicates: 0, rejected: 0 };
  const underWay = new Set();
  let failure;
  const send = async (batch) => {
    const sent = ledger.record(batch).then(
      (result) => {
        for (const name of Object.keys(outcome)) outcome[name] += result[name];
        progress(outcome.inserted + outcome.duplicates + outcome.rejected);
      },
      (error) => void (failure ??= error),
    );
    underWay.add(sent);
    void sent.then(() => underWay.delete(sent));
    if (underWay.size >= mostUnderWay) await Promise.race(underWay);
    if (failure !== undefined) throw failure;
  };
  const settled = async () => {
    await Promise.all(underWay);
    if (failure !== undefined) throw failure;
  };
  return { outcome, send, settled };
}

/**
 * Writes the records. Once the first half is on record its rollups begin: a run keeps one core of Postgres busy, and this one and that of the second half
 * meet in the middle. Resolves with `{ outcome, early }`, `early` the run of the first half.
 */
async function writeRecords(ledger, records, tally, { requests }, progress) {
  const { outcome, send, settled } = createSender(ledger, (count) => progress(count / requests));
  let batch = [];
  let early;
  for (const each of records) {
    tally.add(each);
    batch.push(each.record);
    if (batch.length < batchSize) continue;
    await send(batch);
    batch = [];
    if (early !== undefined || tally.total.requests < requests / 2) continue;
    await settled();
    early = { run: ledger.rollups.run() };
    // It is awaited after the rest has been written.
    early.run.catch(() => undefined);
  }
  if (batch.length > 0) await send(batch);
  await settled();
  return { outcome, early: early?.run };
}

/** All rollups; what both runs have left to each other is done by a third. */
async function rollUp(ledger, early) {
  await Promise.all([early, ledger.rollups.run()]);
  return ledger.rollups.run();
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
  const { outcome, early } = await timed('records', () =>
    writeRecords(ledger, recordsOf(library, catalog, history), tally, history, progressOf('requests')),
  );
  if (outcome.rejected > 0)
    throw new Error(`The ledger has set ${outcome.rejected} records aside (rejected_completions says why).`);
  await timed('experiments', () => putExperiments(ledger, history));
  await timed('budgets', () => putBudgets(ledger, budgetsOf(tally.recentPaid)));
  const rollups = await timed('rollups', () => rollUp(ledger, early));
  const anomalies = await timed('anomalies', () =>
    scanAnomalies({ library, ledger, client, history, anomalies: tally.anomalies }),
  );
  return { tally: { ...tally, anomalies }, outcome, rollups, timesMs };
}

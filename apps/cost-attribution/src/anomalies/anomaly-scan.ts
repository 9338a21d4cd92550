import { createHash } from 'node:crypto';
import {
  explainAnomaly,
  FeedbackBook,
  mergeFindings,
  RollupSteps,
  STEP_MS,
  type AnomalyFinding,
  type AnomalyIncident,
  type AnomalySettings,
  type HourRow,
} from '@costlane/domain';
import type { AnomalyStore, StoredAnomaly } from '@costlane/ledger';
import { createTenantDetectors, type TenantDetectors } from './tenant-detectors';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A window's hours hold all of its amount, and what was put right since. */
const LEAST_IN_BOOKS = 0.5;
const HISTORY_HOURS = 35 * 24;
/** So many of the last hours are gone through as if they had been watched, to learn how noisy each scope is. */
const STUDIED_HOURS = 14 * 24;
/** After a longer pause the hours are read anew: amounts that came meanwhile belong to no step any more. */
const MAX_PAUSE_STEPS = 12;
const JUDGEMENTS_MS = 200 * 24 * HOUR_MS;
const ID_CHARACTERS = 16;

export interface ScanOutcome {
  opened: StoredAnomaly[];
  updated: number;
  resolved: number;
  series: number;
}

export interface AnomalyScanOptions {
  store: AnomalyStore;
  settings: AnomalySettings;
  now?: () => number;
}

/**
 * Looks at the rollups of the running hours, works out what the last five minutes have added, and keeps the anomalies that it finds. The first call reads five weeks of hours; a call after a pause
 * reads the hours in between. Two that scan at once write the same.
 */
export function createAnomalyScan({ store, settings, now = Date.now }: AnomalyScanOptions) {
  let detector: TenantDetectors | undefined;
  let steps = new RollupSteps();
  let lastStep = 0;

  async function begin(atMs: number, feedback: FeedbackBook, signal: AbortSignal): Promise<TenantDetectors> {
    const fresh = createTenantDetectors(settings, feedback);
    const running = Math.floor(atMs / HOUR_MS);
    await learn(store, fresh, running, settings.maxValues, signal);
    steps = new RollupSteps();
    const rows = await read(running);
    steps.advance(rows);
    const sofar = rows.filter(({ hour }) => hour === running);
    const count = Math.floor((atMs - running * HOUR_MS) / STEP_MS);
    for (let step = 1; step <= count; step++)
      await fresh.observe(running * HOUR_MS + step * STEP_MS, partOf(sofar, count));
    return fresh;
  }

  const read = (running: number): Promise<HourRow[]> =>
    store.spend(new Date((running - 1) * HOUR_MS), new Date((running + 1) * HOUR_MS), settings.maxValues);

  return async function scan(signal: AbortSignal): Promise<ScanOutcome> {
    const atMs = now();
    const step = Math.floor(atMs / STEP_MS);
    const open = await store.open();
    const feedback = new FeedbackBook(await store.judgements(new Date(atMs - JUDGEMENTS_MS)));
    if (detector === undefined || step - lastStep > MAX_PAUSE_STEPS) {
      detector = await begin(atMs, feedback, signal);
      lastStep = step;
      return { opened: [], updated: 0, resolved: 0, series: detector.seriesCount };
    }
    if (step === lastStep) return { opened: [], updated: 0, resolved: 0, series: detector.seriesCount };
    detector.take(
      feedback,
      open.map(({ cause, startedAtMs }) => ({ scopes: cause, sinceMs: startedAtMs })),
    );
    const amounts = steps.advance(await read(Math.floor((step * STEP_MS - 1) / HOUR_MS)));
    let findings: AnomalyFinding[] = [];
    const missed = step - lastStep;
    for (let each = 1; each <= missed; each++)
      findings = await detector.observe((lastStep + each) * STEP_MS, partOf(amounts, missed));
    lastStep = step;
    const { opened, updated, resolved } = mergeFindings(open, findings, step * STEP_MS);
    const named = await inTheBooks(store, opened.map(toStored));
    // Records were taken away since: what is known here is to be read anew.
    if (named.length < opened.length) detector = undefined;
    const series = detector?.seriesCount ?? 0;
    await store.save([...named, ...updated.map(toStored), ...resolved.map(toStored)]);
    return { opened: named, updated: updated.length, resolved: resolved.length, series };
  };
}

/** Those that the rollups still show: of a tenant that was removed there is only what this process remembers. */
async function inTheBooks(store: AnomalyStore, found: readonly StoredAnomaly[]): Promise<StoredAnomaly[]> {
  const kept: StoredAnomaly[] = [];
  for (const anomaly of found) {
    const from = new Date(anomaly.lastSeenMs - anomaly.windowMinutes * MINUTE_MS);
    const spent = await store.spentSince(anomaly, from);
    if (spent >= LEAST_IN_BOOKS * anomaly.actualNanoUsd) kept.push(anomaly);
  }
  return kept;
}

async function learn(
  store: AnomalyStore,
  detector: TenantDetectors,
  running: number,
  maxValues: number,
  signal: AbortSignal,
): Promise<void> {
  const first = await store.firstHour();
  if (first === undefined) return;
  const from = Math.max(Math.floor(first.getTime() / HOUR_MS), running - HISTORY_HOURS);
  for (let day = from; day < running; day += 24) {
    signal.throwIfAborted();
    const until = Math.min(day + 24, running);
    const rows = byHour(await store.spend(hourDate(day), hourDate(until), maxValues));
    for (let hour = day; hour < until; hour++) {
      const ofHour = rows.get(hour) ?? [];
      if (hour < running - STUDIED_HOURS) await detector.remember(hour, ofHour);
      else await detector.learnHour(hour, ofHour);
      // What ingests and answers in this process has its turn between hours.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const hourDate = (hour: number): Date => new Date(hour * HOUR_MS);

const partOf = <Row extends { costNanoUsd: number; requests: number }>(rows: readonly Row[], parts: number): Row[] =>
  parts === 1
    ? [...rows]
    : rows.map((row) => ({ ...row, costNanoUsd: row.costNanoUsd / parts, requests: row.requests / parts }));

/** The same anomaly has the same id, whoever finds it. */
function toStored(incident: AnomalyIncident): StoredAnomaly {
  const { tenantId, dimension, value, startedAtMs } = incident;
  const digest = createHash('sha256')
    .update(JSON.stringify([tenantId, dimension, value, startedAtMs]))
    .digest('hex');
  const id = incident.id === '' ? `anm_${digest.slice(0, ID_CHARACTERS)}` : incident.id;
  return { ...incident, id, explanation: explainAnomaly(incident) };
}

function byHour(rows: readonly HourRow[]): Map<number, HourRow[]> {
  const hours = new Map<number, HourRow[]>();
  for (const row of rows) {
    const known = hours.get(row.hour);
    if (known) known.push(row);
    else hours.set(row.hour, [row]);
  }
  return hours;
}

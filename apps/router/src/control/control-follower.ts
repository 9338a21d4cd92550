import type { HealthResult, Logger, Metrics } from '@costlane/platform';
import type { ControlSource } from './control-client';
import type { ControlCopy } from './control-copy';
import { emptyState, readState, withChanges, type ControlDocuments, type ControlState } from './control-state';
import { controlMetrics } from './control-metrics';
import type { Flaw } from './read-documents';

/** Keeps up with what administrators decide. */
export interface ControlFollower {
  /** Undefined until they have been read once, or their copy: what tenants forbid is not known before. */
  documents(): ControlDocuments | undefined;
  onChange(callback: () => void): void;
  /** Reads, and goes on reading; resolves after the first attempt. */
  start(): Promise<void>;
  stop(): void;
  health(): HealthResult;
}

export interface ControlFollowerOptions {
  source: ControlSource;
  copy: ControlCopy;
  logger: Logger;
  metrics: Metrics;
  /** Default 1,000: with it a change is in force everywhere within 2 s. */
  intervalMs?: number;
}

const FIRST_READ_INTERVAL_MS = 200;
/** So many missed reads are an outage that somebody should know of. */
const LATE_AFTER_INTERVALS = 10;
const MAX_TOLD = 1_000;

export function createControlFollower(options: ControlFollowerOptions): ControlFollower {
  const { source, copy, logger, intervalMs = 1_000 } = options;
  const listeners: (() => void)[] = [];
  const toldFlaws = new Set<string>();
  let state: ControlState | undefined;
  let documents: ControlDocuments | undefined;
  /** What is at hand comes from the disk, and may be of another life of the store: the first read begins at the beginning. */
  let isCopy = false;
  let readAtMs: number | undefined;
  let isLost = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const metrics = controlMetrics(options.metrics, () => ({ documents, readAtMs, isCopy }));

  const take = (next: ControlState): void => {
    state = next;
    const flaws: Flaw[] = [];
    if (toldFlaws.size > MAX_TOLD) toldFlaws.clear();
    documents = readState(next, (flaw) => void flaws.push(flaw));
    for (const flaw of flaws) {
      // Told once for each version: the same document is read again with every change of another.
      const key = `${next.live.get(JSON.stringify([flaw.kind, flaw.id]))?.version}:${flaw.kind}:${flaw.flaw}`;
      if (toldFlaws.has(key)) continue;
      toldFlaws.add(key);
      metrics.malformed.inc();
      logger.error({ ...flaw }, 'a control document, or a part of it, cannot be read; it is left out');
    }
    metrics.flawed(flaws.length);
    for (const listener of listeners) listener();
  };

  const keep = async (next: ControlState): Promise<void> => {
    try {
      await copy.write(next);
    } catch (err) {
      logger.warn({ err }, 'the copy of the control documents cannot be written');
    }
  };

  const read = async (): Promise<void> => {
    const before = isCopy ? undefined : state;
    const next = await readOn(source, before ?? emptyState, (version, latest) =>
      logger.warn({ version, latest }, 'the store of control documents was set back; reading all of it again'),
    );
    readAtMs = Date.now();
    if (isLost) logger.info({ version: next.version }, 'control documents can be read again');
    isLost = false;
    isCopy = false;
    if (before === next || isStopped) return;
    logger.info({ version: next.version, documents: next.live.size }, 'control documents read');
    take(next);
    await keep(next);
  };

  const fallBack = async (err: unknown): Promise<void> => {
    const reason = err instanceof Error ? err.message : String(err);
    if (!isLost) logger.warn({ reason }, 'control documents cannot be read; trying again');
    isLost = true;
    metrics.failures.inc();
    if (state) return;
    const kept = await copy.read();
    if (!kept || isStopped) return;
    isCopy = true;
    options.metrics.fallback('control_copy');
    logger.warn({ version: kept.version }, 'going on with the control documents of the copy on disk');
    take(kept);
  };

  const poll = async (): Promise<void> => {
    await read().catch(fallBack);
    if (isStopped) return;
    timer = setTimeout(() => void poll(), documents ? intervalMs : Math.min(intervalMs, FIRST_READ_INTERVAL_MS));
    timer.unref();
  };

  return {
    documents: () => documents,
    onChange: (callback) => void listeners.push(callback),
    start: poll,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      source.close();
    },
    health() {
      if (!documents)
        return { ok: false, detail: 'the rules of tenants have not been read yet, so there is no policy' };
      if (isCopy) return { ok: false, detail: 'going on with a copy from disk' };
      const ageMs = Date.now() - (readAtMs ?? 0);
      const isLate = ageMs > LATE_AFTER_INTERVALS * intervalMs;
      return {
        ok: !isLate,
        detail: isLate ? `last read ${Math.round(ageMs / 1000)} s ago` : `${state?.live.size} documents`,
      };
    },
  };
}

/** The state that the store is in now; the same object where nothing has changed. */
async function readOn(
  source: ControlSource,
  from: ControlState,
  onSetBack: (version: number, latestVersion: number) => void,
): Promise<ControlState> {
  let state = from;
  for (;;) {
    const { documents, latestVersion } = await source.changed(state.version);
    if (documents.length > 0) state = withChanges(state, documents);
    else if (latestVersion >= state.version) return state;
    else {
      onSetBack(state.version, latestVersion);
      state = { ...emptyState };
    }
  }
}

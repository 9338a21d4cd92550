import type { BudgetStore } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import type { BudgetMetrics } from './budget-metrics';

export interface KeepLeasesOptions {
  budgets: Pick<BudgetStore, 'sweep' | 'totals'>;
  metrics: Pick<BudgetMetrics, 'swept' | 'held' | 'totals'>;
  /** How old the oldest entry of the completions stream is that is not on record; rejects while that cannot be known. */
  unrecordedAgeMs: () => Promise<number>;
  logger: Logger;
  sweepIntervalMs?: number;
  totalsIntervalMs?: number;
  now?: () => number;
}

const SWEEP_INTERVAL_MS = 1_000;
const TOTALS_INTERVAL_MS = 15_000;
/** A gateway may hear of an answer a moment before its record is in the stream. */
const MARGIN_MS = 2_000;
/** While Redis was away workers kept what they owe, and bring it when it is back. */
const AFTER_OUTAGE_MS = 30_000;

/** Thrown where nothing may be released yet. */
class Held extends Error {}

/**
 * Gives back what closed and lost lessees have left, every second and never before it is known that all they spent is on record; and counts what
 * is leased and overspent. `stop` resolves when nothing of it is under way.
 */
export function keepLeases(options: KeepLeasesOptions): { sweep(): Promise<void>; stop(): Promise<void> } {
  const { budgets, metrics, logger, now = Date.now } = options;
  let heldUntilMs = 0;
  const settledAgeMs = async (): Promise<number> => {
    const ageMs = await options.unrecordedAgeMs().catch((cause: unknown) => {
      heldUntilMs = now() + AFTER_OUTAGE_MS;
      throw new Held('what is on record is not known', { cause });
    });
    if (now() < heldUntilMs) throw new Held('Redis has been away a moment ago');
    return ageMs + MARGIN_MS;
  };
  const sweep = async (): Promise<void> => {
    let isAsked = false;
    try {
      const outcome = await budgets.sweep(() => {
        isAsked = true;
        return settledAgeMs();
      });
      metrics.swept(outcome);
      // An outage counts for those, too, who end when it is just over.
      if (!isAsked) await settledAgeMs().catch(() => undefined);
    } catch (err) {
      if (err instanceof Held) metrics.held();
      else logger.debug({ err }, 'leases of budgets could not be swept; the next round tries again');
    }
  };
  const total = async (): Promise<void> => {
    try {
      metrics.totals(await budgets.totals());
    } catch (err) {
      logger.debug({ err }, 'budgets could not be summed up; the next round tries again');
    }
  };
  const loops = [
    repeat(sweep, options.sweepIntervalMs ?? SWEEP_INTERVAL_MS),
    repeat(total, options.totalsIntervalMs ?? TOTALS_INTERVAL_MS),
  ];
  return {
    sweep,
    async stop() {
      await Promise.all(loops.map((stop) => stop()));
    },
  };
}

/** Never twice at a time: while Postgres is slow rounds are left out. */
function repeat(work: () => Promise<void>, intervalMs: number): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work().finally(() => (running = undefined));
  }, intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}

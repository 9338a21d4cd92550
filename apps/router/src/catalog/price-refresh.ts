import { CostlaneError } from '@costlane/domain';
import type { HealthResult, Logger, Metrics } from '@costlane/platform';
import {
  diffPriceList,
  openStagedPrices,
  readPriceList,
  type PriceCatalog,
  type RefreshReport,
  type StagedPrices,
  type StagedPricesStore,
} from '@costlane/pricing';

export interface PriceRefreshOptions {
  /** Empty: nothing is fetched; what was approved before stays in force. */
  readonly url: string;
  readonly intervalMs: number;
  /** Whose prices are compared, by the catalog's names. */
  readonly providers: readonly string[];
  readonly catalog: Pick<PriceCatalog, 'find' | 'list' | 'setUpdates'>;
  readonly store: StagedPricesStore;
  readonly fetchList: (url: string) => Promise<string>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** After the start, so that a service that restarts in a loop does not fetch in a loop; and after a failure. */
  readonly firstDelayMs?: number;
  readonly retryDelayMs?: number;
}

export interface PriceRefresh {
  /** Puts what was taken over before into force, then fetches the list on its schedule until `stop`. Never rejects. */
  start(): Promise<void>;
  stop(): void;
  /**
   * Fetches and compares now; one at a time, a second caller gets the answer of the first.
   * Rejects with CostlaneError `invalid_request` when no list is set, `upstream_error` when it cannot be had or read.
   */
  refresh(): Promise<RefreshReport>;
  /** @throws CostlaneError `unavailable` when what was kept cannot be read */
  staged(): StagedPrices;
  health(): HealthResult;
}

/** Keeps the catalog up to date with an open price list: small changes by itself, others through {@link StagedPrices}. */
export function createPriceRefresh(options: PriceRefreshOptions): PriceRefresh {
  const { url, intervalMs, catalog, logger, metrics, firstDelayMs = 30_000, retryDelayMs = 15 * 60_000 } = options;
  let prices: StagedPrices | undefined;
  let unreadable = 'not read yet';
  let failure: string | undefined;
  let running: Promise<RefreshReport> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const outcomes = metrics.counter({
    name: 'costlane_price_refreshes_total',
    help: 'Comparisons of the catalog with the open price list, by outcome',
    labelNames: ['outcome'],
  });
  metrics.gauge({
    name: 'costlane_staged_prices',
    help: 'Prices of the open list that wait for approval',
    labelNames: [],
    collect() {
      this.set(prices?.list().length ?? 0);
    },
  });

  const staged = (): StagedPrices => {
    if (prices) return prices;
    throw new CostlaneError('unavailable', `The staged prices cannot be read: ${unreadable}`);
  };

  const compare = async (): Promise<RefreshReport> => {
    const keeper = staged();
    const reading = readPriceList(await options.fetchList(url), options.providers);
    if (!reading.ok) throw new Error(reading.error);
    const { models, refused } = reading.value;
    return keeper.propose(diffPriceList(models, catalog, options.providers), { source: url, refused });
  };

  const run = async (): Promise<RefreshReport> => {
    try {
      const report = await compare();
      outcomes.inc({ outcome: 'compared' });
      failure = undefined;
      tell(logger, report);
      return report;
    } catch (error) {
      outcomes.inc({ outcome: 'failed' });
      metrics.fallback('price_list_stale');
      failure = reasonOf(error);
      logger.warn({ url, reason: failure }, 'the price list was not compared; the prices in force stay');
      if (error instanceof CostlaneError) throw error;
      throw new CostlaneError('upstream_error', `The price list was not compared: ${failure}.`, { cause: error });
    }
  };

  const refresh = (): Promise<RefreshReport> => {
    if (url === '') {
      const message = 'No price list is set: PRICE_LIST_URL names one.';
      return Promise.reject(new CostlaneError('invalid_request', message));
    }
    running ??= run().finally(() => (running = undefined));
    return running;
  };

  const schedule = (delayMs: number): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      void refresh().then(
        () => schedule(intervalMs),
        () => schedule(Math.min(retryDelayMs, intervalMs)),
      );
    }, delayMs);
    timer.unref();
  };

  return {
    async start() {
      try {
        prices = await openStagedPrices({ store: options.store, onApplied: catalog.setUpdates });
        catalog.setUpdates(prices.applied());
      } catch (error) {
        unreadable = reasonOf(error);
        logger.error({ err: error }, 'staged prices cannot be read: prices that were taken over are not in force');
        return;
      }
      if (url !== '') schedule(firstDelayMs);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    refresh,
    staged,
    health() {
      if (!prices) return { ok: false, detail: unreadable };
      return failure === undefined ? { ok: true } : { ok: false, detail: failure };
    },
  };
}

function tell(logger: Logger, report: RefreshReport): void {
  const { unchanged, applied, waiting, refused, vanished } = report;
  const counts = { unchanged, waiting, refused: refused.length, vanished: vanished.length };
  logger.info({ ...counts, applied }, 'compared with the price list');
  if (waiting > 0) logger.warn({ waiting }, 'prices wait for approval: GET /internal/catalog/staged');
}

/** `fetch` hides what happened in the cause. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = Object(error) as Partial<Error>;
  if (name === 'TimeoutError') return 'no answer in time';
  const deeper = Object(cause) as Partial<NodeJS.ErrnoException>;
  return deeper.code ?? deeper.message ?? message ?? String(error);
}

import type { HealthResult, Logger, Metrics } from '@costlane/platform';
import { fetchModelList, type ListedModel } from './fetch-model-list';

export interface ModelDiscoveryOptions {
  readonly provider: string;
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly timeoutMs?: number;
  readonly refreshIntervalMs?: number;
  /** Until a refresh has succeeded once; then the refresh interval holds for failures, too. */
  readonly retryIntervalMs?: number;
}

export interface ModelDiscovery {
  readonly provider: string;
  /** Resolves after the first attempt, whatever came of it; refreshes go on until `stop`. */
  start(): Promise<void>;
  stop(): void;
  /** The last list that came; undefined when none ever did. */
  models(): readonly ListedModel[] | undefined;
  /** Called after each refresh that succeeded. */
  onRefreshed(callback: () => void): void;
  health(): HealthResult;
}

/** Asks a server now and then which models it has. A failure keeps the last list; each series of failures is counted and told once. */
export function createModelDiscovery(options: ModelDiscoveryOptions): ModelDiscovery {
  const { provider, logger, metrics, timeoutMs = 2_000, refreshIntervalMs = 60_000, retryIntervalMs = 5_000 } = options;
  let models: readonly ListedModel[] | undefined;
  let failure: string | undefined = 'not asked yet';
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isFailing = false;
  const listeners: (() => void)[] = [];

  const refresh = async (): Promise<void> => {
    try {
      const { baseUrl, apiKey } = options;
      models = await fetchModelList({ baseUrl, apiKey, timeoutMs });
      failure = undefined;
      if (isFailing) logger.info({ provider, models: models.length }, 'provider lists its models again');
      isFailing = false;
      if (!isStopped) listeners.forEach((listener) => listener());
    } catch (error) {
      failure = reasonOf(error);
      if (isFailing) return;
      isFailing = true;
      metrics.fallback('model_list_stale');
      logger.warn(
        { provider, reason: failure, keptModels: models?.length ?? 0 },
        'models of a provider cannot be listed',
      );
    }
  };

  const loop = async (): Promise<void> => {
    await refresh();
    if (isStopped) return;
    timer = setTimeout(() => void loop(), models ? refreshIntervalMs : retryIntervalMs);
  };

  return {
    provider,
    start: loop,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    models: () => models,
    onRefreshed: (callback) => void listeners.push(callback),
    health: () => (failure === undefined ? { ok: true } : { ok: false, detail: failure }),
  };
}

/** `fetch` hides what happened in the cause. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = Object(error) as Partial<Error>;
  if (name === 'TimeoutError') return 'no answer in time';
  const deeper = Object(cause) as Partial<NodeJS.ErrnoException>;
  return deeper.code ?? deeper.message ?? message ?? String(error);
}

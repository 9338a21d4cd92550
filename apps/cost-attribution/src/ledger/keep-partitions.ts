import type { Ledger } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';

const INTERVAL_MS = 3_600_000;
const RETRY_MS = 30_000;

/**
 * Makes the ledger's partitions a week ahead, now and every hour, and again soon when that failed. Nothing depends on it at the
 * moment: without a partition a day's rows wait in the default one.
 */
export function keepPartitions(ledger: Pick<Ledger, 'ensurePartitions'>, logger: Logger): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const run = async (): Promise<void> => {
    let nextMs = INTERVAL_MS;
    try {
      const made = await ledger.ensurePartitions();
      if (made > 0) logger.info({ made }, 'ledger partitions made');
    } catch (err) {
      nextMs = RETRY_MS;
      logger.warn({ err, retryInMs: RETRY_MS }, 'ledger partitions could not be made');
    }
    if (!isStopped) timer = setTimeout(() => void run(), nextMs);
  };
  void run();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

import type { Completion } from '@costlane/contracts';
import type { ExactFill, ResponseStore } from '@costlane/response-store';
import { chunkFills } from './chunk-fills';
import type { Semantic } from '../semantic/create-semantic';
import type { FillMetrics } from './fill-metrics';
import { shouldStore } from './should-store';

export interface FillServiceOptions {
  store: Pick<ResponseStore, 'fill'>;
  metrics: FillMetrics;
  maxEntryBytes: number;
  /** Told what was stored and of audits that came back. */
  semantic?: Pick<Semantic, 'onStored' | 'onCompletions'>;
  now?: () => number;
}

export interface FillService {
  /** Stores what of these finished requests may be stored. Rejects when Redis does not take it: the batch is then to be tried again. */
  fill(completions: readonly Completion[]): Promise<void>;
}

/** What goes to Redis at once: it bounds what a backlog of large answers takes in memory. */
const chunkLimits = { maxFills: 256, maxBytes: 4 * 1024 * 1024 };

/** Fills the exact tier from finished requests. Filling twice is harmless, so a batch may be handed over again. */
export function createFillService({
  store,
  metrics,
  maxEntryBytes,
  semantic,
  now = Date.now,
}: FillServiceOptions): FillService {
  return {
    async fill(completions) {
      const limits = { maxEntryBytes, nowMs: now() };
      const decisions = completions.map((completion) => shouldStore(completion, limits));
      const fills = decisions.flatMap((decision): ExactFill[] => (decision.store ? [decision] : []));
      let stored = 0;
      for (const chunk of chunkFills(fills, chunkLimits)) {
        const taken = await store.fill(chunk);
        stored += taken;
        await semantic?.onStored(chunk, taken === chunk.length);
      }
      semantic?.onCompletions(completions);
      // Counted after the store took them, so that a batch that is tried again counts once.
      for (const decision of decisions) if (!decision.store) metrics.skipped(decision.reason);
      if (stored < fills.length) metrics.skipped('invalidated', fills.length - stored);
      if (fills.length === 0) return;
      metrics.filled(stored, sizeOf(fills));
      const storedAtMs = now();
      for (const { fill } of fills) metrics.delay(Math.max(0, storedAtMs - fill.entry.createdAtMs) / 1000);
    },
  };
}

const sizeOf = (fills: readonly ExactFill[]): number => fills.reduce((sum, { body }) => sum + body.length, 0);

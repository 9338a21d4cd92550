import type { ItemMode, ItemReply } from '@costlane/contracts';
import type { ItemDropReason } from '@costlane/lanes';
import type { Metrics } from '@costlane/platform';

/** `answered`: by the door, `planned`: a provider is to be asked, `failed`: for good, `retryable`: it may be asked again, `cancelled`: nobody waits. */
export type ItemResult = 'answered' | 'planned' | 'failed' | 'retryable' | 'cancelled';

const modes: readonly ItemMode[] = ['execute', 'plan', 'render'];
const results: readonly ItemResult[] = ['answered', 'planned', 'failed', 'retryable', 'cancelled'];
const drops: readonly ItemDropReason[] = ['late', 'unreadable', 'given_up'];

export interface ItemMetrics {
  done(mode: ItemMode, reply: ItemReply | undefined): void;
  dropped(reason: ItemDropReason): void;
}

/** What operators see of items of durable jobs at this gateway. */
export function createItemMetrics(metrics: Metrics, inFlight: () => number): ItemMetrics {
  const done = metrics.counter({
    name: 'costlane_gateway_items_total',
    help: 'Items of durable jobs by what was to be done with them (execute, plan, render) and what came of it',
    labelNames: ['mode', 'outcome'],
  });
  const dropped = metrics.counter({
    name: 'costlane_gateway_items_dropped_total',
    help: 'Items that were not begun: late, unreadable, or given up after their attempts',
    labelNames: ['reason'],
  });
  for (const mode of modes) for (const outcome of results) done.inc({ mode, outcome }, 0);
  for (const reason of drops) dropped.inc({ reason }, 0);
  metrics.gauge({
    name: 'costlane_gateway_items_in_flight',
    help: 'Items of durable jobs that this gateway has at its doors',
    collect() {
      this.set(inFlight());
    },
  });
  return {
    done: (mode, reply) => done.inc({ mode, outcome: resultOf(reply) }),
    dropped: (reason) => dropped.inc({ reason }),
  };
}

function resultOf(reply: ItemReply | undefined): ItemResult {
  if (!reply) return 'cancelled';
  if (reply.kind === 'planned') return 'planned';
  if (reply.errorCode === undefined) return 'answered';
  return reply.isRetryable ? 'retryable' : 'failed';
}

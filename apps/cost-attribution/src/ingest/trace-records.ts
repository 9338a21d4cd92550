import type { CompletionRecord } from '@costlane/contracts';
import type { Tracing } from '@costlane/platform';

/**
 * A span for each record of a sampled request, below the span that the gateway answered it in. Called when the records are stored: a
 * batch that waits for Postgres is tried many times and would be as many spans for every record.
 */
export function traceRecords(tracing: Tracing, records: readonly CompletionRecord[], startTimeMs: number): void {
  if (!tracing.isEnabled) return;
  for (const record of records) {
    if (record.traceparent === undefined) continue;
    tracing
      .startSpan('ledger record', {
        kind: 'consumer',
        parentTraceparent: record.traceparent,
        startTimeMs,
        attributes: {
          'messaging.system': 'redis',
          'messaging.operation.type': 'process',
          'messaging.batch.message_count': records.length,
          'costlane.request_id': record.requestId,
          'costlane.cache': record.cacheTier,
          'costlane.cost_nano_usd': record.paidNanoUsd,
        },
      })
      ?.end();
  }
}

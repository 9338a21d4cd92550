import { CostlaneError } from '@costlane/domain';
import { newRequestId } from '@costlane/platform';
import { noticeOf } from './advance-alerts';
import type { AlertSink } from './sinks/alert-sinks';

export interface TestedSink {
  sink: string;
  delivered: boolean;
  /** What went wrong, without addresses or keys; null where nothing did. */
  reason: string | null;
}

/**
 * Tells one sink, or all that are configured, of an alert that is none, and at once that it is over. Throws `invalid_request` for a sink that is not configured.
 */
export async function testAlert(sinks: readonly AlertSink[], name: string): Promise<{ sinks: TestedSink[] }> {
  const asked = name === '' ? sinks : sinks.filter((sink) => sink.name === name);
  if (asked.length === 0) {
    const known = sinks.map((sink) => sink.name).join(', ');
    const message =
      known === '' ? 'No sink for alerts is configured.' : `sink must be one that is configured: ${known}.`;
    throw new CostlaneError('invalid_request', message, { field: 'sink' });
  }
  return { sinks: await Promise.all(asked.map(testSink)) };
}

async function testSink(sink: AlertSink): Promise<TestedSink> {
  const id = `test-${newRequestId()}`;
  const now = Date.now();
  const summary = 'This is a test of Costlane’s alerts. Nothing is wrong.';
  const labels = { test: 'true' };
  const state = { rule: 'anomaly', tenantId: '', scope: id, severity: 'info', summary, labels } as const;
  for (const is of ['firing', 'resolved'] as const) {
    const notice = noticeOf({ ...state, seenSinceMs: now, firingSinceMs: now, resolvedAtMs: now }, is);
    const outcome = await sink.send({ id: `${id}.${is}`, notices: [notice] });
    if (!outcome.ok) return { sink: sink.name, delivered: false, reason: outcome.reason };
  }
  return { sink: sink.name, delivered: true, reason: null };
}

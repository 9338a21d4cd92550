import type { StoredAlert } from '@costlane/ledger';
import type { Metrics } from '@costlane/platform';

/** What is firing, and how sinks take it. */
export function createAlertMetrics(metrics: Metrics) {
  const firing = metrics.gauge({
    name: 'costlane_alert_firing',
    help: 'Scopes for which a rule fires, by rule and severity; of the instance that looked last',
    labelNames: ['rule', 'severity'],
  });
  const sent = metrics.counter({
    name: 'costlane_alert_messages_total',
    help: 'Attempts at telling a sink: sent, pending (to be tried again) or abandoned',
    labelNames: ['sink', 'result'],
  });
  return {
    show(states: readonly Pick<StoredAlert, 'rule' | 'severity' | 'firingSinceMs'>[]): void {
      firing.reset();
      for (const { rule, severity, firingSinceMs } of states)
        if (firingSinceMs !== undefined) firing.inc({ rule, severity });
    },
    told: (sink: string, result: string): void => sent.inc({ sink, result }),
  };
}

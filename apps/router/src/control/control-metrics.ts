import type { Metrics } from '@costlane/platform';
import type { ControlDocuments } from './control-state';

interface Seen {
  documents: ControlDocuments | undefined;
  readAtMs: number | undefined;
  isCopy: boolean;
}

/** What operators see of the control documents. */
export function controlMetrics(metrics: Metrics, seen: () => Seen) {
  metrics.gauge({
    name: 'costlane_control_documents',
    help: 'Documents of administrators in force, by kind',
    labelNames: ['kind'],
    collect() {
      const { documents } = seen();
      this.set({ kind: 'tenant-policy' }, documents?.tenants.length ?? 0);
      this.set({ kind: 'experiment' }, documents?.experiments.length ?? 0);
    },
  });
  metrics.gauge({
    name: 'costlane_control_age_seconds',
    help: 'Since the documents were last read from their store; -1: never in this life',
    collect() {
      const { readAtMs } = seen();
      this.set(readAtMs === undefined ? -1 : (Date.now() - readAtMs) / 1_000);
    },
  });
  metrics.gauge({
    name: 'costlane_control_copy',
    help: '1 while the documents in force are those of the copy on disk',
    collect() {
      this.set(seen().isCopy ? 1 : 0);
    },
  });
  const flawed = metrics.gauge({
    name: 'costlane_control_flaws',
    help: 'Documents, or fields of them, that cannot be read at the moment',
  });
  return {
    malformed: metrics.counter({
      name: 'costlane_control_malformed_total',
      help: 'Documents, or fields of them, that could not be read and were left out; once for each version',
    }),
    failures: metrics.counter({
      name: 'costlane_control_read_failures_total',
      help: 'Attempts to read the documents that failed',
    }),
    flawed: (count: number) => flawed.set(count),
  };
}

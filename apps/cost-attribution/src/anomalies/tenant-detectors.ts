import {
  AnomalyDetector,
  type AnomalyFinding,
  type AnomalySettings,
  type FeedbackBook,
  type OpenAnomaly,
  type SpendRow,
} from '@costlane/domain';

/** The detectors of all tenants; each call goes through them one after another. One use at a time. */
export interface TenantDetectors {
  readonly seriesCount: number;
  take(feedback: FeedbackBook, open: readonly OpenAnomaly[]): void;
  remember(hour: number, rows: readonly SpendRow[]): Promise<void>;
  learnHour(hour: number, rows: readonly SpendRow[]): Promise<void>;
  observe(untilMs: number, rows: readonly SpendRow[]): Promise<AnomalyFinding[]>;
}

/** What ingests and answers in this process has its turn after so long. */
const MAX_TURN_MS = 10;
const nothing: readonly SpendRow[] = [];

/**
 * A detector for each tenant, for none knows of another's spend: the turn of an hour, which works out anew what each scope is expected to spend, holds up what else this process does for a tenant's part of it at the most.
 */
export function createTenantDetectors(
  settings: AnomalySettings,
  firstFeedback: FeedbackBook,
  maxTurnMs = MAX_TURN_MS,
): TenantDetectors {
  const detectors = new Map<string, AnomalyDetector>();
  let feedback = firstFeedback;

  async function each(
    rows: readonly SpendRow[],
    act: (detector: AnomalyDetector, own: readonly SpendRow[]) => void,
  ): Promise<void> {
    const byTenant = groupBy(rows, ({ tenantId }) => tenantId);
    for (const tenantId of byTenant.keys())
      if (!detectors.has(tenantId)) detectors.set(tenantId, new AnomalyDetector(settings, feedback));
    let sinceMs = performance.now();
    for (const [tenantId, detector] of detectors) {
      act(detector, byTenant.get(tenantId) ?? nothing);
      if (performance.now() - sinceMs < maxTurnMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sinceMs = performance.now();
    }
  }

  return {
    get seriesCount() {
      let count = 0;
      for (const detector of detectors.values()) count += detector.seriesCount;
      return count;
    },
    take(given, open) {
      feedback = given;
      const ofTenant = groupBy(open, ({ scopes }) => scopes[0]?.tenantId ?? '');
      for (const [tenantId, detector] of detectors) detector.take(given, ofTenant.get(tenantId) ?? []);
    },
    remember: (hour, rows) => each(rows, (detector, own) => detector.remember(hour, own)),
    learnHour: (hour, rows) => each(rows, (detector, own) => detector.learnHour(hour, own)),
    async observe(untilMs, rows) {
      const findings: AnomalyFinding[] = [];
      await each(rows, (detector, own) => {
        findings.push(...detector.observe(untilMs, own));
      });
      return findings;
    },
  };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known) known.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

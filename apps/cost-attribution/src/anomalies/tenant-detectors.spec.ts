import {
  AnomalyDetector,
  defaultAnomalySettings,
  FeedbackBook,
  type AnomalyFinding,
  type SpendRow,
} from '@costlane/domain';
import { createTenantDetectors } from './tenant-detectors';

const HOUR_MS = 3_600_000;
const STEP_MS = 300_000;
const CENT = 10_000_000;
const START_HOUR = Date.UTC(2026, 0, 5) / HOUR_MS;
const WEEKS_OF_HOURS = 3 * 168;
const tenants = ['acme', 'globex', 'initech'];

/** Of tenants that differ, one of which comes later, and that are quiet at times. */
function rowsAt(hour: number, part = 1, factor = 1): SpendRow[] {
  return tenants.flatMap((tenantId, at) => {
    if ((at === 2 && hour < START_HOUR + 168) || (hour + at) % 11 === 0) return [];
    const cents = (200 + at * 50 + (hour % 7) * 3) * part;
    const row = { tenantId, costNanoUsd: cents * CENT * (at === 1 ? factor : 1), requests: Math.ceil(cents) };
    return [{ ...row, dimension: 'total', value: '' } as const, { ...row, dimension: 'user', value: 'ann' } as const];
  });
}

describe('a detector for each tenant', () => {
  it('finds what one for all of them finds, hour by hour and step by step', async () => {
    const feedback = new FeedbackBook([]);
    const one = new AnomalyDetector(defaultAnomalySettings, feedback);
    const each = createTenantDetectors(defaultAnomalySettings, feedback);
    for (let hour = START_HOUR; hour < START_HOUR + WEEKS_OF_HOURS; hour++) {
      const isOld = hour < START_HOUR + 100;
      const rows = rowsAt(hour);
      if (isOld) one.remember(hour, rows);
      else one.learnHour(hour, rows);
      await (isOld ? each.remember(hour, rows) : each.learnHour(hour, rows));
    }
    const [expected, found]: AnomalyFinding[][] = [[], []];
    for (let step = 1; step <= 36; step++) {
      const atMs = (START_HOUR + WEEKS_OF_HOURS) * HOUR_MS + step * STEP_MS;
      const rows = rowsAt(Math.floor((atMs - 1) / HOUR_MS), 1 / 12, step > 6 ? 12 : 1);
      const open =
        step > 20
          ? [{ scopes: [{ tenantId: 'globex', dimension: 'user', value: 'ann' } as const], sinceMs: atMs }]
          : [];
      one.take(feedback, open);
      each.take(feedback, open);
      expected?.push(...one.observe(atMs, rows));
      found?.push(...(await each.observe(atMs, rows)));
    }
    expect(found?.some(({ tenantId, score }) => tenantId === 'globex' && score >= 1)).toBe(true);
    expect(found).toEqual(expected);
    expect(each.seriesCount).toBe(one.seriesCount);
  });

  it('lets the rest of the process have its turn between tenants', async () => {
    const each = createTenantDetectors(defaultAnomalySettings, new FeedbackBook([]), 0);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await each.learnHour(START_HOUR + 400, rowsAt(START_HOUR + 400));
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(rowsAt(START_HOUR + 400).length / 2);
  });
});

import { AnomalyDetector } from './anomaly-detector';
import { defaultAnomalySettings, HOUR_MS, STEP_MS, type AnomalyFinding, type SpendRow } from './anomaly-types';
import { FeedbackBook, type AnomalyJudgement } from './feedback-book';
import { mergeFindings, type AnomalyIncident } from './incidents';

const USD = 1_000_000_000;
const START = Date.UTC(2026, 0, 5);
const START_HOUR = START / HOUR_MS;
const WEEKS = 4;
const HOURS = WEEKS * 168;

/** Two users with a feature and a model each; by day ten times what they spend at night, and a little up and down. */
function usual(hour: number): Map<string, number> {
  const level = hour % 24 >= 8 && hour % 24 < 20 ? 6 : 0.6;
  const wave = 1 + 0.15 * Math.sin(hour * 2.3);
  return new Map([
    ['ann', level * wave],
    ['bob', level * 0.5 * wave],
  ]);
}

function rowsOf(users: ReadonlyMap<string, number>, part = 1): SpendRow[] {
  const tenantId = 'acme';
  const rows: SpendRow[] = [];
  let total = 0;
  for (const [user, usd] of users) {
    const amounts = { costNanoUsd: usd * part * USD, requests: Math.ceil(usd * part * 100) };
    total += usd * part;
    rows.push({ tenantId, dimension: 'user', value: user, ...amounts });
    rows.push({ tenantId, dimension: 'feature', value: `feature of ${user}`, ...amounts });
  }
  rows.push({ tenantId, dimension: 'total', value: '', costNanoUsd: total * USD, requests: Math.ceil(total * 100) });
  rows.push({ tenantId, dimension: 'model', value: 'm', costNanoUsd: total * USD, requests: Math.ceil(total * 100) });
  return rows;
}

function grown(judgements: readonly AnomalyJudgement[] = [], batch?: (hour: number) => number): AnomalyDetector {
  const detector = new AnomalyDetector(defaultAnomalySettings, new FeedbackBook(judgements));
  for (let hour = START_HOUR; hour < START_HOUR + HOURS; hour++) {
    const users = usual(hour);
    if (batch) users.set('batch', batch(hour));
    // As the service does: what is long ago is only remembered.
    if (hour < START_HOUR + HOURS - 336) detector.remember(hour, rowsOf(users));
    else detector.learnHour(hour, rowsOf(users));
  }
  return detector;
}

/** Goes on from Monday 00:00 with `factor` for Ann from `from` on; gives the first incident and when it was opened. */
function watch(detector: AnomalyDetector, hours: number, ann: (hour: number, step: number) => number) {
  let open: AnomalyIncident[] = [];
  const opened: (AnomalyIncident & { minutes: number })[] = [];
  const findings: AnomalyFinding[][] = [];
  for (let step = 0; step < hours * 12; step++) {
    const hour = START_HOUR + HOURS + Math.floor(step / 12);
    const users = usual(hour);
    users.set('ann', (users.get('ann') ?? 0) * ann(hour % 24, step));
    const at = (START_HOUR + HOURS) * HOUR_MS + (step + 1) * STEP_MS;
    const found = detector.observe(at, rowsOf(users, 1 / 12));
    findings.push(found);
    const changes = mergeFindings(open, found, at);
    const gone = new Set(changes.resolved.map(({ id }) => id));
    const updated = new Map(changes.updated.map((incident) => [incident.id, incident]));
    for (const incident of changes.opened)
      opened.push({ ...incident, id: String(opened.length), minutes: (step + 1) * 5 });
    open = [
      ...open.map((each) => updated.get(each.id) ?? each).filter(({ id }) => !gone.has(id)),
      ...changes.opened.map((incident, at) => ({
        ...incident,
        id: String(opened.length - changes.opened.length + at),
      })),
    ];
  }
  return { opened, findings, open };
}

describe('anomaly detection', () => {
  it('is quiet on a usual day', () => {
    const { opened } = watch(grown(), 24, () => 1);
    expect(opened).toEqual([]);
  });

  it('finds a user who spends five times the usual within 15 minutes, as one incident that names the user', () => {
    const { opened } = watch(grown(), 14, (hour) => (hour >= 10 ? 5 : 1));
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({ tenantId: 'acme', dimension: 'user', value: 'ann' });
    expect(opened[0]?.cause).toContainEqual({ tenantId: 'acme', dimension: 'feature', value: 'feature of ann' });
    expect(opened[0]?.minutes).toBeLessThanOrEqual(10 * 60 + 15);
  });

  it('is over some time after the spend is as usual again, and begins no other one', () => {
    const { opened, open } = watch(grown(), 20, (hour) => (hour >= 10 && hour < 12 ? 6 : 1));
    expect(opened).toHaveLength(1);
    expect(open).toEqual([]);
  });

  it('gives no alarm for little money, however many times the usual', () => {
    const detector = new AnomalyDetector(
      { ...defaultAnomalySettings, minImpactNanoUsd: 500 * USD },
      new FeedbackBook(),
    );
    for (let hour = START_HOUR; hour < START_HOUR + HOURS; hour++) detector.learnHour(hour, rowsOf(usual(hour)));
    expect(watch(detector, 14, (hour) => (hour >= 10 ? 8 : 1)).opened).toEqual([]);
  });

  it('knows a batch that runs every week at that hour', () => {
    const weekly = (hour: number) => ((hour - START_HOUR) % 168 === 2 ? 30 : 0);
    const seen = (detector: AnomalyDetector) => {
      const found: AnomalyFinding[] = [];
      for (let step = 0; step < 48; step++) {
        const hour = START_HOUR + HOURS + Math.floor(step / 12);
        const users = usual(hour);
        users.set('batch', weekly(hour));
        const at = (START_HOUR + HOURS) * HOUR_MS + (step + 1) * STEP_MS;
        found.push(...detector.observe(at, rowsOf(users, 1 / 12)).filter(({ score }) => score >= 1));
      }
      return found;
    };
    expect(seen(grown([], weekly))).toEqual([]);
    // Without those nights the same hour is none that is known.
    expect(seen(grown([], () => 0)).length).toBeGreaterThan(0);
  });

  it('says nothing of what is planned, and does of the rest', () => {
    const planned: AnomalyJudgement = {
      tenantId: 'acme',
      dimension: 'user',
      value: 'ann',
      verdict: 'planned',
      fromMs: START + HOURS * HOUR_MS,
      untilMs: START + (HOURS + 48) * HOUR_MS,
      judgedAtMs: START,
    };
    expect(watch(grown([planned]), 14, (hour) => (hour >= 10 ? 5 : 1)).opened).toEqual([]);
    const other = watch(grown([{ ...planned, value: 'bob' }]), 14, (hour) => (hour >= 10 ? 5 : 1));
    expect(other.opened.map(({ value }) => value)).toEqual(['ann']);
  });

  it('asks for more after a "no", and for as much as ever once weeks have passed', () => {
    const no = {
      tenantId: 'acme',
      dimension: 'user',
      value: 'ann',
      verdict: 'no',
      fromMs: START,
      untilMs: START,
    } as const;
    const book = new FeedbackBook([{ ...no, judgedAtMs: START }]);
    const scope = { tenantId: 'acme', dimension: 'user', value: 'ann' } as const;
    const soon = book.cautionOf(scope, START + 30 * HOUR_MS);
    const later = book.cautionOf(scope, START + 60 * 24 * HOUR_MS + 5 * HOUR_MS);
    expect(soon).toBeGreaterThan(1.3);
    expect(later).toBeLessThan(1.1);
    expect(book.cautionOf(scope, START + 168 * HOUR_MS)).toBeGreaterThan(soon);
    expect(book.cautionOf({ ...scope, value: 'bob' }, START + HOUR_MS)).toBe(1);
    expect(book.cautionOf({ ...scope, tenantId: 'globex' }, START + HOUR_MS)).toBe(1);
    expect(new FeedbackBook([{ ...no, verdict: 'yes', judgedAtMs: START }]).cautionOf(scope, START)).toBe(1);
  });

  it('takes what moves from one user to another for no anomaly', () => {
    const detector = grown();
    const found: AnomalyFinding[] = [];
    for (let step = 0; step < 14 * 12; step++) {
      const hour = START_HOUR + HOURS + Math.floor(step / 12);
      const users = usual(hour);
      const ann = users.get('ann') ?? 0;
      if (hour % 24 >= 10) users.set('bob', (users.get('bob') ?? 0) + ann).set('ann', 0);
      found.push(...detector.observe((START_HOUR + HOURS) * HOUR_MS + (step + 1) * STEP_MS, rowsOf(users, 1 / 12)));
    }
    expect(found.filter(({ score }) => score >= 1)).toEqual([]);
  });
});

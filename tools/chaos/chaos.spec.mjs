import { growthOf } from './counters.mjs';
import { compare, nanoUsdOf } from './ledger.mjs';
import { optionTable, settingsOf } from './options.mjs';
import { createRandom } from './random.mjs';
import { figuresOf, renderText, summarize } from './report.mjs';
import { faults, planPhases, providerNames } from './schedule.mjs';

const settings = { seconds: 60, clients: 16, deadlineMs: 30_000, seed: 1, goal: 0.999 };
const answer = (fields) => ({
  atMs: 1_000,
  latencyMs: 100,
  status: 200,
  isAnswered: true,
  isClearFailure: false,
  kind: 'simple',
  route: 'complexity:economy',
  model: 'm',
  requestId: 'r1',
  costUsd: '0.000000100',
  ...fields,
});
const books = { records: 1, missing: 0, twice: 0, differing: 0, paidNanoUsd: '100', upstreamCalls: 1, otherCalls: 0 };
const summaryOf = (endings, ledger = books) =>
  summarize({ settings, phases: planPhases(settings), endings, ledger, counters: { retries: 3 }, providers: [] });

describe('the schedule of failures', () => {
  it.each([15, 20, 60, 600])('fills %d s without a gap, begins well and ends with one provider', (seconds) => {
    for (let seed = 0; seed < 50; seed++) {
      const phases = planPhases({ seconds, seed });
      expect(phases[0]).toMatchObject({ startMs: 0, failing: {} });
      phases.reduce((before, phase) => {
        expect(phase.startMs).toBe(before.endMs);
        expect(phase.endMs).toBeGreaterThan(phase.startMs);
        return phase;
      });
      expect(phases.at(-1).endMs).toBe(seconds * 1_000);
      expect(Object.values(phases.at(-1).failing)).toEqual(['connection refused', 'connection refused']);
    }
  });

  it('has two of three fail at a time, and never all', () => {
    for (const { failing } of planPhases({ seconds: 600, seed: 3 })) {
      expect([0, 2]).toContain(Object.keys(failing).length);
      for (const [name, fault] of Object.entries(failing)) {
        expect(providerNames).toContain(name);
        expect(Object.keys(faults)).toContain(fault);
      }
    }
  });

  it('comes to every way to fail, and leaves each provider alone in turn', () => {
    const phases = planPhases({ seconds: 120, seed: 5 }).filter(({ failing }) => Object.keys(failing).length > 0);
    expect(new Set(phases.flatMap(({ failing }) => Object.values(failing)))).toEqual(new Set(Object.keys(faults)));
    const left = phases.map(({ failing }) => providerNames.find((name) => !failing[name]));
    expect(new Set(left)).toEqual(new Set(providerNames));
    left.slice(1).forEach((name, at) => expect(name).not.toBe(left[at]));
  });

  it('follows from its seed', () => {
    expect(planPhases(settings)).toEqual(planPhases(settings));
    expect(planPhases(settings)).not.toEqual(planPhases({ ...settings, seed: 2 }));
    const [one, two] = [createRandom(7), createRandom(7)];
    expect(Array.from({ length: 5 }, one.next)).toEqual(Array.from({ length: 5 }, two.next));
  });
});

describe('the figures of a run', () => {
  it('are good where nearly all was answered, all in good order, and the books add up', () => {
    const endings = Array.from({ length: 1_000 }, () => answer({}));
    expect(summaryOf(endings).isGood).toBe(true);
    const failure = answer({ isAnswered: false, isClearFailure: true, status: 503, code: 'circuit_open' });
    expect(summaryOf([...endings, failure]).isGood).toBe(true);
    expect(summaryOf([...endings, failure, failure]).isGood).toBe(false);
  });

  it.each([
    ['a connection that broke', answer({ isAnswered: false, status: 0, code: 'connection: reset' }), books],
    ['an error after the deadline', answer({ isAnswered: false, isClearFailure: true, latencyMs: 31_500 }), books],
    ['a request that is not in the books', undefined, { ...books, missing: 1 }],
    ['a request that is there twice', undefined, { ...books, twice: 1 }],
    ['costs other than those told', undefined, { ...books, differing: 1 }],
  ])('are not with %s', (_what, ending, ledger) => {
    const endings = Array.from({ length: 5_000 }, () => answer({}));
    expect(summaryOf(ending ? [...endings, ending] : endings, ledger).isGood).toBe(false);
  });

  it('count latencies, and what came before an answer', () => {
    const endings = [1, 2, 3, 4].map((n) => answer({ latencyMs: n * 100, route: n === 4 ? 'a > b > c' : 'a' }));
    expect(figuresOf(endings)).toMatchObject({ requests: 4, share: 1, p50Ms: 300, maxMs: 400, withSteps: 1, steps: 2 });
    expect(figuresOf([])).toMatchObject({ requests: 0, share: 1, p50Ms: 0 });
  });

  it('come as a table with each phase and what failed', () => {
    const text = renderText(summaryOf([answer({}), answer({ isAnswered: false, status: 503, code: 'circuit_open' })]));
    expect(text).toContain('all are well');
    expect(text).toContain('1 × document 503 circuit_open');
    expect(text).toContain('MISSED');
  });
});

describe('the comparison with the books', () => {
  const row = (fields) => ({ request_id: 'r1', count: 1, paid: '100', calls: 2, others: 1, ...fields });

  it('finds what is missing, what is there twice, and what costs something else than was told', () => {
    expect(compare([row()], [answer({})])).toMatchObject({ missing: 0, twice: 0, differing: 0, upstreamCalls: 2 });
    expect(compare([], [answer({})])).toMatchObject({ missing: 1 });
    expect(compare([row({ count: 2 })], [answer({})])).toMatchObject({ twice: 1 });
    expect(compare([row({ paid: '101' })], [answer({})])).toMatchObject({ differing: 1 });
    expect(compare([row()], [answer({ costUsd: undefined })])).toMatchObject({ differing: 1 });
  });

  it('reads amounts to the nano-dollar', () => {
    expect(nanoUsdOf('12.000000001')).toBe(12_000_000_001n);
    expect(nanoUsdOf('0.5')).toBe(500_000_000n);
    expect(nanoUsdOf('unknown')).toBeUndefined();
  });
});

describe('the options', () => {
  const initial = Object.fromEntries(Object.entries(optionTable).map(([name, { default: value }]) => [name, value]));

  it('are numbers within their ranges', () => {
    expect(settingsOf(initial)).toEqual(settings);
    expect(() => settingsOf({ ...initial, seconds: '5' })).toThrow('--seconds has to be a whole number from 15');
    expect(() => settingsOf({ ...initial, goal: 'all' })).toThrow('--goal has to be a number from 0 to 1');
  });
});

describe('a service’s counters', () => {
  it('are told by how far they have come, labels and all', () => {
    const before = new Map([['a_total{kind="x"}', 2]]);
    const after = new Map([
      ['a_total{kind="x"}', 5],
      ['a_total{kind="y"}', 1],
      ['a_total_other', 9],
    ]);
    expect(growthOf(before, after, 'a_total')).toBe(4);
    expect(growthOf(before, after, 'a_total', ['kind="x"'])).toBe(3);
  });
});

import { optionTable, settingsOf } from './options.mjs';
import { planOutage, runOutage } from './outage.mjs';
import { renderText, summarize } from './report.mjs';

const settings = { awayMs: 60_000, clients: 16, seed: 1 };
const { phases } = planOutage(settings);
const ending = (atMs, isAnswered = true) => ({ atMs, isAnswered, latencyMs: 10, route: '' });
const ledger = { records: 3, missing: 0, twice: 0, differing: 0 };
const check = {
  is_balanced: true,
  problems: [],
  requests: 3,
  paid_nano_usd: '1500000000',
  entered_nano_usd: '1500000000',
  entry_differences: { count: 0, listed: [] },
};
const summaryOf = (changes = {}) =>
  summarize({
    settings,
    phases,
    endings: [ending(0), ending(10_000), ending(70_000, false)],
    ledger,
    check,
    catchUpMs: 1_234.5,
    ...changes,
  });

describe('an outage of the database', () => {
  it('is as long as asked, with load before and after it, and somebody killed in it', () => {
    const { steps, endMs } = planOutage(settings);
    const at = Object.fromEntries(steps.map(({ atMs, what }) => [what, atMs]));
    expect(at.thaw - at.freeze).toBe(60_000);
    expect(at['kill the writer']).toBeGreaterThan(at.freeze);
    expect(at['kill the writer']).toBeLessThan(at.thaw);
    expect(at['kill Postgres']).toBeGreaterThan(at.thaw);
    expect(endMs).toBeGreaterThan(at['kill Postgres']);
    expect(phases.map(({ endMs: end }) => end)).toEqual([at.freeze, at.thaw, endMs]);
  });

  it('kills those that are named, who are told that it is no failure of theirs', async () => {
    const done = [];
    const processes = ['postgres', 'cost-attribution'].map((name) => ({
      name,
      announceRestarts: () => done.push(`announce ${name}`),
      kill: () => done.push(`kill ${name}`),
    }));
    const steps = ['kill the writer', 'kill Postgres'].map((what) => ({ atMs: 0, what }));
    await runOutage({ steps, processes, startedAt: 0, say: () => undefined });
    expect(done).toEqual(['announce cost-attribution', 'kill cost-attribution', 'announce postgres', 'kill postgres']);
  });

  it('is refused where its length is none', () => {
    const defaults = Object.fromEntries(Object.entries(optionTable).map(([name, option]) => [name, option.default]));
    expect(settingsOf(defaults)).toEqual(settings);
    expect(() => settingsOf({ ...defaults, 'away-seconds': '0.5' })).toThrow('--away-seconds');
    expect(() => settingsOf({ ...defaults, clients: '' })).toThrow('--clients');
  });
});

describe('the verdict on the books', () => {
  it('is good where all is on record once and the entries say what the records say', () => {
    const summary = summaryOf();
    expect(summary.isGood).toBe(true);
    expect(summary.phases.map(({ requests, answered }) => [requests, answered])).toEqual([
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
    const text = renderText(summary);
    expect(text).toContain('Σ records $1.500000000, Σ entries $1.500000000');
    expect(text).toContain('1.2 s after');
    expect(text).toContain('the books add up');
  });

  it.each([
    ['a record is missing', { ledger: { ...ledger, missing: 1 } }],
    ['one is there twice', { ledger: { ...ledger, twice: 1 } }],
    ['one costs what no client was told', { ledger: { ...ledger, differing: 1 } }],
    ['nothing is on record', { ledger: { ...ledger, records: 0 } }],
    ['the entries say something else', { check: { ...check, entered_nano_usd: '1' } }],
    ['a day differs', { check: { ...check, entry_differences: { count: 1, listed: [] } } }],
    ['the check says so', { check: { ...check, is_balanced: false, problems: ['1 of something'] } }],
  ])('is bad where %s', (_what, changes) => {
    const summary = summaryOf(changes);
    expect(summary.isGood).toBe(false);
    expect(renderText(summary)).toContain('NOT complete');
  });
});

import { judge } from './books.mjs';
import { killByPlan, planKills, victims } from './kills.mjs';
import { optionTable, settingsOf } from './options.mjs';
import { renderText, summarize } from './report.mjs';

const settings = { seconds: 300, jobs: 4, clients: 2, seed: 1 };
const line = (index, fields) => ({
  index,
  custom_id: `b0-${index}`,
  status: 'succeeded',
  cost_usd: 0.0000001,
  data: { savings_usd: { batching: 0 } },
  ...fields,
});
const batchOf = (lines, fields) => ({
  id: 'batch_1',
  nth: 0,
  count: 2,
  window: 'now',
  status: 'completed',
  lines,
  ...fields,
});
const whole = batchOf([line(0), line(1, { data: { savings_usd: { batching: 0.00000005 } } })]);
const single = (fields) => ({ name: 's0', isAnswered: true, tries: 1, latencyMs: 10, ...fields });
const row = (user, fields) => ({ request_id: user, user_id: user, paid: '100', calls: 1, adds_up: true, ...fields });
const rows = [row('b0-0', { request_id: 'batch_1-0' }), row('b0-1', { request_id: 'batch_1-1' }), row('s0')];
const booksOf = (ledger, batches = [whole], singles = [single()]) => judge({ rows: ledger, batches, singles });
const summaryOf = ({ batches = [whole], singles = [single()], books = booksOf(rows), calls = 2 } = {}) =>
  summarize({ settings, batches, singles, books, calls, kills: { batcher: 1 } });

describe('who is killed', () => {
  it.each([18, 300, 3_600])(
    'within %d s, batchers and workers again and again, Redis and the gateway once',
    (seconds) => {
      const kills = planKills({ seconds, seed: 3 });
      for (const name of ['redis', 'gateway']) expect(kills.filter((kill) => kill.name === name)).toHaveLength(1);
      expect(kills.length).toBeGreaterThan(seconds / 6);
      kills.reduce((before, kill) => {
        expect([...victims, 'redis', 'gateway']).toContain(kill.name);
        expect(kill.atMs).toBeGreaterThanOrEqual(before);
        expect(kill.atMs).toBeLessThan(seconds * 1_000);
        return kill.atMs;
      }, 0);
    },
  );

  it('follows from the seed', () => {
    expect(planKills(settings)).toEqual(planKills(settings));
    expect(planKills(settings)).not.toEqual(planKills({ ...settings, seed: 2 }));
  });

  it('is passed over while it is down', async () => {
    const killed = [];
    const processOf = (name, pid) => ({
      name,
      pid: () => pid,
      announceRestarts: () => undefined,
      kill: () => killed.push(name),
    });
    const processes = [processOf('batcher', 7), processOf('batcher-2', null)];
    const kills = ['batcher', 'batcher-2', 'batcher'].map((name) => ({ atMs: 0, name }));
    expect(await killByPlan({ kills, processes, startedAt: 0, say: () => undefined })).toEqual({ batcher: 2 });
    expect(killed).toEqual(['batcher', 'batcher']);
  });
});

describe('the books of a run of jobs', () => {
  it('are whole where each job is paid once, whatever became of other tries of it', () => {
    const again = row('s0', { request_id: 'second', paid: '0' });
    expect(booksOf([...rows, again])).toMatchObject({ records: 4, missing: 0, twice: 0, paidTwice: 0, differing: 0 });
  });

  it.each([
    ['missing', rows.slice(1)],
    ['paidTwice', [...rows, row('s0', { request_id: 'second' })]],
    ['twice', [...rows, row('s0')]],
    ['unbalanced', [row('b0-0', { request_id: 'batch_1-0', adds_up: false }), ...rows.slice(1)]],
    ['differing', [row('b0-0', { request_id: 'batch_1-0', paid: '101' }), ...rows.slice(1)]],
  ])('tell what is %s', (what, ledger) => {
    const books = booksOf(ledger);
    expect(books[what]).toBe(1);
    expect(summaryOf({ books }).isGood).toBe(false);
  });
});

describe('the verdict', () => {
  it('is good where nothing was lost, and says how many calls were made again', () => {
    expect(summaryOf()).toMatchObject({ isGood: true, lost: 0, jobs: 3, provider: { batched: 1, doubled: 0 } });
    expect(summaryOf({ calls: 5 })).toMatchObject({ isGood: true, provider: { doubled: 3 } });
    expect(renderText(summaryOf())).toContain('Nothing was lost');
  });

  it.each([
    ['an item that never ended', { batches: [batchOf([line(0)])] }, ['batch_1-1']],
    ['an item that is there twice', { batches: [batchOf([line(0), line(1, { custom_id: 'b0-0' })])] }, []],
    [
      'an item that failed',
      { batches: [batchOf([line(0), line(1, { status: 'failed', error_code: 'internal' })])] },
      [],
    ],
    ['a batch that was not taken', { batches: [{ ...batchOf([], { count: 1 }), id: undefined, error: 'x' }] }, []],
    ['a request without an answer', { singles: [single({ isAnswered: false, why: '504 late' })] }, []],
  ])('is not with %s', (_what, run, unended) => {
    const summary = summaryOf(run);
    expect(summary).toMatchObject({ isGood: false, lost: 1, unended });
    expect(renderText(summary)).toContain('LOST');
  });
});

describe('the options', () => {
  const initial = Object.fromEntries(Object.entries(optionTable).map(([name, { default: value }]) => [name, value]));

  it('are ten thousand jobs in five minutes, and numbers within their ranges', () => {
    expect(settingsOf(initial)).toEqual({ seconds: 300, jobs: 10_000, clients: 24, seed: 1 });
    expect(settingsOf({ ...initial, minutes: '0.5' }).seconds).toBe(30);
    expect(() => settingsOf({ ...initial, jobs: '0' })).toThrow('--jobs has to be a whole number from 40');
    expect(() => settingsOf({ ...initial, minutes: 'some' })).toThrow('--minutes has to be a number from 0.3 to 60');
  });
});

import { Writable } from 'node:stream';
import type { LedgerCheck } from '@costlane/ledger';
import { createLogger, createMetrics, type Metrics } from '@costlane/platform';
import { createCheckTask } from './check-task';
import { createPromptsTask } from './prompts-task';
import { createRetentionTask } from './retention-task';

const sound: LedgerCheck = {
  isBalanced: true,
  requests: 7,
  unbalancedRows: 0,
  differenceNanoUsd: 0n,
  paidNanoUsd: 900n,
  enteredNanoUsd: 900n,
  entryDifferences: { count: 0, listed: [] },
  corrections: 0,
  correctedNanoUsd: 0n,
  rollupDifferences: { count: 0, listed: [] },
  daysCompared: 2,
  daysWaiting: 1,
  daysDropped: 0,
  requestsChargedTwice: 0,
  duplicateCompletions: 0,
  duplicatePaidNanoUsd: 0n,
  rejectedRecords: 0,
  rowsInDefaultPartition: 0,
  partitionsAhead: 7,
};
const day = { tenantId: 'acme', day: '2026-03-04', requests: 1, expectedRequests: 1 };
const unsound: LedgerCheck = {
  ...sound,
  isBalanced: false,
  enteredNanoUsd: 903n,
  entryDifferences: { count: 1, listed: [{ ...day, paidNanoUsd: 903n, expectedPaidNanoUsd: 900n }] },
};
const signal = new AbortController().signal;

describe('tasks of the books', () => {
  let metrics: Metrics;
  let lines: { level: string; msg: string; problems?: string[] }[];
  const logger = createLogger({
    service: 'test',
    level: 'info',
    destination: new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)));
        done();
      },
    }),
  });
  const ledger = { check: jest.fn(), dropOldDetail: jest.fn(), prompts: { removeExpired: jest.fn() } };
  beforeEach(() => {
    jest.resetAllMocks();
    metrics = createMetrics({ service: 'test' });
    lines = [];
  });
  const valueOf = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value;

  it('check the ledger at night and show that it adds up', async () => {
    ledger.check.mockResolvedValue(sound);
    const task = createCheckTask({ ledger, metrics, logger });
    expect(task.schedule).toEqual({ cron: '17 3 * * *', timeZone: 'UTC' });
    expect(metrics.registry.getSingleMetric('costlane_ledger_check_balanced')).toBeUndefined();
    await task.run(signal);
    expect(await valueOf('costlane_ledger_check_balanced')).toBe(1);
    expect(await valueOf('costlane_ledger_check_difference_nano_usd')).toBe(0);
    expect(lines.map(({ level }) => level)).toEqual(['info']);
  });

  it('show that it does not, by how much and why, and that it does again', async () => {
    ledger.check.mockResolvedValueOnce(unsound).mockResolvedValueOnce(sound);
    const task = createCheckTask({ ledger, metrics, logger });
    await task.run(signal);
    expect(await valueOf('costlane_ledger_check_balanced')).toBe(0);
    expect(await valueOf('costlane_ledger_check_difference_nano_usd')).toBe(3);
    expect(await valueOf('costlane_ledger_check_differing_days')).toBe(1);
    expect(lines).toMatchObject([{ level: 'error', problems: [expect.stringContaining('entries')] }]);
    await task.run(signal);
    expect(await valueOf('costlane_ledger_check_balanced')).toBe(1);
  });

  it('fail where the check does, so that the failure is counted', async () => {
    ledger.check.mockRejectedValue(new Error('Postgres is away'));
    await expect(createCheckTask({ ledger, metrics, logger }).run(signal)).rejects.toThrow('Postgres is away');
  });

  it('remove stored prompts whose time is over, as long as they may', async () => {
    ledger.prompts.removeExpired.mockResolvedValue(3);
    await createPromptsTask({ ledger, logger } as never).run(signal);
    expect(ledger.prompts.removeExpired).toHaveBeenCalledWith(signal);
    expect(lines).toHaveLength(1);
  });

  it('drop the detail of old days and say which had to stay', async () => {
    ledger.dropOldDetail.mockResolvedValue({ dropped: ['2026-01-01'], kept: [{ day: '2026-01-02', reason: 'why' }] });
    await createRetentionTask({ ledger, metrics, logger, keepDays: 40 }).run(signal);
    expect(ledger.dropOldDetail).toHaveBeenCalledWith({ keepDays: 40, signal });
    const counted = (await metrics.registry.getSingleMetric('costlane_ledger_detail_days_total')?.get())?.values;
    expect(counted).toMatchObject([
      { labels: { result: 'dropped' }, value: 1 },
      { labels: { result: 'kept' }, value: 1 },
    ]);
    expect(lines.map(({ level }) => level)).toEqual(['info', 'warn']);
  });
});

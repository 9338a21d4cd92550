import type { BatchJob, OpenAiBatch } from '@costlane/ledger';
import { batchObject } from './batch-object';

const batch = (more: Partial<OpenAiBatch> = {}): OpenAiBatch => ({
  tenantId: 'acme',
  batchId: 'batch_1',
  inputFileId: 'file-1',
  endpoint: '/v1/embeddings',
  completionWindow: '24h',
  completionWindowMs: 86_400_000,
  caller: { tenantId: 'acme', role: 'member' },
  headers: {},
  state: 'validating',
  createdAtMs: 1_000_500,
  isOutputGone: false,
  isErrorGone: false,
  ...more,
});
const job = (more: Partial<BatchJob> = {}): BatchJob => ({
  tenantId: 'acme',
  jobId: 'batch_1',
  kind: 'openai_batch',
  state: 'running',
  counts: { total: 4, succeeded: 0, failed: 0, cancelled: 0, expired: 0 },
  duplicates: 0,
  costNanoUsd: 1_500,
  metadata: {},
  createdAtMs: 1_001_000,
  sealedAtMs: 1_002_000,
  ...more,
});
const submitted = (of: Partial<BatchJob>, more: Partial<OpenAiBatch> = {}) =>
  batchObject(batch({ state: 'submitted', job: job(of), ...more }));

describe('a batch in OpenAI’s words', () => {
  it('is being validated until it is a job', () => {
    expect(batchObject(batch({ metadata: { a: 'b' } }))).toEqual({
      id: 'batch_1',
      object: 'batch',
      endpoint: '/v1/embeddings',
      errors: null,
      input_file_id: 'file-1',
      completion_window: '24h',
      status: 'validating',
      output_file_id: null,
      error_file_id: null,
      created_at: 1_000,
      in_progress_at: null,
      expires_at: 87_400,
      finalizing_at: null,
      completed_at: null,
      failed_at: null,
      expired_at: null,
      cancelling_at: null,
      cancelled_at: null,
      request_counts: { total: 0, completed: 0, failed: 0 },
      metadata: { a: 'b' },
      cost_usd: 0,
    });
  });

  it.each([
    ['queued', 'in_progress'],
    ['running', 'in_progress'],
    ['finalizing', 'finalizing'],
    ['cancelling', 'cancelling'],
  ] as const)('has no results while its job is %s', (state, status) => {
    expect(submitted({ state, counts: { total: 4, succeeded: 1, failed: 1, cancelled: 0, expired: 0 } })).toMatchObject(
      {
        status,
        in_progress_at: 1_002,
        output_file_id: null,
        error_file_id: null,
        request_counts: { total: 4, completed: 1, failed: 1 },
        cost_usd: 0.0000015,
      },
    );
  });

  it.each([
    ['completed', 'completed_at'],
    ['expired', 'expired_at'],
    ['cancelled', 'cancelled_at'],
  ] as const)('has results and a time when it is %s', (state, field) => {
    const counts = { total: 4, succeeded: 1, failed: 1, cancelled: 0, expired: 2 };
    const shown = submitted({ state, finishedAtMs: 1_009_000, counts }, { cancellingAtMs: 1_008_000 });
    expect(shown).toMatchObject({
      status: state,
      finalizing_at: 1_009,
      output_file_id: 'file-batch_1-output',
      error_file_id: 'file-batch_1-error',
      request_counts: { total: 4, completed: 1, failed: 3 },
    });
    const times = ['completed_at', 'failed_at', 'expired_at', 'cancelled_at'] as const;
    expect(times.filter((name) => shown[name] !== null)).toEqual([field]);
    expect(shown.cancelling_at).toBe(state === 'cancelled' ? 1_008 : null);
  });

  it('names no file of a part that is empty or gone', () => {
    const ended = { state: 'completed', finishedAtMs: 1_009_000 } as const;
    const allGood = { ...ended, counts: { total: 4, succeeded: 4, failed: 0, cancelled: 0, expired: 0 } };
    expect(submitted(allGood)).toMatchObject({ error_file_id: null, output_file_id: 'file-batch_1-output' });
    expect(submitted(allGood, { isOutputGone: true })).toMatchObject({ output_file_id: null });
    const allBad = { ...ended, counts: { total: 4, succeeded: 0, failed: 4, cancelled: 0, expired: 0 } };
    expect(submitted(allBad)).toMatchObject({ output_file_id: null, error_file_id: 'file-batch_1-error' });
  });

  it('says what is wrong with its file, or with its job', () => {
    const errors = [{ code: 'url_mismatch', message: 'no', line: 3, param: 'url' }];
    expect(batchObject(batch({ state: 'failed', errors, endedAtMs: 1_003_000 }))).toMatchObject({
      status: 'failed',
      failed_at: 1_003,
      errors: { object: 'list', data: errors },
    });
    const failed = { state: 'failed', finishedAtMs: 1_003_000, error: { code: 'internal', message: 'no' } } as const;
    expect(submitted(failed)).toMatchObject({
      status: 'failed',
      failed_at: 1_003,
      finalizing_at: null,
      errors: { data: [{ code: 'internal', message: 'no', line: null, param: null }] },
    });
  });
});

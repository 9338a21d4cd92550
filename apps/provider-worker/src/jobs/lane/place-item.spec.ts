import { encodeItemRequest, type ItemReply, type JobHeader } from '@costlane/contracts';
import type { BatchItem } from '@costlane/jobs';
import type { ProviderBatches } from '@costlane/providers';
import { sampleJobHeader } from '@costlane/testing';
import type { BatchAccount } from './batch-accounts';
import { placeItem } from './place-item';

const caller = { tenantId: 'acme', role: 'member' } as const;
const request = { v: 1, endpoint: '/v1/chat/completions', caller, headers: {}, body: Buffer.from('{}') } as const;
const item = {
  index: 0,
  tries: 0,
  request: encodeItemRequest(request),
  job: { jobId: 'job_1', createdAtMs: 1 },
} as unknown as BatchItem;
const account: BatchAccount = {
  provider: 'openai',
  account: 'main',
  api: { measure: () => ({ group: 'g', sizeBytes: 10, inputs: 1 }) } as unknown as ProviderBatches,
  pollMs: 1,
};

function place(own: Partial<JobHeader>) {
  const header = sampleJobHeader({ provider: 'openai', stream: false, ...own });
  const planned = { kind: 'planned', header, decision: {}, body: Buffer.from('{}') } as unknown as ItemReply;
  return placeItem(
    {
      ask: () => Promise.resolve(planned),
      finish: () => Promise.resolve(),
      accounts: new Map([['openai', account]]),
      priceOf: () => undefined,
      now: () => 1,
    },
    item,
    new AbortController().signal,
  );
}

describe('the place of an item', () => {
  it('is a batch where its provider has a Batch API', async () => {
    expect((await place({})).kind).toBe('batch');
    expect((await place({ provider: 'elsewhere' })).kind).toBe('direct');
  });

  it('is no batch where its user is held out: what batches save is what it is to show', async () => {
    expect(await place({ isHoldout: true })).toEqual({ kind: 'direct' });
  });
});

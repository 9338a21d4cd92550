import type { CachedAnswerHeader, CompletionRecord } from '@costlane/contracts';
import type { CompletionPublisher } from '@costlane/lanes';
import { end } from '../testing/scripted-inference';
import { sampleDecision, sampleRequest } from '../testing/sample-request';
import type { InferenceRequest } from './inference-request';
import { createRequestRecorder } from './request-recorder';

const answer: CachedAnswerHeader = {
  v: 1,
  form: 'json',
  provider: 'mock',
  modelAsked: 'm',
  modelUsed: 'm-up',
  baselineNanoUsd: 100,
  askedAtMs: 1,
  createdAtMs: 2,
};

function recordsOf(own: Partial<InferenceRequest>): CompletionRecord[] {
  const records: CompletionRecord[] = [];
  const publisher = { publish: ({ record }) => void records.push(record) } as CompletionPublisher;
  const recorder = createRequestRecorder(publisher);
  const request = sampleRequest({ fingerprint: 'c0de', ...own });
  recorder.hit(request, sampleDecision, answer, 'memory');
  recorder.hit(request, sampleDecision, answer, 'semantic', 0.97);
  recorder.stale(request, sampleDecision, answer);
  recorder.shared(request, sampleDecision, end().header);
  return records;
}

describe('the record of a request that no worker saw', () => {
  it('says what was asked by its hash alone, and keeps no prompt', () => {
    const upstreamBody = jest.fn(() => Buffer.from('{"prompt":"secret"}'));
    const records = recordsOf({ upstreamBody });
    expect(records.map(({ promptHash }) => promptHash)).toEqual(['c0de', 'c0de', 'c0de', 'c0de']);
    expect(JSON.stringify(records)).not.toContain('secret');
    expect(upstreamBody).not.toHaveBeenCalled();
  });

  it('keeps the prompt, as a provider would have got it, where the tenant wants that', () => {
    const upstreamBody = (model: string): Buffer => Buffer.from(JSON.stringify({ model, prompt: 'Hi' }));
    const [text] = [upstreamBody(sampleDecision.model.upstreamModel).toString()];
    for (const { prompt } of recordsOf({ upstreamBody, promptRetentionDays: 30 }))
      expect(prompt).toEqual({ text, retentionDays: 30 });
  });

  it('says that a request is of the holdout', () => {
    expect(recordsOf({ isHoldout: true }).map(({ isHoldout }) => isHoldout)).toEqual([true, true, true, true]);
    expect(recordsOf({}).some((record) => record.isHoldout)).toBe(false);
  });
});

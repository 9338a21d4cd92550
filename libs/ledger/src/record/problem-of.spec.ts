import fc from 'fast-check';
import type { CompletionRecord } from '@costlane/contracts';
import { anyRecord, sampleRecord } from '../testing/sample-record';
import { problemOf } from './problem-of';

describe('problem of a record', () => {
  it('finds none in a sound record, whatever its texts, tokens and savings', () => {
    fc.assert(fc.property(anyRecord, (record) => problemOf(record) === undefined));
  });

  it('finds any amount by which the savings miss, also beyond the safe integers', () => {
    const amount = fc.integer({ min: 1, max: 2 ** 52 });
    fc.assert(
      fc.property(anyRecord, amount, (record, off) => {
        const savings = { ...record.savings, prefix: record.savings.prefix + off };
        return problemOf({ ...record, savings })?.startsWith('savings do not add up') === true;
      }),
    );
    const huge = { cache: 2 ** 53 - 1, routing: 2 ** 53 - 1, prefix: -(2 ** 53) + 1, batching: 0 };
    expect(problemOf(sampleRecord({ savings: huge, baselineNanoUsd: 2 ** 53 - 1, paidNanoUsd: 0 }))).toBeUndefined();
    expect(problemOf(sampleRecord({ savings: huge, baselineNanoUsd: 2 ** 53 - 1, paidNanoUsd: 1 }))).toBeDefined();
  });

  it.each<[string, Partial<Record<keyof CompletionRecord, unknown>>]>([
    ['requestId is missing', { requestId: '' }],
    ['attempt is missing', { attempt: undefined }],
    ['tenantId is missing', { tenantId: 7 }],
    ['createdAtMs is not a time', { createdAtMs: NaN }],
    ['createdAtMs is not a time', { createdAtMs: 8.64e15 + 1 }],
    ['finishedAtMs is not a time', { finishedAtMs: null }],
    ['httpStatus is not a whole number', { httpStatus: '200' }],
    ['upstreamCalls is not a whole number', { upstreamCalls: -1 }],
    ['latencyMs is not a number', { latencyMs: undefined }],
    ['timeToFirstTokenMs is not a number', { timeToFirstTokenMs: Infinity }],
    ['usage.outputTokens is not a whole number', { usage: { ...sampleRecord().usage, outputTokens: 1.5 } }],
    ['usage.modality.audioInputTokens', { usage: { ...sampleRecord().usage, modality: { audioInputTokens: -1 } } }],
    ['savings are missing', { savings: undefined }],
    ['an amount is not a whole number of nano-dollars', { paidNanoUsd: 0.5 }],
    ['is negative', { paidNanoUsd: -1, baselineNanoUsd: -1 }],
  ])('says "%s"', (words, changes) => {
    expect(problemOf({ ...sampleRecord(), ...changes } as CompletionRecord)).toContain(words);
  });
});

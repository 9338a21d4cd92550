import { completionFields, type Completion } from '@costlane/contracts';
import { testRecord } from '../testing/test-stream';
import { factsOfEntry } from './facts-of-entry';

const WORDS = 'SECRET words of a tenant';
const bytes = (fields: readonly (string | Buffer)[]) => fields.map((field) => Buffer.from(field as string));

/** An entry as a later version may write it: what this one calls so, and names that it does not know. */
const later = (changes: object = {}) => ({
  ...testRecord('req_1', {
    prompt: { text: WORDS, retentionDays: 30 },
    otherCalls: [
      {
        reason: 'hedge',
        provider: 'openai',
        model: 'small',
        detail: WORDS,
        usageSource: 'provider',
        paidNanoUsd: 7,
        latencyMs: 3,
      },
    ],
  }),
  v: 2,
  ...changes,
});

describe('what is kept of an entry that cannot be read', () => {
  it('is who spent how much, and no prompt, with and without an answer', () => {
    const fill = { tenantId: 'acme', entry: { semantic: { text: WORDS } } } as unknown as Completion['fill'];
    const completions = [
      { record: later(), fill, body: Buffer.from(WORDS) },
      { record: later() },
      { record: later({ requestId: 'req_2' }) },
    ];
    const kept = factsOfEntry(bytes(completionFields(completions as unknown as Completion[])));
    expect(kept.join()).not.toContain('SECRET');
    expect(kept.filter((_, i) => i % 2 === 0)).toEqual(['f', 'r']);
    const { record } = JSON.parse(kept[1] ?? '') as { record: object };
    const lines = (kept[3] ?? '').split('\n').map((line) => JSON.parse(line) as object);
    const { paidNanoUsd, savings, tenantId, createdAtMs } = later();
    for (const one of [record, ...lines])
      expect(one).toMatchObject({ v: 2, paidNanoUsd, savings, tenantId, createdAtMs });
    expect(lines[1]).toMatchObject({ requestId: 'req_2', otherCalls: [{ provider: 'openai', paidNanoUsd: 7 }] });
  });

  it('has numbers under names that are not known, and no texts', () => {
    const entry = bytes([
      'x',
      JSON.stringify({ v: 3, paidPicoUsd: 12, question: WORDS, deep: { said: [WORDS], n: 1 } }),
    ]);
    expect(factsOfEntry(entry)).toEqual(['x', '{"v":3,"paidPicoUsd":12,"deep":{"said":[],"n":1}}']);
  });

  it.each([
    ['is no JSON', `{"v":2,"prompt":{"text":"${WORDS}`],
    ['is a text', JSON.stringify(WORDS)],
    ['is a list of texts', JSON.stringify([WORDS])],
  ])('is nothing of what %s', (_what, value) => {
    expect(factsOfEntry(bytes(['r', value, 'odd']))).toEqual([]);
  });

  it('is bounded where an entry is nested without end', () => {
    const nested = '{"a":'.repeat(2_000) + '1' + '}'.repeat(2_000);
    expect(factsOfEntry(bytes(['r', nested])).join('').length).toBeLessThan(100);
  });
});

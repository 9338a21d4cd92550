import fc from 'fast-check';
import {
  completionFields,
  parseCompletionFields,
  type CacheFill,
  type Completion,
  type CompletionRecord,
} from './completion';

const record: CompletionRecord = {
  v: 1,
  requestId: 'req_1',
  attempt: 'a1',
  tenantId: 'acme',
  endpoint: '/v1/chat/completions',
  provider: 'mock',
  modelAsked: 'm',
  modelUsed: 'm',
  routeReason: 'requested',
  policyVersion: '1',
  cacheTier: 'miss',
  stream: false,
  usageSource: 'provider',
  paidNanoUsd: 1,
  baselineNanoUsd: 1,
  savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
  httpStatus: 200,
  createdAtMs: 1,
  finishedAtMs: 2,
  latencyMs: 1,
  upstreamCalls: 1,
};
const fill: CacheFill = {
  tenantId: 'acme',
  fingerprint: 'f00',
  ttlSeconds: 60,
  tag: 't',
  entry: {
    v: 1,
    form: 'json',
    provider: 'mock',
    modelAsked: 'm',
    modelUsed: 'm',
    baselineNanoUsd: 1,
    askedAtMs: 1,
    createdAtMs: 2,
  },
};
/** Over the wire names and values arrive as bytes. */
const overTheWire = (fields: (string | Buffer)[]): Buffer[] => fields.map((field) => Buffer.from(field));
const text = (fields: string[]): Buffer[] => fields.map((field) => Buffer.from(field));

describe('completions in a stream entry', () => {
  const anyCompletion = fc
    .record({
      requestId: fc.string({ unit: 'binary' }),
      paidNanoUsd: fc.maxSafeNat(),
      isFilled: fc.boolean(),
      body: fc.uint8Array({ maxLength: 100 }),
    })
    .map(({ requestId, paidNanoUsd, isFilled, body }): Completion => {
      const own = { ...record, requestId, paidNanoUsd };
      return isFilled ? { record: own, fill, body: Buffer.from(body) } : { record: own };
    });

  it('come back as they were, those with an answer first, each kind in order', () => {
    fc.assert(
      fc.property(fc.array(anyCompletion, { maxLength: 20 }), (sent) => {
        const got = parseCompletionFields(overTheWire(completionFields(sent)));
        const expected = [...sent.filter(({ fill: own }) => own), ...sent.filter(({ fill: own }) => !own)];
        expect(got).toEqual(expected);
      }),
    );
  });

  it('are passed over without an answer by a reader that wants answers only', () => {
    const fields = overTheWire(completionFields([{ record }, { record, fill, body: Buffer.from('answer') }]));
    expect(parseCompletionFields(fields, { fillsOnly: true }).map(({ body }) => String(body))).toEqual(['answer']);
  });

  it('carry no answer bytes that nothing will store', () => {
    const fields = overTheWire(completionFields([{ record, body: Buffer.from('answer') }]));
    expect(parseCompletionFields(fields)[0]?.body).toBeUndefined();
  });

  it.each([
    ['fields of other names', ['x', '{}']],
    ['the bytes missing', ['f', JSON.stringify({ record, fill })]],
    ['bytes without a fill', ['b', 'answer']],
    ['a name without a value', ['r']],
    ['a record that is no JSON', ['r', '{']],
    ['no record', ['f', '{}', 'b', '']],
    ['null for a record', ['r', 'null']],
    ['a record of another version', ['r', JSON.stringify({ ...record, v: 2 })]],
  ])('are refused with %s', (_, fields) => {
    expect(() => parseCompletionFields(text(fields))).toThrow();
  });
});

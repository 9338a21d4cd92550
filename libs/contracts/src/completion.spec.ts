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

  it('come back in order, records, fills and bytes as they were', () => {
    fc.assert(
      fc.property(fc.array(anyCompletion, { maxLength: 20 }), (sent) => {
        const got = parseCompletionFields(overTheWire(completionFields(sent)));
        expect(got.map(({ record: own, fill: ownFill }) => ({ record: own, fill: ownFill }))).toEqual(
          sent.map(({ record: own, fill: ownFill }) => ({ record: own, fill: ownFill })),
        );
        expect(got.map(({ body }) => body?.toString('hex'))).toEqual(
          sent.map(({ body }) => (body ?? Buffer.alloc(0)).toString('hex')),
        );
      }),
    );
  });

  it('carry no answer bytes that nothing will store', () => {
    const fields = overTheWire(completionFields([{ record, body: Buffer.from('answer') }]));
    expect(parseCompletionFields(fields)[0]?.body?.length).toBe(0);
  });

  it.each([
    ['fields of other names', ['x', '{}', 'b', '']],
    ['the bytes missing', ['m', JSON.stringify({ record })]],
    ['a second one cut short', ['m', JSON.stringify({ record }), 'b', '', 'm', JSON.stringify({ record })]],
    ['no fields in fours', ['m']],
    ['a record that is no JSON', ['m', '{', 'b', '']],
    ['no record', ['m', '{}', 'b', '']],
    ['null for a record', ['m', 'null', 'b', '']],
    ['a record of another version', ['m', JSON.stringify({ record: { ...record, v: 2 } }), 'b', '']],
  ])('are refused with %s', (_, fields) => {
    expect(() => parseCompletionFields(text(fields))).toThrow();
  });
});

import { testCompletion } from '../testing/test-completion';
import { shouldStore } from './should-store';

const nowMs = 1_700_000_010_000;
const limits = { maxEntryBytes: 1_000, nowMs };

const reasonOf = (completion: ReturnType<typeof testCompletion>, own = limits) => {
  const decision = shouldStore(completion, own);
  return decision.store ? 'stored' : decision.reason;
};

const said = (message: string) => Buffer.from(`{"choices":[{"index":0,"message":${message}}]}`);

describe('shouldStore', () => {
  it('stores a complete answer of a successful request', () => {
    const completion = testCompletion();
    expect(shouldStore(completion, { ...limits, nowMs: completion.fill?.entry.createdAtMs ?? 0 })).toEqual({
      store: true,
      fill: completion.fill,
      body: completion.body,
    });
  });

  it('stores a stream that came to its end', () => {
    const body = Buffer.from('data: {"choices":[]}\n\ndata: [DONE]\n\n');
    expect(reasonOf(testCompletion({ form: 'sse', body }))).toBe('stored');
    expect(reasonOf(testCompletion({ form: 'sse', body: Buffer.from('data:[DONE]') }))).toBe('stored');
  });

  it('stores JSON where JSON was asked for', () => {
    const body = said(JSON.stringify({ content: '{"a":1}' }));
    expect(reasonOf(testCompletion({ body, expectsJson: true }))).toBe('stored');
    const stream = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"{}"}}]}\n\ndata: [DONE]\n\n`);
    expect(reasonOf(testCompletion({ form: 'sse', body: stream, expectsJson: true }))).toBe('stored');
  });

  it('shortens the lifetime by the age of the answer', () => {
    const decision = shouldStore(testCompletion({ ttlSeconds: 60, createdAtMs: nowMs - 20_500 }), limits);
    expect(decision.store && decision.fill.ttlSeconds).toBe(40);
    // One that may be kept for a second only is kept for what is left of it.
    const brief = shouldStore(testCompletion({ ttlSeconds: 1, createdAtMs: nowMs - 20 }), limits);
    expect(brief.store && brief.fill.ttlSeconds).toBe(1);
  });

  it('does not lengthen the lifetime where the clocks of two machines differ', () => {
    const decision = shouldStore(testCompletion({ ttlSeconds: 60, createdAtMs: nowMs + 5_000 }), limits);
    expect(decision.store && decision.fill.ttlSeconds).toBe(60);
  });

  it.each([
    ['a request that wants no caching', testCompletion({ fill: undefined }), 'not_wanted'],
    ['a cache hit', testCompletion({ record: { cacheTier: 'exact' } }), 'not_a_miss'],
    ['a joined request', testCompletion({ record: { cacheTier: 'coalesced' } }), 'not_a_miss'],
    ['a refused request', testCompletion({ record: { httpStatus: 429 } }), 'failed'],
    ['a redirect', testCompletion({ record: { httpStatus: 302 } }), 'failed'],
    ['a stream that was cut off', testCompletion({ record: { errorCode: 'stream_interrupted' } }), 'failed'],
    ['an answer without bytes', testCompletion({ body: Buffer.alloc(0) }), 'empty'],
    ['an answer beyond the bound', testCompletion({ body: Buffer.alloc(1_001, '{') }), 'too_large'],
    ['a request to which nothing was delivered', testCompletion({ record: { usageSource: 'none' } }), 'incomplete'],
    ['an answer that the model refused', testCompletion({ body: said('{"content":null,"refusal":"No."}') }), 'refused'],
    [
      'an answer that declines in plain words',
      testCompletion({ body: said('{"content":"I\u2019m sorry, but I can\u2019t help with that."}') }),
      'refused',
    ],
    [
      'a stream that declines in plain words',
      testCompletion({
        form: 'sse',
        body: Buffer.from(
          'data: {"choices":[{"index":0,"delta":{"content":"I cannot "}}]}\n\n' +
            'data: {"choices":[{"index":0,"delta":{"content":"assist with that."}}]}\n\ndata: [DONE]\n\n',
        ),
      }),
      'refused',
    ],
    ['a document that is no JSON', testCompletion({ body: Buffer.from('{"choices":[}') }), 'incomplete'],
    [
      'a stream with an event that is no JSON',
      testCompletion({ form: 'sse', body: Buffer.from('data: {"choices":[\n\ndata: [DONE]\n\n') }),
      'incomplete',
    ],
    [
      'text where JSON was asked for',
      testCompletion({ body: said('{"content":"Sure!"}'), expectsJson: true }),
      'not_json',
    ],
    [
      'a tool call where JSON was asked for',
      testCompletion({ body: said('{"content":null}'), expectsJson: true }),
      'not_json',
    ],
    ['JSON without its end', testCompletion({ body: Buffer.from('{"choices":[') }), 'incomplete'],
    ['something that is not a JSON object', testCompletion({ body: Buffer.from('<html>{}') }), 'incomplete'],
    ['a stream without its end', testCompletion({ form: 'sse', body: Buffer.from('data: {}\n\n') }), 'incomplete'],
    [
      'a stream whose text only mentions the end',
      testCompletion({ form: 'sse', body: Buffer.from('data: {"t":"data: [DONE]"}\n\n') }),
      'incomplete',
    ],
    ['a fill for another tenant', testCompletion({ record: { tenantId: 'other' } }), 'bad_key'],
    ['a fingerprint that is none', testCompletion({ fingerprint: '*' }), 'bad_key'],
    ['no lifetime', testCompletion({ ttlSeconds: 0 }), 'no_lifetime'],
    ['a lifetime that is no number', testCompletion({ ttlSeconds: Number.NaN }), 'no_lifetime'],
    ['a lifetime that has passed', testCompletion({ ttlSeconds: 5, createdAtMs: nowMs - 5_000 }), 'expired'],
  ])('leaves out %s', (_what, completion, reason) => {
    expect(reasonOf(completion)).toBe(reason);
  });

  it('takes an answer of exactly the bound', () => {
    const body = Buffer.from(`{"a":"${'x'.repeat(992)}"}`);
    expect(body).toHaveLength(1_000);
    expect(reasonOf(testCompletion({ body }))).toBe('stored');
  });
});

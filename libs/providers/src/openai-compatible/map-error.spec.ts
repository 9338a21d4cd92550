import { mapErrorAnswer, readRetryAfterMs, type UpstreamErrorAnswer } from './map-error';
import { mapTransportError } from './map-transport-error';

const map = (status: number | undefined, error: unknown, rest: Partial<UpstreamErrorAnswer> = {}) =>
  mapErrorAnswer({
    provider: 'openai',
    status,
    body: Buffer.from(typeof error === 'string' ? error : JSON.stringify({ error })),
    apiKey: 'secret-key',
    nowMs: 0,
    ...rest,
  });

describe('mapErrorAnswer', () => {
  it.each([
    [429, { type: 'insufficient_quota', code: 'insufficient_quota' }, 'upstream_quota_exhausted', false, 'neutral'],
    [429, { type: 'x', code: 'enforced_spend_limit_reached' }, 'upstream_quota_exhausted', false, 'neutral'],
    [402, {}, 'upstream_quota_exhausted', false, 'neutral'],
    [429, { type: 'requests', code: 'rate_limit_exceeded' }, 'upstream_rate_limited', true, 'neutral'],
    [429, 'Too many requests', 'upstream_rate_limited', true, 'neutral'],
    [500, { type: 'server_error' }, 'upstream_error', true, 'failure'],
    [502, '<html>', 'upstream_error', true, 'failure'],
    [501, {}, 'upstream_error', false, 'failure'],
    [503, { code: 'server_is_overloaded' }, 'upstream_overloaded', true, 'failure'],
    [529, { type: 'overloaded_error' }, 'upstream_overloaded', true, 'failure'],
    [504, '', 'upstream_timeout', true, 'failure'],
    [408, {}, 'upstream_timeout', true, 'failure'],
    [409, {}, 'upstream_error', true, 'neutral'],
    [401, { code: 'invalid_api_key', message: 'Incorrect' }, 'upstream_auth_failed', false, 'neutral'],
    [403, {}, 'upstream_auth_failed', false, 'neutral'],
    [429, { code: 'billing_hard_limit_reached' }, 'upstream_quota_exhausted', false, 'neutral'],
    [400, { code: 'billing_not_active' }, 'upstream_quota_exhausted', false, 'neutral'],
    [503, { type: 'slow_down', code: 'slow_down' }, 'upstream_overloaded', true, 'failure'],
    [429, { code: 'slow_down' }, 'upstream_rate_limited', true, 'neutral'],
    [429, { code: 'resource_unavailable' }, 'upstream_overloaded', true, 'neutral'],
    [429, { message: 'Resource Unavailable' }, 'upstream_overloaded', true, 'neutral'],
    [undefined, { code: 'server_is_overloaded' }, 'upstream_overloaded', true, 'failure'],
    [undefined, { code: 'insufficient_quota' }, 'upstream_quota_exhausted', false, 'neutral'],
    [undefined, { code: 'context_length_exceeded', message: 'x' }, 'context_length_exceeded', false, 'neutral'],
    [400, { code: 'context_length_exceeded', message: 'too long' }, 'context_length_exceeded', false, 'neutral'],
    [
      400,
      {
        message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        type: 'BadRequestError',
        code: 400,
      },
      'context_length_exceeded',
      false,
      'neutral',
    ],
    [
      400,
      { message: 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.', code: 400 },
      'context_length_exceeded',
      false,
      'neutral',
    ],
    [500, { message: 'maximum context length' }, 'upstream_error', true, 'failure'],
    [404, { message: 'The model has no maximum context length', code: 404 }, 'model_not_found', false, 'neutral'],
    [401, { code: 'invalid_organization' }, 'upstream_auth_failed', false, 'neutral'],
    [403, { code: 'unsupported_country_region_territory' }, 'upstream_auth_failed', false, 'neutral'],
    [524, '', 'upstream_timeout', true, 'failure'],
    [413, '', 'upstream_rejected', false, 'neutral'],
    [422, { message: 'wrong' }, 'upstream_rejected', false, 'neutral'],
    [404, { code: 'model_not_found', message: 'no such model' }, 'model_not_found', false, 'neutral'],
    [404, { message: 'The model `x` does not exist.' }, 'model_not_found', false, 'neutral'],
    [404, '<html>', 'upstream_error', false, 'neutral'],
    [302, '', 'upstream_error', false, 'neutral'],
    [undefined, { type: 'server_error' }, 'upstream_error', true, 'failure'],
    [undefined, { type: 'rate_limit_error' }, 'upstream_rate_limited', true, 'neutral'],
    [undefined, { type: 'overloaded_error' }, 'upstream_overloaded', true, 'failure'],
  ])('%p with %p is %s', (status, error, code, isRetryable, verdict) => {
    const mapped = map(status, error);
    expect(mapped.error.code).toBe(code);
    expect(mapped).toMatchObject({ isRetryable, verdict });
  });

  it('shows the words of the provider about the request, with the field at fault and its body', () => {
    const mapped = map(400, { message: 'temperature must be at most 2', param: 'temperature' });
    expect(mapped.error).toMatchObject({ message: 'temperature must be at most 2', field: 'temperature' });
    expect(JSON.parse(String(mapped.body))).toEqual({
      error: { message: 'temperature must be at most 2', param: 'temperature' },
    });
  });

  it('does not show the words of the provider about our account', () => {
    const mapped = map(401, { message: 'Incorrect API key provided: sk-proj-****abcd.' });
    expect(mapped.error.message).not.toContain('abcd');
    expect(mapped.body).toBeUndefined();
  });

  it('takes keys out of what it shows', () => {
    const mapped = map(400, { message: 'secret-key and sk-proj-****abcd are odd' });
    expect(mapped.error.message).toBe('[redacted] and [redacted] are odd');
    expect(String(mapped.body)).not.toMatch(/secret-key|abcd/);
  });

  it('reads flat errors and errors that are a text', () => {
    expect(map(400, '{"object":"error","message":"flat"}').error.message).toBe('flat');
    expect(map(400, '{"error":"text"}').error.message).toBe('text');
  });

  it('lets x-should-retry overrule the status', () => {
    expect(map(500, {}, { shouldRetry: 'false' }).isRetryable).toBe(false);
    expect(map(400, {}, { shouldRetry: 'true' }).isRetryable).toBe(true);
    expect(map(500, {}, { shouldRetry: 'maybe' }).isRetryable).toBe(true);
  });

  it.each([
    ['a spent quota', 429, { code: 'insufficient_quota' }],
    ['a spending limit', 429, { code: 'enforced_spend_limit_reached' }],
    ['a prompt that does not fit', 400, { code: 'context_length_exceeded', message: 'too long' }],
  ])('does not let a header say that %s is worth another try', (_what, status, error) => {
    expect(map(status, error, { shouldRetry: 'true' }).isRetryable).toBe(false);
  });

  it('hands on how long to wait, whatever the error', () => {
    expect(map(429, {}, { retryAfter: '7' })).toMatchObject({ retryAfterMs: 7_000, error: { retryAfterMs: 7_000 } });
    expect(map(503, {}, { retryAfterMs: '250' })).toMatchObject({ retryAfterMs: 250, isRetryable: true });
  });

  it.each([
    [{ retryAfter: '3' }, 3_000],
    [{ retryAfter: '0.25' }, 250],
    [{ retryAfter: '3', retryAfterMs: '120' }, 120],
    [{ retryAfter: 'Thu, 01 Jan 1970 00:00:10 GMT' }, 4_000],
    [{ retryAfter: 'Thu, 01 Jan 1970 00:00:01 GMT' }, 0],
    [{ retryAfter: 'soon' }, undefined],
    [{ retryAfter: '-1' }, undefined],
    [{}, undefined],
  ])('reads %p as a wait of %p ms', (headers, waitMs) => {
    expect(readRetryAfterMs({ ...headers, nowMs: 6_000 })).toBe(waitMs);
  });
});

describe('mapTransportError', () => {
  const failure = (code: string) => Object.assign(new Error('boom'), { code });

  it.each([
    ['ECONNREFUSED', 'nothing', 'upstream_unreachable', true],
    ['ENOTFOUND', 'nothing', 'upstream_unreachable', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'nothing', 'upstream_unreachable', true],
    ['ECONNRESET', 'nothing', 'upstream_unreachable', true],
    ['UND_ERR_SOCKET', 'body', 'upstream_malformed', true],
    ['UND_ERR_SOCKET', 'stream', 'stream_interrupted', true],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'body', 'upstream_malformed', true],
    ['HPE_INVALID_CONSTANT', 'nothing', 'upstream_malformed', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'nothing', 'upstream_unreachable', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'nothing', 'upstream_unreachable', false],
    ['UND_ERR_DESTROYED', 'nothing', 'unavailable', false],
  ] as const)('%s with %s of the answer is %s', (code, progress, ours, isRetryable) => {
    const mapped = mapTransportError('openai', failure(code), progress);
    expect(mapped.error.code).toBe(ours);
    expect(mapped.isRetryable).toBe(isRetryable);
    expect(mapped.error.message).not.toContain('boom');
  });

  it('looks into the errors of several addresses and into causes', () => {
    const several = new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')]);
    expect(mapTransportError('p', several, 'nothing').error.message).toContain('ECONNREFUSED');
    expect(mapTransportError('p', new Error('x', { cause: failure('ENOTFOUND') }), 'nothing').error.message).toContain(
      'ENOTFOUND',
    );
  });
});

import { CostlaneError, errorTable, isErrorCode, type ErrorCode } from '@costlane/domain';
import { toAnthropicError } from './anthropic-error';

const told = (code: ErrorCode, upstream?: unknown) =>
  toAnthropicError(new CostlaneError(code, 'words'), 'req_1', upstream);

describe('an error in Anthropic’s shape', () => {
  it.each<[ErrorCode, string, number]>([
    ['invalid_request', 'invalid_request_error', 400],
    ['invalid_json', 'invalid_request_error', 400],
    ['context_length_exceeded', 'invalid_request_error', 400],
    ['unsupported_media_type', 'invalid_request_error', 415],
    ['missing_api_key', 'authentication_error', 401],
    ['invalid_api_key', 'authentication_error', 401],
    ['forbidden', 'permission_error', 403],
    ['sensitive_data', 'permission_error', 403],
    ['model_not_found', 'not_found_error', 404],
    ['body_too_large', 'request_too_large', 413],
    ['rate_limited', 'rate_limit_error', 429],
    ['upstream_rate_limited', 'rate_limit_error', 429],
    ['overloaded', 'overloaded_error', 529],
    ['upstream_overloaded', 'overloaded_error', 529],
    ['circuit_open', 'overloaded_error', 529],
    ['upstream_error', 'api_error', 500],
    ['upstream_auth_failed', 'api_error', 500],
    ['internal', 'api_error', 500],
    ['upstream_timeout', 'timeout_error', 504],
    ['deadline_exceeded', 'timeout_error', 504],
  ])('%s is %s, status %d', (code, type, status) => {
    expect(told(code)).toMatchObject({
      status,
      headers: { 'x-error-code': code },
      body: { type: 'error', error: { type, message: 'words' }, request_id: 'req_1' },
    });
  });

  it('has a type that Anthropic’s clients know for every code', () => {
    const known =
      /^(invalid_request|authentication|permission|not_found|rate_limit|overloaded|timeout|api)_error$|^request_too_large$/;
    for (const code of Object.keys(errorTable).filter(isErrorCode)) expect(told(code).body.error.type).toMatch(known);
  });

  it('keeps clients from asking again where that cannot help, and tells when it can', () => {
    expect(told('upstream_quota_exhausted').headers).toMatchObject({ 'x-should-retry': 'false' });
    expect(told('upstream_error').headers).not.toHaveProperty('x-should-retry');
    const limited = toAnthropicError(new CostlaneError('rate_limited', 'w', { retryAfterMs: 1_500 }), null);
    expect(limited.headers).toMatchObject({ 'retry-after': '2' });
  });

  it('has the provider’s own words before ours: Anthropic’s as they are, of others what they say', () => {
    const theirs = { type: 'invalid_request_error', message: 'max_tokens: too many', details: { a: 1 } };
    expect(told('upstream_rejected', { type: 'error', error: theirs }).body).toEqual({
      type: 'error',
      error: theirs,
      request_id: 'req_1',
    });
    const openAi = { error: { message: 'unknown parameter', type: 'x', code: 'y', param: null } };
    expect(told('upstream_rejected', openAi).body.error).toEqual({
      type: 'invalid_request_error',
      message: 'unknown parameter',
    });
    expect(told('upstream_rejected', 'text').body.error.message).toBe('words');
  });
});

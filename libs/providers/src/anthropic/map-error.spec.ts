import { mapErrorAnswer } from '../openai-compatible/map-error';
import { convertError } from './map-error';

const body = (type: string, message: string, details?: object) =>
  JSON.stringify({ type: 'error', error: { type, message, ...(details ? { details } : {}) }, request_id: 'req_1' });

/** What follows from an error answer: the translation, and the table that all providers share. */
function outcomeOf(status: number, text: string) {
  const answer = { provider: 'anthropic', status, body: Buffer.from(JSON.stringify(convertError(text))) };
  const { error, isRetryable, verdict } = mapErrorAnswer({ ...answer, apiKey: 'sk-ant-x', nowMs: 0 });
  return { code: error.code, isRetryable, verdict, message: error.message, field: error.field };
}

describe('convertError', () => {
  it.each([
    [529, body('overloaded_error', 'Overloaded'), 'upstream_overloaded', true],
    [500, body('api_error', 'Internal server error'), 'upstream_error', true],
    [504, body('timeout_error', 'Request timed out'), 'upstream_timeout', true],
    [429, body('rate_limit_error', 'This request would exceed your rate limit.'), 'upstream_rate_limited', true],
    [
      429,
      body('rate_limit_error', 'You have reached your API usage limits: …', {
        error_code: 'enforced_spend_limit_reached',
      }),
      'upstream_quota_exhausted',
      false,
    ],
    [
      400,
      body('invalid_request_error', 'You have reached your specified API usage limits.'),
      'upstream_quota_exhausted',
      false,
    ],
    [
      400,
      body('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
      'upstream_quota_exhausted',
      false,
    ],
    [402, body('billing_error', 'Payment required'), 'upstream_quota_exhausted', false],
    [401, body('authentication_error', 'invalid x-api-key'), 'upstream_auth_failed', false],
    [403, body('permission_error', 'no'), 'upstream_auth_failed', false],
    [404, body('not_found_error', 'model: claude-9'), 'model_not_found', false],
    [413, body('request_too_large', 'Request exceeds the maximum size'), 'upstream_rejected', false],
    [
      400,
      body('invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'),
      'context_length_exceeded',
      false,
    ],
  ])('%i %s is %s', (status, text, code, isRetryable) => {
    expect(outcomeOf(status, text)).toMatchObject({ code, isRetryable });
  });

  it('names what OpenAI’s clients know: a prompt that is too long, a model that is not there, a field', () => {
    expect(convertError(body('invalid_request_error', 'prompt is too long: 3 tokens > 2 maximum'))).toEqual({
      error: {
        message: "This model's maximum context length is exceeded: prompt is too long: 3 tokens > 2 maximum",
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    });
    expect(convertError(body('not_found_error', 'model: claude-9'))).toMatchObject({
      error: { code: 'model_not_found' },
    });
    expect(outcomeOf(400, body('invalid_request_error', 'max_tokens: 9 > 8, which is the maximum')).field).toBe(
      'max_tokens',
    );
    // Positions in the translated messages are not the client's.
    expect(outcomeOf(400, body('invalid_request_error', 'messages.2.content: no')).field).toBeUndefined();
  });

  it('leaves alone what is no error of Anthropic’s', () => {
    expect(convertError('<html>')).toBeUndefined();
    expect(convertError('{"type":"message"}')).toBeUndefined();
  });
});

import { mapErrorAnswer } from '../openai-compatible/map-error';
import { convertError } from './map-error';

const body = (message: string) => JSON.stringify({ id: 'e1', message });

/** What follows from an error answer: the translation, and the table that all providers share. */
function outcomeOf(status: number, text: string) {
  const converted = convertError(text, status);
  const answer = {
    provider: 'cohere',
    status: converted?.status ?? status,
    body: Buffer.from(JSON.stringify(converted?.body)),
  };
  const { error, isRetryable, verdict } = mapErrorAnswer({ ...answer, apiKey: 'co-x', nowMs: 0 });
  return { code: error.code, isRetryable, verdict, message: error.message, field: error.field };
}

const trial = (limit: string) =>
  `You are using a Trial key, which is limited to ${limit}. You can continue to use it for free.`;

describe('convertError', () => {
  it.each([
    [400, 'invalid request: message must be at least 1 token long.', 'upstream_rejected', false, 'neutral'],
    [401, 'invalid api token', 'upstream_auth_failed', false, 'neutral'],
    [401, 'Your API key has expired.', 'upstream_auth_failed', false, 'neutral'],
    [402, 'Please add or update your payment method to continue', 'upstream_quota_exhausted', false, 'neutral'],
    [
      402,
      'Maximum billing reached for this API key as set in your dashboard',
      'upstream_quota_exhausted',
      false,
      'neutral',
    ],
    [403, 'forbidden', 'upstream_auth_failed', false, 'neutral'],
    [404, "model 'xyz' not found, make sure the correct model ID was used.", 'model_not_found', false, 'neutral'],
    [422, 'invalid request: tools must be a list', 'upstream_rejected', false, 'neutral'],
    [
      429,
      'You are past the per minute request limit, please wait and try again later.',
      'upstream_rate_limited',
      true,
      'neutral',
    ],
    [429, trial('20 API calls / minute'), 'upstream_rate_limited', true, 'neutral'],
    [
      429,
      'trial token rate limit exceeded, limit is 100000 tokens per minute',
      'upstream_rate_limited',
      true,
      'neutral',
    ],
    [429, trial('1000 API calls / month'), 'upstream_quota_exhausted', false, 'neutral'],
    [498, 'blocked output: please adjust your prompt and try again', 'upstream_rejected', false, 'neutral'],
    [499, 'request cancelled', 'upstream_error', true, 'failure'],
    [500, 'internal server error', 'upstream_error', true, 'failure'],
    [501, 'not implemented', 'upstream_error', false, 'failure'],
    [503, 'service unavailable', 'upstream_overloaded', true, 'failure'],
    [504, 'timeout', 'upstream_timeout', true, 'failure'],
  ])('%i %s is %s; to be sent again: %s', (status, message, code, isRetryable, verdict) => {
    expect(outcomeOf(status, body(message))).toMatchObject({ code, isRetryable, verdict });
  });

  it('names what OpenAI’s clients know: a prompt that is too long, a model that is not there, a field, a block', () => {
    const tooLong = 'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292.';
    expect(convertError(body(tooLong), 400)?.body).toMatchObject({
      error: { code: 'context_length_exceeded', param: 'messages' },
    });
    const tooMuch =
      'too many tokens: max tokens must be less than or equal to 4096, the maximum output - received 8192.';
    expect(convertError(body(tooMuch), 400)?.body).toMatchObject({ error: { code: null, param: 'max_tokens' } });
    const field = 'invalid request: temperature must be between 0 and 1.0 inclusive.';
    expect(outcomeOf(400, body(field)).field).toBe('temperature');
    expect(convertError(body("model 'xyz' not found, make sure"), 404)?.body).toMatchObject({
      error: { code: 'model_not_found', message: expect.stringMatching(/^The model xyz does not exist/) },
    });
    expect(convertError(body('blocked output'), 498)).toMatchObject({
      status: 400,
      body: { error: { code: 'content_policy_violation', message: 'blocked output' } },
    });
  });

  it('does not show what the account is told about itself', () => {
    expect(outcomeOf(402, body('Maximum billing reached for this API key')).message).not.toMatch(/Maximum/);
    expect(outcomeOf(429, body(trial('20 API calls / minute'))).message).not.toMatch(/Trial/);
  });

  it('reads the end of an answer that failed, with its reason or without', () => {
    const text = (more: object) => JSON.stringify({ finish_reason: 'TIMEOUT', message: { content: [] }, ...more });
    expect(convertError(text({}), 200)?.body).toMatchObject({ error: { message: expect.stringMatching(/timed out/) } });
    expect(convertError(text({ error: 'gone' }), 200)?.body).toMatchObject({ error: { message: 'gone' } });
  });

  it('leaves alone what is none of Cohere’s', () => {
    expect(convertError('<html>', 502)).toBeUndefined();
    expect(convertError('{"detail":"x"}', 404)).toBeUndefined();
    expect(convertError('{"message":{"content":[]},"finish_reason":"COMPLETE"}', 200)).toBeUndefined();
  });
});

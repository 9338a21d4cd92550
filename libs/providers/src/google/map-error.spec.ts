import { mapErrorAnswer } from '../openai-compatible/map-error';
import { convertError } from './map-error';

const body = (status: string, message: string, details?: object[]) =>
  JSON.stringify({ error: { code: 0, message, status, ...(details ? { details } : {}) } });
const retryInfo = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
const quotaFailure = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests', quotaId }],
});
const overQuota = 'You exceeded your current quota, please check your plan and billing details.';

/** What follows from an error answer: the translation, and the table that all providers share. */
function outcomeOf(status: number, text: string) {
  const converted = convertError(text, status, 100);
  const answer = {
    provider: 'google',
    status: converted?.status ?? status,
    body: Buffer.from(JSON.stringify(converted?.body)),
    retryAfterMs: converted?.retryAfterMs?.toString(),
  };
  const { error, isRetryable, retryAfterMs } = mapErrorAnswer({ ...answer, apiKey: 'AIza-x', nowMs: 0 });
  return { code: error.code, isRetryable, retryAfterMs, message: error.message, field: error.field };
}

describe('convertError', () => {
  it.each([
    [503, body('UNAVAILABLE', 'The model is overloaded.'), 'upstream_overloaded', true],
    [504, body('DEADLINE_EXCEEDED', 'Deadline expired.'), 'upstream_timeout', true],
    [500, body('INTERNAL', 'An internal error has occurred.'), 'upstream_error', true],
    [429, body('RESOURCE_EXHAUSTED', overQuota), 'upstream_rate_limited', true],
    [402, body('RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.'), 'upstream_quota_exhausted', false],
    [
      429,
      body('RESOURCE_EXHAUSTED', 'Your project has exceeded its monthly spending cap.'),
      'upstream_quota_exhausted',
      false,
    ],
    [
      429,
      body('RESOURCE_EXHAUSTED', overQuota, [
        quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
        retryInfo('41s'),
      ]),
      'upstream_quota_exhausted',
      false,
    ],
    [
      400,
      body('INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [{ reason: 'API_KEY_INVALID' }]),
      'upstream_auth_failed',
      false,
    ],
    [403, body('PERMISSION_DENIED', 'no'), 'upstream_auth_failed', false],
    [
      400,
      body('FAILED_PRECONDITION', 'User location is not supported for the API use.'),
      'upstream_auth_failed',
      false,
    ],
    [404, body('NOT_FOUND', 'models/gemini-9 is not found for API version v1beta.'), 'model_not_found', false],
    [400, body('INVALID_ARGUMENT', 'Please use a valid role: user, model.'), 'upstream_rejected', false],
  ])('%i %s is %s', (status, text, code, isRetryable) => {
    expect(outcomeOf(status, text)).toMatchObject({ code, isRetryable });
  });

  it('hands on how long to wait, which stands in the body', () => {
    const minute = [quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'), retryInfo('34.074824224s')];
    expect(outcomeOf(429, body('RESOURCE_EXHAUSTED', overQuota, minute))).toMatchObject({
      code: 'upstream_rate_limited',
      retryAfterMs: 34_075,
    });
    const words = `${overQuota} Please retry in 10h17m5.72s.`;
    expect(outcomeOf(429, body('RESOURCE_EXHAUSTED', words)).retryAfterMs).toBe(37_025_720);
    expect(outcomeOf(429, body('RESOURCE_EXHAUSTED', overQuota, [retryInfo('soon')])).retryAfterMs).toBeUndefined();
    expect(outcomeOf(429, body('RESOURCE_EXHAUSTED', overQuota, [retryInfo('0s')])).retryAfterMs).toBeUndefined();
  });

  it('names what OpenAI’s clients know: a prompt that is too long, a model that is not there, a field', () => {
    const tooLong = 'The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).';
    for (const [status, name] of [
      [400, 'INVALID_ARGUMENT'],
      [500, 'INTERNAL'],
    ] as const) {
      expect(convertError(body(name, tooLong), status, 100)?.body).toMatchObject({
        error: { code: 'context_length_exceeded', param: 'messages' },
      });
      expect(outcomeOf(status, body(name, tooLong))).toMatchObject({
        code: 'context_length_exceeded',
        isRetryable: false,
      });
    }
    const words = '* GenerateContentRequest.generation_config.max_output_tokens: must be positive';
    expect(outcomeOf(400, body('INVALID_ARGUMENT', words)).field).toBe('max_tokens');
    // Positions in the translated messages are not the client's.
    expect(outcomeOf(400, body('INVALID_ARGUMENT', 'GenerateContentRequest.contents[0]: no')).field).toBeUndefined();
  });

  it('takes a failure after a very long prompt for what it may be: the prompt', () => {
    const text = body('INTERNAL', 'An internal error has occurred.');
    expect(convertError(text, 500, 4_000_000)).toMatchObject({ isPerhapsTheRequest: true });
    expect(convertError(text, 500, 10_000)).not.toHaveProperty('isPerhapsTheRequest');
    expect(convertError(body('UNAVAILABLE', 'x'), 503, 4_000_000)).not.toHaveProperty('isPerhapsTheRequest');
  });

  it('reads an error in a list, and leaves alone what is none of Google’s', () => {
    expect(convertError(`[${body('UNAVAILABLE', 'x')}]\n`, 503, 1)?.body).toMatchObject({ error: { message: 'x' } });
    expect(convertError('<html>', 502, 1)).toBeUndefined();
    expect(convertError('{"candidates":[]}', 200, 1)).toBeUndefined();
  });
});

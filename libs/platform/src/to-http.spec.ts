import { BadRequestException, NotFoundException } from '@nestjs/common';
import { CostlaneError } from '@costlane/domain';
import { toHttpError, toOpenAiError } from './to-http';

describe('errors over HTTP', () => {
  test('ours keep their status, code, message and retry hint', () => {
    expect(toHttpError(new CostlaneError('overloaded', 'Too much.', { retryAfterMs: 1200 }))).toEqual({
      status: 429,
      headers: { 'x-error-code': 'overloaded', 'retry-after': '2' },
      envelope: { success: false, data: null, error: 'Too much.' },
    });
  });

  test("in OpenAI's shape they name the parameter", () => {
    const { status, body } = toOpenAiError(
      new CostlaneError('invalid_request', 'Bad role.', { field: 'messages[0].role' }),
    );
    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        message: 'Bad role.',
        type: 'invalid_request_error',
        param: 'messages[0].role',
        code: 'invalid_request',
      },
    });
  });

  test.each([
    [Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }), 413, 'body_too_large'],
    [
      Object.assign(new Error('x'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }),
      415,
      'unsupported_media_type',
    ],
    [Object.assign(new Error('x'), { code: 'FST_ERR_CTP_INVALID_JSON_BODY', statusCode: 400 }), 400, 'invalid_json'],
    [Object.assign(new Error('x'), { statusCode: 418 }), 400, 'invalid_request'],
    [new NotFoundException('Cannot GET /x'), 404, 'not_found'],
    [new BadRequestException('no'), 400, 'invalid_request'],
  ])('the framework error %p becomes %i %s', (error, status, code) => {
    expect(toHttpError(error)).toMatchObject({ status, headers: { 'x-error-code': code } });
  });

  test.each([new Error('password=1'), Object.assign(new Error('password=1'), { statusCode: 500 }), 'password=1', null])(
    'what is not ours (%p) becomes 500 without its text',
    (error) => {
      const { status, envelope } = toHttpError(error);
      expect(status).toBe(500);
      expect(envelope.error).not.toContain('password');
    },
  );
});

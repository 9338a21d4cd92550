import { createLogLines } from './spec-support/log-lines';

describe('the log', () => {
  test('is one JSON object a line with service, level as a word and RFC 3339 time', () => {
    const { logger, lines } = createLogLines();
    logger.info({ requestId: 'r1' }, 'hello');
    expect(lines[0]).toMatchObject({ level: 'info', service: 'test', requestId: 'r1', msg: 'hello' });
    expect(String(lines[0]?.['time'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('never shows credentials or prompts, at the top or two levels down', () => {
    const { logger, lines } = createLogLines();
    const secret = 'do not show';
    logger.info({
      prompt: secret,
      messages: [{ content: secret }],
      headers: { authorization: secret, 'x-api-key': secret },
      request: { inner: { body: secret, apiKey: secret } },
      err: Object.assign(new Error('failed'), { body: secret }),
    });
    expect(JSON.stringify(lines)).not.toContain(secret);
    expect(lines[0]).toMatchObject({ prompt: '[redacted]', err: { message: 'failed', body: '[redacted]' } });
  });

  test('never shows what a Redis command that failed was about', () => {
    const { logger, lines } = createLogLines();
    const secret = 'what is my diagnosis?';
    const command = { name: 'evalsha', args: ['sha', 1, 'key', secret] };
    const refused = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError', command });
    logger.warn({ err: refused }, 'not stored');
    logger.warn({ err: new AggregateError([refused], 'several') }, 'not stored');
    logger.warn(refused);
    expect(JSON.stringify(lines)).not.toContain(secret);
    expect(lines[0]).toMatchObject({ err: { message: 'OOM command not allowed', command: { name: 'evalsha' } } });
  });

  test('is silent below its level', () => {
    const { logger, lines } = createLogLines('warn');
    logger.info('not this');
    logger.warn('but this');
    expect(lines.map((line) => line['msg'])).toEqual(['but this']);
  });
});

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

  test('is silent below its level', () => {
    const { logger, lines } = createLogLines('warn');
    logger.info('not this');
    logger.warn('but this');
    expect(lines.map((line) => line['msg'])).toEqual(['but this']);
  });
});

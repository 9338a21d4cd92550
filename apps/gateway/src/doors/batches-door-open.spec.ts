import { testGateway } from '../testing/test-gateway';

describe('files and batches without a database', () => {
  const { fastify } = testGateway();
  const json = { 'content-type': 'application/json' };
  const form = { 'content-type': 'multipart/form-data; boundary=x' };
  const file = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{}\r\n--x--\r\n';
  const batch = JSON.stringify({ input_file_id: 'f', endpoint: '/v1/embeddings', completion_window: '24h' });

  it.each([
    ['GET', '/v1/files', {}, undefined],
    ['POST', '/v1/files', form, file],
    ['GET', '/v1/files/f', {}, undefined],
    ['GET', '/v1/files/f/content', {}, undefined],
    ['DELETE', '/v1/files/f', {}, undefined],
    ['GET', '/v1/batches', {}, undefined],
    ['POST', '/v1/batches', json, batch],
    ['GET', '/v1/batches/b', {}, undefined],
    ['POST', '/v1/batches/b/cancel', json, '{}'],
  ] as const)('say which setting is missing: %s %s', async (method, url, headers, payload) => {
    const answer = await fastify.inject({ method, url, headers, payload });
    expect([answer.statusCode, answer.json()]).toEqual([
      503,
      {
        error: {
          code: 'unavailable',
          type: 'server_error',
          param: null,
          message: expect.stringContaining('DATABASE_URL'),
        },
      },
    ]);
  });

  it('leave forms to the door of files alone', async () => {
    const answer = await fastify.inject({ method: 'POST', url: '/v1/chat/completions', headers: form, payload: file });
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([415, 'unsupported_media_type']);
  });
});

import { testGateway } from '../testing/test-gateway';

const envelope = (words: string) => ({ success: false, data: null, error: expect.stringContaining(words) });
const openAi = (code: string, words: string) => ({
  error: { message: expect.stringContaining(words), type: 'invalid_request_error', param: null, code },
});

describe('what goes wrong outside a door', () => {
  it.each([
    ['GET', '/no/such', envelope('There is no GET /no/such here')],
    ['GET', '/v1/inference', envelope('it takes POST')],
    ['DELETE', '/health', envelope('it takes GET')],
    ['GET', '/v1/chat/completions', openAi('not_found', 'it takes POST')],
    ['POST', '/v1/models', openAi('not_found', 'it takes GET')],
    ['POST', '/v1/moderations', openAi('not_found', 'There is no POST /v1/moderations here')],
    ['GET', '/v1/chatter', envelope('/v1/chatter')],
  ] as const)('answers %s %s with 404 in the shape of its clients', async (method, url, body) => {
    const reply = await testGateway().fastify.inject({ method, url: `${url}?key=secret` });
    expect(reply.statusCode).toBe(404);
    expect(reply.headers).toMatchObject({ 'x-error-code': 'not_found', 'x-request-id': expect.stringMatching(/^req/) });
    expect(reply.json()).toEqual(body);
    expect(reply.body).not.toContain('secret');
  });

  it.each([
    ['/v1/inference', envelope('application/json')],
    ['/v1/chat/completions', openAi('unsupported_media_type', 'application/json')],
  ])('refuses another content type at %s with 415', async (url, body) => {
    const headers = { 'content-type': 'text/plain' };
    const reply = await testGateway().fastify.inject({ method: 'POST', url, headers, payload: 'hello' });
    expect([reply.statusCode, reply.headers['x-error-code']]).toEqual([415, 'unsupported_media_type']);
    expect(reply.json()).toEqual(body);
  });

  it.each([
    ['/v1/inference', envelope('larger')],
    ['/v1/chat/completions', openAi('body_too_large', 'larger')],
  ])('refuses an oversize body at %s with 413', async (url, body) => {
    const payload = { messages: [{ role: 'user', content: 'a'.repeat(5_000) }] };
    const reply = await testGateway().fastify.inject({ method: 'POST', url, payload });
    expect([reply.statusCode, reply.headers['x-error-code']]).toEqual([413, 'body_too_large']);
    expect(reply.json()).toEqual(body);
  });

  it('answers a chat completion without a body with 400', async () => {
    const reply = await testGateway().fastify.inject({ method: 'POST', url: '/v1/chat/completions' });
    expect([reply.statusCode, reply.headers['x-error-code']]).toEqual([400, 'invalid_json']);
  });

  it('does not tell what failed inside', async () => {
    const { fastify } = testGateway({
      adminServices: { listKeys: () => Promise.reject(new Error('10.0.0.7:5432 refused')) },
    });
    const reply = await fastify.inject({ url: '/admin/keys', headers: { host: 'localhost' } });
    expect([reply.statusCode, reply.headers['x-error-code']]).toEqual([500, 'internal']);
    expect(reply.body).not.toContain('5432');
  });
});

import type { FeedbackReply, FeedbackRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { testGateway } from '../testing/test-gateway';

function setup(reply: FeedbackReply | Error = { isKnown: true, removedEntries: 1 }) {
  const given: FeedbackRequest[] = [];
  const { fastify } = testGateway({
    adminServices: {
      feedback(request) {
        given.push(request);
        return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
      },
    },
  });
  const send = async (payload: object | string) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fastify.inject({ method: 'POST', url: '/v1/feedback', headers, payload });
    return { status: answer.statusCode, body: answer.json<{ data: unknown; error: string | null }>() };
  };
  return { send, given };
}

const key = 'a'.repeat(64);

describe('POST /v1/feedback', () => {
  it('passes on what the caller’s tenant says of a request or of a cache key', async () => {
    const { send, given } = setup();
    expect(await send({ request_id: 'req_1', verdict: 'wrong' })).toEqual({
      status: 200,
      body: { success: true, data: { verdict: 'wrong', removed_entries: 1 }, error: null },
    });
    await send({ cache_key: key, verdict: 'right' });
    expect(given).toEqual([
      { tenantId: 'default', what: { $case: 'requestId', value: 'req_1' }, isWrong: true },
      { tenantId: 'default', what: { $case: 'key', value: key }, isWrong: false },
    ]);
  });

  it('says so when nothing is known by that name', async () => {
    const { send } = setup({ isKnown: false, removedEntries: 0 });
    const { status, body } = await send({ request_id: 'req_1', verdict: 'wrong' });
    expect([status, body.error]).toEqual([404, expect.stringContaining('X-Cache-Key')]);
  });

  it.each([
    ['nothing', {}],
    ['no verdict', { request_id: 'r' }],
    ['an unknown verdict', { request_id: 'r', verdict: 'bad' }],
    ['two names', { request_id: 'r', cache_key: key, verdict: 'wrong' }],
    ['no name', { verdict: 'wrong' }],
    ['a malformed key', { cache_key: 'abc', verdict: 'wrong' }],
    ['an unknown field', { request_id: 'r', verdict: 'wrong', comment: 'x' }],
    ['broken JSON', '{"request_id":'],
  ])('refuses %s', async (_name, payload) => {
    const { send, given } = setup();
    const { status, body } = await send(payload);
    expect([status, typeof body.error, given]).toEqual([400, 'string', []]);
  });

  it('tells when the cache service is away', async () => {
    const { send } = setup(new CostlaneError('unavailable', 'The cache service cannot be reached.'));
    expect((await send({ request_id: 'r', verdict: 'wrong' })).status).toBe(503);
  });
});

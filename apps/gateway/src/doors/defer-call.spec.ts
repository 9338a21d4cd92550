import { CostlaneError } from '@costlane/domain';
import type { StoredItem } from '@costlane/ledger';
import type { DeferrableCall, DeferredCall, DeferredCalls } from '../jobs/deferred-calls';
import { post } from '../testing/openai-gateway';
import { end, type Asked } from '../testing/scripted-inference';
import { testGateway } from '../testing/test-gateway';
import { createDeferral } from './defer-call';

const HOUR_MS = 3_600_000;
const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] };
const item = (over: Partial<StoredItem> = {}): StoredItem => ({
  index: 0,
  state: 'succeeded',
  attempts: 1,
  isDead: false,
  status: 200,
  costNanoUsd: 1_500,
  result: Buffer.from('{"id":"answered-by-batch"}'),
  ...over,
});

function setUp(over: Partial<DeferredCalls> = {}) {
  const taken: DeferrableCall[] = [];
  const left: DeferredCall[] = [];
  const fallbacks: string[] = [];
  const calls: DeferredCalls = {
    wants: (deadlineMs) => deadlineMs >= HOUR_MS,
    take: (call) => {
      taken.push(call);
      return Promise.resolve({ tenantId: call.tenantId, jobId: 'job_1', index: 3, deadlineAtMs: 0, gathered: 9 });
    },
    answer: () => Promise.resolve(item()),
    leave: (call) => (left.push(call), Promise.resolve()),
    close: () => Promise.resolve(),
    ...over,
  };
  const deferral = createDeferral({ calls, metrics: { fallback: (kind) => void fallbacks.push(kind) } });
  const answers = ({ listener }: Asked): void =>
    listener.whole({ ...end(), form: 'json', body: Buffer.from('{"id":"at-once"}') });
  const { fastify, asked } = testGateway({ deferral, onAsk: answers });
  const ask = (headers: Record<string, string>, body: object = chat, url = '/v1/chat/completions') =>
    fastify.inject(post(url, body, headers));
  return { ask, taken, left, fallbacks, asked };
}

const patient = { 'x-costlane-deadline-ms': String(2 * HOUR_MS) };

describe('a call with a long deadline', () => {
  it('becomes a job, and its caller gets the answer when it is there, with what it cost', async () => {
    const { ask, taken } = setUp();
    const reply = await ask({ ...patient, 'x-costlane-feature': 'nightly', 'idempotency-key': 'k' });
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({ id: 'answered-by-batch' });
    expect(reply.headers).toMatchObject({ 'x-cost-usd': '0.000001500', 'x-costlane-job-id': 'job_1.3' });
    expect(taken[0]).toMatchObject({
      tenantId: 'default',
      deadlineMs: 2 * HOUR_MS,
      request: {
        isShared: true,
        request: { endpoint: '/v1/chat/completions', headers: { 'x-costlane-feature': 'nightly' } },
      },
    });
    // What belongs to this asking alone is not kept.
    expect(taken[0]?.request.request.headers).toEqual({ 'x-costlane-feature': 'nightly' });
    expect(JSON.parse(String(taken[0]?.request.request.body))).toEqual(chat);
  });

  it('is answered with where to look, where the caller does not want to wait', async () => {
    const { ask, taken } = setUp();
    const reply = await ask({ ...patient, prefer: 'respond-async' });
    expect(reply.statusCode).toBe(202);
    expect(reply.headers).toMatchObject({ location: '/v1/jobs/job_1.3', 'preference-applied': 'respond-async' });
    expect(reply.json()).toMatchObject({ success: true, data: { job_id: 'job_1.3', status: 'queued' } });
    const hooked = await ask({ ...patient, 'x-costlane-webhook-url': 'https://hooks.example/x' });
    expect(hooked.statusCode).toBe(202);
    expect(taken[1]?.webhookUrl).toBe('https://hooks.example/x');
  });

  it('comes in by the field of our own door as well, which is not kept', async () => {
    const { ask, taken } = setUp();
    const reply = await ask({}, { prompt: 'hi', deadline_ms: 2 * HOUR_MS }, '/v1/inference');
    expect(reply.json()).toEqual({ id: 'answered-by-batch' });
    expect(JSON.parse(String(taken[0]?.request.request.body))).toEqual({ prompt: 'hi' });
  });

  it.each([
    ['short', { 'x-costlane-deadline-ms': '60000' }, chat],
    ['not set by the caller', {}, chat],
    ['of a streamed answer', { 'x-costlane-deadline-ms': String(HOUR_MS) }, { ...chat, stream: true }],
  ])('is made at once when the deadline is %s', async (_what, headers, body) => {
    const { ask, taken, asked } = setUp();
    await ask(headers, body);
    expect(asked).toHaveLength(1);
    expect(taken).toEqual([]);
  });

  it('gives the error of its item in the words of its door', async () => {
    const failed = setUp({ answer: () => Promise.resolve(item({ state: 'expired', result: undefined })) });
    const expired = await failed.ask(patient);
    expect(expired.statusCode).toBe(504);
    expect(expired.json()).toMatchObject({ error: { code: 'deadline_exceeded' } });
    const refused = { state: 'failed' as const, status: 400, errorCode: 'invalid_request' };
    const { ask } = setUp({
      answer: () => Promise.resolve(item({ ...refused, result: Buffer.from('{"error":{"message":"no"}}') })),
    });
    const reply = await ask(patient);
    expect([reply.statusCode, reply.headers['x-error-code']]).toEqual([400, 'invalid_request']);
    expect(reply.json()).toEqual({ error: { message: 'no' } });
  });

  it('is made at once, and counted, while jobs cannot be kept; with more time than a caller waits it is refused', async () => {
    const { ask, fallbacks } = setUp({
      take: () => Promise.reject(new CostlaneError('unavailable', 'away', { retryAfterMs: 1_000 })),
    });
    expect((await ask({ 'x-costlane-deadline-ms': String(HOUR_MS) })).json()).toEqual({ id: 'at-once' });
    expect(fallbacks).toEqual(['deferral_skipped']);
    expect((await ask(patient)).statusCode).toBe(503);
  });

  it('of more than an hour is refused where nothing is made by batch, and for a stream', async () => {
    const { fastify } = testGateway();
    const reply = await fastify.inject(post('/v1/chat/completions', chat, patient));
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { param: 'deadline_ms' } });
    const { ask } = setUp();
    expect((await ask(patient, { ...chat, stream: true })).json()).toMatchObject({ error: { param: 'deadline_ms' } });
    expect((await ask({}, { prompt: 'x', stream: true, deadline_ms: 2 * HOUR_MS }, '/v1/inference')).statusCode).toBe(
      400,
    );
  });
});

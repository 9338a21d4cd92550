import { waitFor } from '@costlane/testing';
import { CostlaneError } from '@costlane/domain';
import { errorReply } from '../core/error-reply';
import { answerWith, completion, end, header, type Asked } from '../testing/scripted-inference';
import { answerIn, itemGateway, itemOf, itemTask, jsonIn, planIn, stopItemGateways } from './testing/item-gateway';

const messages = [{ role: 'user', content: 'Hi.' }];
const chat = itemOf('/v1/chat/completions', { model: 'gpt-4o-mini', messages });
const failing =
  (error: CostlaneError, upstreamCalls = 0) =>
  ({ listener, decision }: Asked): void => {
    const failed = errorReply(error, decision);
    const body = failed.body ?? Buffer.alloc(0);
    listener.whole({ ...end(), ...failed, header: { ...failed.header, upstreamCalls }, paidNanoUsd: 0, body });
  };

afterEach(stopItemGateways);

describe('the executor of items', () => {
  it('lets an item choose its priority, and nothing that belongs to one asking', async () => {
    const gateway = await itemGateway({ onAsk: answerWith('Hello!') });
    const headers = {
      'x-costlane-priority': 'standard',
      'x-costlane-feature': 'digest',
      'idempotency-key': 'once',
      'x-costlane-deadline-ms': '1',
      authorization: 'Bearer somebody else',
    };
    await gateway.run({ item: { ...chat, headers } });
    await gateway.run({
      requestId: 'job_1-1',
      item: itemOf('/v1/inference', {
        prompt: 'Hi.',
        idempotency_key: 'once',
        deadline_ms: 604_800_000,
        priority: 'express',
      }),
    });
    const [first, second] = gateway.asked.map(({ request }) => request);
    expect(first).toMatchObject({ priority: 'standard', featureName: 'digest', caller: { keyId: 'key_1' } });
    expect(second).toMatchObject({ priority: 'express', recordId: 'job_1-1' });
    expect([first?.idempotency, second?.idempotency]).toEqual([undefined, undefined]);
    expect(Math.min(first?.deadlineAtMs ?? 0, second?.deadlineAtMs ?? 0)).toBeGreaterThan(Date.now() + 30_000);
  });

  it('asks an item once, however often it is asked for while it is at its door', async () => {
    const gateway = await itemGateway();
    const replies = [gateway.run({ item: chat }), gateway.run({ item: chat })];
    const [asked] = await waitFor(() => (gateway.asked.length > 0 ? gateway.asked : undefined));
    asked?.listener.whole({ ...end(), form: 'json', body: completion('Hello!') });
    const [first, second] = (await Promise.all(replies)).map(answerIn);
    expect(first).toBe(second);
    expect([gateway.asked.length, gateway.executor.inFlight()]).toEqual([1, 0]);
  });

  it('calls each asking by a name of its own, for a worker answers each once, and keeps the item on record under its own', async () => {
    const item = itemOf('/v1/inference', { prompt: 'Hi.' });
    const gateway = await itemGateway({ onAsk: answerWith('Hello!') });
    // Its runner did not hear the answer, and asks again.
    for (let asking = 0; asking < 2; asking++) {
      const reply = answerIn(await gateway.run({ item, recordedAtMs: 7 }));
      expect(jsonIn(reply)).toMatchObject({ data: { request_id: 'job_1-0' } });
    }
    const calls = gateway.asked.map(({ request }) => request);
    for (const call of calls) {
      expect(call.requestId).toMatch(/^job_1-0~[0-9a-f]{8}$/);
      expect([call.recordId, call.recordedAtMs]).toEqual(['job_1-0', 7]);
    }
    expect(calls[0]?.requestId).not.toBe(calls[1]?.requestId);
    const planned = planIn(await (await itemGateway()).run({ mode: 'plan', item })).header;
    expect([planned.requestId, planned.recordId]).toEqual(['job_1-0', undefined]);
  });

  it('leaves a call when the last one who waits for the item has gone', async () => {
    const gateway = await itemGateway();
    const [one, other] = [itemTask({ item: chat }), itemTask({ item: chat })];
    const replies = [gateway.executor.run(one), gateway.executor.run(other)];
    const asked = await waitFor(() => gateway.asked[0]);
    gateway.executor.cancel(one.taskId);
    expect([await replies[0], asked.hasLeft]).toEqual([undefined, false]);
    gateway.executor.cancel(other.taskId);
    expect([await replies[1], asked.hasLeft, gateway.executor.inFlight()]).toEqual([undefined, true, 0]);
    gateway.executor.cancel('of-somebody-else');
  });

  it('says of a failure whether and when it may be tried again', async () => {
    const limited = new CostlaneError('upstream_rate_limited', 'Too much.', { retryAfterMs: 7_000 });
    const passing = await itemGateway({ onAsk: failing(limited, 2) });
    expect(answerIn(await passing.run({ item: chat }))).toMatchObject({
      status: 429,
      errorCode: 'upstream_rate_limited',
      isRetryable: true,
      retryAfterMs: 7_000,
      paidNanoUsd: 0,
    });
    const rejecting = await itemGateway({ onAsk: failing(new CostlaneError('upstream_rejected', 'No.'), 1) });
    expect(answerIn(await rejecting.run({ item: chat }))).toMatchObject({ status: 400, isRetryable: false });
  });

  it('says what a failed item has cost all the same', async () => {
    const gateway = await itemGateway({
      onAsk: ({ listener }) => listener.whole({ ...end(), form: 'json', body: Buffer.from('no chat completion') }),
    });
    const reply = answerIn(await gateway.run({ item: itemOf('/v1/inference', { prompt: 'Hi.' }) }));
    expect(reply).toMatchObject({ status: 502, errorCode: 'upstream_malformed', paidNanoUsd: 1_200 });
  });

  it('refuses what is not at these doors, what is no JSON, and what is too large, each in the door’s words', async () => {
    const gateway = await itemGateway();
    const put = async (endpoint: string, body: object | string) =>
      answerIn(await gateway.run({ item: itemOf(endpoint, body) }));
    expect(await put('/admin/keys', {})).toMatchObject({ status: 404, errorCode: 'not_found', isRetryable: false });
    expect(await put('/v1/chat/completions', '{')).toMatchObject({ status: 400, errorCode: 'invalid_json' });
    expect(await put('/v1/inference', { prompt: 'x'.repeat(5_000) })).toMatchObject({
      status: 413,
      errorCode: 'body_too_large',
    });
    const unknown = await put('/v1/messages', { model: 'no-such-model', max_tokens: 5, messages });
    expect(unknown).toMatchObject({ status: 404, errorCode: 'model_not_found' });
    expect(jsonIn(unknown)).toMatchObject({ type: 'error', request_id: 'job_1-0' });
  });

  it('does not wait for a door for ever', async () => {
    const gateway = await itemGateway({ attemptMaxMs: 1, graceMs: 20 });
    const reply = answerIn(await gateway.run({ item: chat }));
    expect(reply).toMatchObject({ status: 500, errorCode: 'internal' });
    expect(gateway.asked[0]?.hasLeft).toBe(true);
  });

  it('counts an answered item among the requests of its door', async () => {
    const gateway = await itemGateway({ onAsk: answerWith('Hello!') });
    await gateway.run({ item: chat });
    expect(gateway.events.ended.map((ended) => ended.header)).toEqual([header()]);
  });
});

import { randomUUID } from 'node:crypto';
import { readSse, waitFor } from '@costlane/testing';
import {
  abortDelayMs,
  doorsUnderTest,
  envelopeOf,
  fresh,
  mockStats,
  post,
  type Doors,
  type Reply,
} from './doors-under-test';

const doors = doorsUnderTest();
const { url } = doors ?? { url: '' };
const INFERENCE = `${url}/v1/inference`;
const costHeaders = [
  'x-request-id',
  'x-cost-usd',
  'x-cost-baseline-usd',
  'x-cost-saved-usd',
  'x-cache',
  'x-model-used',
  'x-route-decision',
];

type Event = { type: string; text?: string; code?: string; message?: string } & Partial<Reply>;

async function eventsOf(response: Response): Promise<Event[]> {
  const events: Event[] = [];
  for await (const { data } of readSse(response)) events.push(JSON.parse(data) as Event);
  return events;
}

const upstreamCalls = async (requestId: string | null): Promise<number> =>
  (await mockStats(doors as Doors)).callsByRequestId[requestId ?? ''] ?? 0;

(doors ? describe : describe.skip)('POST /v1/inference', () => {
  it.each(['/v1/inference', '/chat'])(
    '%s answers in the envelope with every field, and the costs in headers',
    async (path) => {
      const response = await post(`${url}${path}`, {
        prompt: fresh('Why?'),
        preferred_model: 'gpt-4o-mini',
        max_tokens: 400,
      });
      const { success, data, error } = await envelopeOf<Reply>(response);
      expect([response.status, success, error]).toEqual([200, true, null]);
      expect(Object.keys(data).sort()).toEqual([
        'cache_info',
        'cost_usd',
        'latency_ms',
        'model_used',
        'provider',
        'request_id',
        'routing_decision',
        'savings_usd',
        'text',
        'usage',
      ]);
      expect(data.text.length).toBeGreaterThan(0);
      for (const name of costHeaders) expect(response.headers.get(name)).toEqual(expect.any(String));
      expect(response.headers.get('x-costlane-mock')).toBe('true');
      expect(Number(response.headers.get('x-cost-usd'))).toBe(data.cost_usd);
    },
  );

  it('gives the same answer again from memory, for nothing, whichever form it is asked for in', async () => {
    const prompt = fresh('Twice?');
    const first = (await envelopeOf<Reply>(await post(INFERENCE, { prompt }))).data;
    const second = await post(INFERENCE, { prompt });
    const { data } = await envelopeOf<Reply>(second);
    expect(data).toMatchObject({ text: first.text, cost_usd: 0, cache_info: { hit: true } });
    expect(data.savings_usd.cache).toBe(first.cost_usd);
    expect(second.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
    expect(await upstreamCalls(second.headers.get('x-request-id'))).toBe(0);
    const events = await eventsOf(await post(INFERENCE, { prompt, stream: true }));
    expect(events.map(({ type }) => type)).toEqual(['delta', 'done']);
    expect(events[0]?.text).toBe(first.text);
  });

  it('gives a kept stream as a document', async () => {
    const prompt = fresh('Streamed first?');
    const events = await eventsOf(await post(INFERENCE, { prompt, stream: true }));
    const { data } = await envelopeOf<Reply>(await post(INFERENCE, { prompt }));
    expect(data).toMatchObject({ text: events.at(-1)?.text, cache_info: { hit: true } });
  });

  it('shares answers with the OpenAI door, both ways', async () => {
    const content = fresh('Which door?');
    const { data } = await envelopeOf<Reply>(
      await post(INFERENCE, { prompt: content, preferred_model: 'gpt-4o-mini' }),
    );
    const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content }] };
    const chat = await post(`${url}/v1/chat/completions`, body);
    expect(chat.headers.get('x-cache')).toMatch(/^(memory|exact)$/);
    const completion = (await chat.json()) as { choices: { message: { content: string } }[] };
    expect(completion.choices[0]?.message.content).toBe(data.text);
  });

  it('streams as the provider speaks', async () => {
    const response = await post(INFERENCE, {
      prompt: fresh('Slowly? [[mock: chunks=5; chunkIntervalMs=60]]'),
      stream: true,
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const times: number[] = [];
    const events: Event[] = [];
    for await (const { data } of readSse(response)) {
      times.push(performance.now());
      events.push(JSON.parse(data) as Event);
    }
    const deltas = events.slice(0, -1);
    const done = events.at(-1);
    expect(deltas.length).toBeGreaterThan(2);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(100);
    expect(done).toMatchObject({ type: 'done', cost_usd: expect.any(Number), cache_info: { hit: false } });
    expect(deltas.map(({ text }) => text).join('')).toBe(done?.text);
  });

  it('tells a stream that breaks off as an error event', async () => {
    const events = await eventsOf(
      await post(INFERENCE, { prompt: fresh('Cut? [[mock: cutAfter=3; chunkIntervalMs=20]]'), stream: true }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'error', code: expect.any(String), message: expect.any(String) });
    expect(events.filter(({ type }) => type === 'done')).toEqual([]);
  });

  it.each([
    [{ prompt: 'a', max_tokens: 'many' }, 400, 'invalid_request', 'max_tokens'],
    [{ prompt: 'a', use_cach: true }, 400, 'invalid_request', 'use_cache'],
    [{}, 400, 'invalid_request', 'prompt'],
    ['{"prompt": ', 400, 'invalid_json', 'JSON'],
    [{ prompt: 'a', preferred_model: 'gpt-4o-mnii' }, 404, 'model_not_found', 'gpt-4o-mini'],
    [{ prompt: `${randomUUID()} [[mock: status=429; retryAfter=2]]` }, 429, 'upstream_rate_limited', ''],
    [{ prompt: `${randomUUID()} [[mock: status=400]]` }, 400, 'context_length_exceeded', ''],
  ])('refuses %j with %i %s', async (body, status, code, words) => {
    const response = await post(INFERENCE, body);
    expect([response.status, response.headers.get('x-error-code')]).toEqual([status, code]);
    expect(response.headers.get('x-request-id')).toMatch(/^req/);
    const { success, data, error } = await envelopeOf<null>(response);
    expect([success, data]).toEqual([false, null]);
    expect(error).toContain(words);
  });

  it('ends at the deadline that the request sets', async () => {
    const startedAt = performance.now();
    const response = await post(INFERENCE, { prompt: fresh('Never? [[mock: hang=1]]'), deadline_ms: 300 });
    // Worker and gateway both watch the clock: whose word comes first is no matter.
    expect([response.status, response.headers.get('x-error-code')]).toEqual([
      504,
      expect.stringMatching(/^(deadline_exceeded|upstream_timeout)$/),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('refuses oversize bodies, other content types and unknown routes in the envelope', async () => {
    const large = await post(INFERENCE, { prompt: 'a'.repeat(21 * 1024 * 1024) });
    expect([large.status, large.headers.get('x-error-code')]).toEqual([413, 'body_too_large']);
    const typed = await fetch(INFERENCE, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'Why?' });
    expect([typed.status, typed.headers.get('x-error-code')]).toEqual([415, 'unsupported_media_type']);
    const wrongMethod = await fetch(INFERENCE);
    expect([wrongMethod.status, (await envelopeOf(wrongMethod)).error]).toEqual([404, expect.stringContaining('POST')]);
  });

  it('gives the first answer to a repeated idempotency key, and refuses the key for another question', async () => {
    const body = { prompt: fresh('Once?'), idempotency_key: randomUUID(), use_cache: false };
    const [first, second] = await Promise.all([post(INFERENCE, body), post(INFERENCE, body)]);
    const third = await post(INFERENCE, body);
    const texts = await Promise.all(
      [first, second, third].map(async (reply) => (await envelopeOf<Reply>(reply)).data.text),
    );
    expect(new Set(texts).size).toBe(1);
    const ids = [first, second, third].map((reply) => reply.headers.get('x-request-id'));
    const calls = await Promise.all(ids.map(upstreamCalls));
    expect(calls.reduce((sum, one) => sum + one, 0)).toBe(1);
    const other = await post(INFERENCE, { ...body, prompt: fresh('Another?') });
    expect([other.status, other.headers.get('x-error-code')]).toEqual([422, 'idempotency_key_reused']);
  });

  it.each([true, false])(
    'gives up the provider’s call within 250 ms of the client leaving (stream: %s)',
    async (stream) => {
      const mark = `[[mock: chunks=200; chunkIntervalMs=50${stream ? '' : '; latencyMs=4000'}]]`;
      const leaving = new AbortController();
      const before = new Set(Object.keys((await mockStats(doors as Doors)).callsByRequestId));
      const asked = post(INFERENCE, { prompt: fresh(`Leaving ${mark}`), stream }, {}, leaving.signal);
      asked.catch(() => undefined);
      const requestId = await waitFor(async () => {
        const { callsByRequestId, inFlight } = await mockStats(doors as Doors);
        return inFlight > 0 && Object.keys(callsByRequestId).find((id) => !before.has(id));
      });
      if (stream) await asked;
      const leftAtMs = Date.now();
      leaving.abort();
      expect(await abortDelayMs(doors as Doors, String(requestId), leftAtMs)).toBeLessThan(250);
    },
  );

  it('joins two who ask the same at the same time into one call', async () => {
    const body = { prompt: fresh('Together? [[mock: latencyMs=300]]') };
    const replies = await Promise.all([post(INFERENCE, body), post(INFERENCE, body)]);
    const tiers = replies.map((reply) => reply.headers.get('x-cache')).sort();
    expect(tiers).toEqual(['coalesced', 'miss']);
    const [one, two] = await Promise.all(replies.map(async (reply) => (await envelopeOf<Reply>(reply)).data));
    expect(one?.text).toBe(two?.text);
  });
});

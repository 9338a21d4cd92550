// What a healthy Costlane answers, door by door. Each check throws one sentence, or returns a short remark, nothing, or
// `{ skipped: reason }`.
import { randomUUID } from 'node:crypto';
import { eventsOf, excerpt, expect, expectEnvelope, expectStatus, expectText } from './smoke-client.mjs';
import { bookkeepingChecks, recordTotal, requestTotal, statusChecks } from './smoke-observation.mjs';
import { openConversation } from './smoke-socket.mjs';

const costHeaders = [
  'x-request-id',
  'x-cost-usd',
  'x-cost-baseline-usd',
  'x-cost-saved-usd',
  'x-cache',
  'x-model-used',
  'x-route-decision',
];

function expectCostHeaders(answer) {
  const missing = costHeaders.filter((name) => answer.headers.get(name) === null);
  expect(missing.length === 0, `headers are missing: ${missing.join(', ')}`);
  for (const name of costHeaders.filter((header) => header.endsWith('-usd'))) {
    expect(Number.isFinite(Number(answer.headers.get(name))), `${name} is not a number: ${answer.headers.get(name)}`);
  }
}

function chatBody(context, more = {}) {
  const content = `Say hello to smoke test ${context.mark}.`;
  return { model: context.model, max_tokens: 400, messages: [{ role: 'user', content }], ...more };
}

/** A state to share between checks: a mark that makes this run's prompts new to every cache, and what was learned on the way. */
export function newContext(client, costAttributionUrl) {
  return { client, costAttributionUrl, mark: randomUUID(), model: undefined, first: null };
}

const doorChecks = [
  [
    '/v1/models lists models as OpenAI does',
    async (context) => {
      const answer = await context.client.get('/v1/models');
      expectStatus(answer, 200);
      expect(answer.json?.object === 'list' && Array.isArray(answer.json.data), `not a list: ${excerpt(answer.text)}`);
      const names = answer.json.data.map(({ id }) => id);
      expect(names.length > 0, 'the list is empty');
      context.model =
        names.find((id) => id === 'gpt-4o-mini') ?? names.find((id) => !/embed|whisper|tts|image/i.test(id));
      return `${names.length} models; this run uses ${context.model}`;
    },
  ],
  [
    'POST /v1/inference answers with text, usage and cost',
    async (context) => {
      context.requestsBefore = await requestTotal(context.client);
      context.recordsBefore = await recordTotal(context.costAttributionUrl);
      const answer = await context.client.post('/v1/inference', {
        prompt: `Smoke test ${context.mark}`,
        max_tokens: 400,
      });
      expectStatus(answer, 200);
      const data = expectEnvelope(answer, true);
      for (const name of ['request_id', 'text', 'model_used', 'provider']) expectText(data[name], name);
      expect(data.cache_info?.hit === false, 'a prompt never seen before was said to come from a cache');
      expect(Number.isFinite(Number(data.cost_usd)), `cost_usd is not a number: ${data.cost_usd}`);
      expect(data.usage && typeof data.usage === 'object', 'usage is missing');
      context.first = { answer, data };
      return data.provider === 'mock' ? 'answered by the mock provider' : `answered by ${data.provider}`;
    },
  ],
  [
    'the reply carries the cost headers',
    async ({ first }) => {
      expect(first, 'there was no reply to look at');
      expectCostHeaders(first.answer);
      return `cost ${first.answer.headers.get('x-cost-usd')} USD, ${first.answer.headers.get('x-route-decision')}`;
    },
  ],
  [
    'the same request again is a cache hit',
    async ({ client, mark, first }) => {
      expect(first, 'there was no first reply to compare with');
      const answer = await client.post('/v1/inference', { prompt: `Smoke test ${mark}`, max_tokens: 400 });
      expectStatus(answer, 200);
      const data = expectEnvelope(answer, true);
      const tier = answer.headers.get('x-cache');
      expect(data.cache_info?.hit === true && ['memory', 'exact', 'semantic'].includes(tier), `X-Cache is ${tier}`);
      expect(data.text === first.data.text, 'the cached text is another one');
      expect(Number(data.cost_usd) === 0, `a hit cost ${data.cost_usd} USD`);
      return `from the ${tier} tier`;
    },
  ],
  [
    'use_cache: false asks again',
    async ({ client, mark }) => {
      const answer = await client.post('/v1/inference', {
        prompt: `Smoke test ${mark}`,
        max_tokens: 400,
        use_cache: false,
      });
      expectStatus(answer, 200);
      expect(expectEnvelope(answer, true).cache_info?.hit === false, 'it came from a cache all the same');
    },
  ],
  [
    'a chat completion has the shape of OpenAI',
    async (context) => {
      const answer = await context.client.post('/v1/chat/completions', chatBody(context));
      expectStatus(answer, 200);
      expect(answer.json?.object === 'chat.completion', `object is ${answer.json?.object}`);
      expectText(answer.json.choices?.[0]?.message?.content, 'choices[0].message.content');
      const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: all } = answer.json.usage ?? {};
      expect(all > 0 && prompt + completion === all, `usage does not add up: ${JSON.stringify(answer.json.usage)}`);
      expectCostHeaders(answer);
      return `${all} tokens`;
    },
  ],
  [
    'a streamed chat completion ends with its usage',
    async (context) => {
      const body = chatBody(context, { stream: true, stream_options: { include_usage: true }, temperature: 0.3 });
      const answer = await context.client.post('/v1/chat/completions', body);
      expectStatus(answer, 200);
      const type = answer.headers.get('content-type') ?? '';
      expect(type.startsWith('text/event-stream'), `content-type is ${type}`);
      const events = eventsOf(answer.text);
      expect(events.at(-1) === '[DONE]', `the stream ends with ${excerpt(events.at(-1))}`);
      const chunks = events.slice(0, -1).map((event) => JSON.parse(event));
      const text = chunks.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('');
      expectText(text, 'the streamed text');
      expect(
        chunks.some(({ usage }) => usage?.total_tokens > 0),
        'no event carries the usage',
      );
      return `${chunks.length} events`;
    },
  ],
  [
    'WebSocket /v1/stream streams and says when it is done',
    async ({ client, mark }) => {
      const frames = await openConversation(client, { prompt: `Smoke test over a socket ${mark}`, max_tokens: 400 });
      const last = frames.at(-1);
      expect(last?.type === 'done', `the last frame is ${excerpt(JSON.stringify(last))}`);
      expect(
        frames.some(({ type }) => type === 'delta'),
        'no delta frame came',
      );
      return `${frames.length} frames`;
    },
  ],
  [
    'a batch that is waited for answers with its results',
    async ({ client, mark }) => {
      const prompt = `Smoke test in a batch ${mark}`;
      const requests = ['first', 'again'].map((custom_id) => ({ custom_id, prompt, max_tokens: 400 }));
      const answer = await client.post('/v1/batch?wait=true', { requests });
      if (answer.status === 503) return { skipped: excerpt(answer.json?.error) };
      expectStatus(answer, 200);
      const { status, results } = expectEnvelope(answer, true);
      expect(status === 'completed' && results?.length === 2, `it is ${status}: ${excerpt(answer.text)}`);
      const [first, again] = results;
      expectText(first.data?.text, 'the first text');
      expect(again.data?.text === first.data.text && again.cost_usd === 0, 'the same question was asked twice');
      return `${results.length} results`;
    },
  ],
  [
    'a wrong type is refused by naming the field',
    async ({ client }) => {
      const answer = await client.post('/v1/inference', { prompt: 'x', max_tokens: 'many' });
      expectStatus(answer, 400);
      expectEnvelope(answer, false);
      expect(
        answer.json.error.includes('max_tokens'),
        `the error does not name max_tokens: ${excerpt(answer.json.error)}`,
      );
      return answer.headers.get('x-error-code');
    },
  ],
  [
    'an invalid chat completion is refused in the shape of OpenAI',
    async ({ client, model }) => {
      const answer = await client.post('/v1/chat/completions', { model });
      expectStatus(answer, 400);
      expectText(answer.json?.error?.message, 'error.message');
      expect(
        answer.json.error.message.includes('messages'),
        `the error does not name messages: ${answer.json.error.message}`,
      );
    },
  ],
  [
    'broken JSON is refused',
    async ({ client }) => {
      const answer = await client.post('/v1/inference', '{"prompt": "cut o');
      expectStatus(answer, 400);
      expectEnvelope(answer, false);
    },
  ],
  [
    'an unknown route is refused in the envelope',
    async ({ client, mark }) => {
      const answer = await client.get(`/no/such/route/${mark}`);
      expectStatus(answer, 404);
      expectEnvelope(answer, false);
    },
  ],
];

/** All checks as `[name, check(context)]`, in the order in which they build on one another. */
export const checks = [...statusChecks, ...doorChecks, ...bookkeepingChecks];

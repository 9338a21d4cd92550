import { costOfUsage, emptyUsage, type ModelPrice } from '@costlane/domain';
import type { Dialect } from '@costlane/contracts';
import { breaksOffAfter, createWire, execute, sendsEvents, sendsJson } from '../translation/testing/wire';

const { adapterFor, close } = createWire('openai-compatible');
afterEach(close);

const item = {
  id: 'msg_67ccd2bf',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'The Rhine.', annotations: [], logprobs: [] }],
};
const reasoning = { id: 'rs_67ccd2bf', type: 'reasoning', summary: [] };
const call = { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', name: 'f', arguments: '{}' };

const usageOf = (input: number, output: number, details: object = {}, reasoningTokens = 0) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: 0, ...details },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoningTokens },
  total_tokens: input + output,
});

/** A response as OpenAI's reference shows it ("The response object", read November 2026). */
const responseOf = (more: object = {}) => ({
  id: 'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
  object: 'response',
  created_at: 1_741_476_542,
  status: 'completed',
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  model: 'gpt-5-mini-2025-08-07',
  output: [item],
  parallel_tool_calls: true,
  service_tier: 'default',
  store: false,
  usage: usageOf(36, 87),
  ...more,
});

/** $0.25, $0.025 and $2 a million, flex at half of it: nano-dollars a token are 250, 25 and 2,000. */
const price: ModelPrice = {
  provider: 'openai',
  model: 'gpt-5-mini',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'spec',
  perMillion: { freshInput: '0.25', cacheRead: '0.025', output: '2' },
  serviceTiers: { flex: { multiplier: '0.5' } },
};

const events = (...list: object[]): string[] =>
  list.map((data, i) => {
    const { type } = data as { type: string };
    return `event: ${type}\ndata: ${JSON.stringify({ sequence_number: i, ...data })}\n\n`;
  });
const begun = {
  type: 'response.created',
  response: { ...responseOf(), status: 'in_progress', output: [], usage: null },
};
const delta = (text: string) => ({ type: 'response.output_text.delta', item_id: item.id, delta: text, logprobs: [] });

const ask = async (dialect: Dialect, answer: Parameters<typeof adapterFor>[0], stream = false) =>
  execute(await adapterFor(answer), { model: 'gpt-5-mini', input: 'Name a river.', stream }, { dialect });
const askResponses = (answer: Parameters<typeof adapterFor>[0], stream = false) =>
  ask('openai.responses', answer, stream);

describe('answers of the Responses API, to their axes and to the nano-dollar', () => {
  const usage = { ...emptyUsage, freshInputTokens: 36, outputTokens: 87 };
  it.each([
    ['plain', responseOf(), { usage, finishReason: 'stop', serviceTier: 'default' }, 36 * 250 + 87 * 2_000],
    [
      'with a cached prompt',
      responseOf({ usage: usageOf(2_006, 300, { cached_tokens: 1_920 }) }),
      { usage: { ...emptyUsage, freshInputTokens: 86, cacheReadTokens: 1_920, outputTokens: 300 } },
      86 * 250 + 1_920 * 25 + 300 * 2_000,
    ],
    [
      'that wrote to the cache',
      responseOf({ usage: usageOf(2_006, 10, { cached_tokens: 1_000, cache_write_tokens: 900 }) }),
      {
        usage: {
          ...emptyUsage,
          freshInputTokens: 106,
          cacheReadTokens: 1_000,
          cacheWriteShortTokens: 900,
          outputTokens: 10,
        },
      },
      106 * 250 + 1_000 * 25 + 900 * 250 + 10 * 2_000,
    ],
    [
      'with reasoning',
      responseOf({ output: [reasoning, item], usage: usageOf(81, 1_035, {}, 832) }),
      { usage: { ...emptyUsage, freshInputTokens: 81, outputTokens: 203, reasoningTokens: 832 }, finishReason: 'stop' },
      81 * 250 + 1_035 * 2_000,
    ],
    [
      'of the flex tier',
      responseOf({ service_tier: 'flex' }),
      { usage, serviceTier: 'flex' },
      (36 * 250 + 87 * 2_000) / 2,
    ],
    ['that calls a function', responseOf({ output: [call] }), { usage, finishReason: 'tool_calls' }, 183_000],
  ])('%s', async (_name, response, expected, costNanoUsd) => {
    const outcome = await askResponses(sendsJson(JSON.stringify(response, undefined, 2)));
    expect(outcome).toMatchObject({
      ok: true,
      modelUsed: 'gpt-5-mini-2025-08-07',
      usageSource: 'provider',
      isCacheable: true,
      ...expected,
    });
    const { serviceTier, usage: found = emptyUsage } = outcome;
    expect(costOfUsage(found, price, serviceTier === undefined ? {} : { serviceTier }).totalNanoUsd).toBe(costNanoUsd);
  });

  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content_filter'],
  ])('one that ended for %s is paid and not kept', async (reason, finishReason) => {
    const cut = responseOf({ status: 'incomplete', incomplete_details: { reason } });
    const outcome = await askResponses(sendsJson(JSON.stringify(cut)));
    expect(outcome).toMatchObject({ ok: true, finishReason, usage, usageSource: 'provider', isCacheable: false });
  });

  it.each(['web_search_call', 'mcp_call', 'code_interpreter_call'])(
    'one for which a tool of the provider ran (%s) is not kept: it would find or do something else the next time',
    async (type) => {
      const response = responseOf({ output: [{ id: 'x_1', type, status: 'completed' }, item] });
      const outcome = await askResponses(sendsJson(JSON.stringify(response)));
      expect(outcome).toMatchObject({ ok: true, usage, finishReason: 'stop', isCacheable: false });
    },
  );

  it('a stream is read to its last event, which has the usage and the tier that served', async () => {
    const asked = { ...begun, response: { ...begun.response, service_tier: 'auto' } };
    const end = { type: 'response.completed', response: responseOf({ service_tier: 'flex' }) };
    const outcome = await askResponses(sendsEvents(...events(asked, delta('The '), delta('Rhine.'), end)), true);
    expect(outcome).toMatchObject({
      ok: true,
      usage,
      usageSource: 'provider',
      serviceTier: 'flex',
      finishReason: 'stop',
      deliveredChars: 10,
      isCacheable: true,
    });
  });

  it('a stream that ended incomplete is paid and not kept', async () => {
    const response = responseOf({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    const end = { type: 'response.incomplete', response };
    const outcome = await askResponses(sendsEvents(...events(begun, delta('The'), end)), true);
    expect(outcome).toMatchObject({ ok: true, usage, finishReason: 'length', isCacheable: false });
  });

  it('a stream that broke off is estimated', async () => {
    const outcome = await askResponses(breaksOffAfter(...events(begun, delta('The '), delta('Rhine.'))), true);
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'stream_interrupted' },
      usageSource: 'estimated',
      deliveredChars: 10,
    });
    expect(outcome.usage?.outputTokens).toBe(3);
  });
});

describe('answers of the Responses API that are failures', () => {
  const failed = responseOf({
    status: 'failed',
    output: [],
    usage: null,
    error: { code: 'rate_limit_exceeded', message: 'Too many.' },
  });

  it('a response that says it failed is an error', async () => {
    const outcome = await askResponses(sendsJson(JSON.stringify(failed)));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'upstream_rate_limited' }, usageSource: 'none' });
  });

  it.each([
    ['response.failed', { type: 'response.failed', response: failed }],
    ['an error event', { type: 'error', code: 'rate_limit_exceeded', message: 'Too many.', param: null }],
    ['an error in an object', { type: 'error', error: { code: 'rate_limit_exceeded', message: 'Too many.' } }],
  ])('a stream that ends with %s is an error, and asked once more while nothing was shown', async (_name, last) => {
    const outcome = await askResponses(sendsEvents(...events(begun, last)), true);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'upstream_rate_limited' }, upstreamCalls: 2 });
    expect(outcome).toMatchObject({ hasDelivered: false });
  });

  it.each([
    ['HTML', '<html></html>'],
    ['a chat completion', '{"choices":[]}'],
    ['half a response', JSON.stringify(responseOf()).slice(0, 200)],
  ])('%s is none', async (_name, body) => {
    expect(await askResponses(sendsJson(body))).toMatchObject({ ok: false, error: { code: 'upstream_malformed' } });
  });

  it('a stream that is no stream, or whose events are broken, is malformed', async () => {
    for (const answer of [sendsJson(JSON.stringify(responseOf())), sendsEvents('data: {"type":\n\n')]) {
      expect(await askResponses(answer, true)).toMatchObject({ ok: false, error: { code: 'upstream_malformed' } });
    }
  });
});

describe('answers of the embeddings API', () => {
  const vector = (embedding: unknown, index = 0) => ({ object: 'embedding', index, embedding });
  const listOf = (data: unknown[], more: object = {}) => ({
    object: 'list',
    data,
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 8, total_tokens: 8 },
    ...more,
  });
  const usage = { ...emptyUsage, freshInputTokens: 8 };

  it.each([
    ['numbers', listOf([vector([0.1, -0.2])]), { usage, isCacheable: true }],
    ['base64', listOf([vector('zczMPc3MTL4=')]), { usage, isCacheable: true }],
    ['several inputs', listOf([vector([0.1]), vector([0.2], 1)]), { usage, isCacheable: true }],
    [
      'a server that counts no total',
      listOf([vector([0.1])], { usage: { prompt_tokens: 8 } }),
      { usage, isCacheable: true },
    ],
    [
      'a server that says how much it embedded, and of nothing written',
      listOf([vector([0.1])], { usage: { prompt_tokens: 8, total_tokens: 8, completion_tokens: 0 } }),
      { usage, isCacheable: true },
    ],
    ['a vector that is missing', listOf([vector([0.1]), vector([], 1)]), { usage, isCacheable: false }],
    ['no vector at all', listOf([]), { usage, isCacheable: false }],
  ])('%s', async (_name, body, expected) => {
    const outcome = await ask('openai.embeddings', sendsJson(JSON.stringify(body)));
    expect(outcome).toMatchObject({
      ok: true,
      modelUsed: 'text-embedding-3-small',
      usageSource: 'provider',
      ...expected,
    });
    expect(String(outcome.body)).toBe(JSON.stringify(body));
  });

  it('without usage the prompt is estimated, and nothing was written', async () => {
    const outcome = await ask('openai.embeddings', sendsJson('{"data":[{"embedding":[1]}]}'));
    expect(outcome).toMatchObject({ ok: true, usageSource: 'estimated', usage: { outputTokens: 0 } });
    expect(outcome.usage?.freshInputTokens).toBeGreaterThan(0);
  });

  it.each([
    ['{"error":{"message":"no such model","code":"model_not_found"}}', false],
    ['{"data":"none"}', true],
    ['[', true],
  ])('%s is none', async (body, isMalformed) => {
    const outcome = await ask('openai.embeddings', sendsJson(body));
    expect(outcome.ok).toBe(false);
    if (!outcome.ok) expect(outcome.error.code === 'upstream_malformed').toBe(isMalformed);
  });
});

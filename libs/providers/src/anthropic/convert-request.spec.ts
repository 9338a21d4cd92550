import { CostlaneError } from '@costlane/domain';
import fc from 'fast-check';
import { convertRequest } from './convert-request';
import { anyChatRequest } from '../translation/testing/chat-requests';

const user = { role: 'user', content: 'Hello.' };
const said = { role: 'user', content: [{ type: 'text', text: 'Hello.' }] };
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];

const convert = (request: object) =>
  convertRequest(Buffer.from(JSON.stringify({ model: 'claude-sonnet-4-5', messages: [user], ...request })), 'm').body;

function refusalOf(request: object): CostlaneError {
  try {
    convert(request);
  } catch (error) {
    if (error instanceof CostlaneError) return error;
    throw error;
  }
  throw new Error('the request was not refused');
}

describe('convertRequest: settings', () => {
  it('has a limit where the request has none: the model’s own', () => {
    expect(convert({})).toEqual({ model: 'claude-sonnet-4-5', max_tokens: 64_000, messages: [said] });
    expect(convert({ model: 'claude-opus-4-1-20250805' })['max_tokens']).toBe(32_000);
    expect(convert({ model: 'house-model' })['max_tokens']).toBe(4_096);
    expect(convert({ model: undefined })['model']).toBe('m');
    expect(convert({ max_completion_tokens: 7, max_tokens: null })['max_tokens']).toBe(7);
  });

  it('translates sampling, stops, user, tier and streaming', () => {
    expect(
      convert({
        temperature: 0.2,
        top_p: 1,
        stop: ['a', 'b'],
        user: 'u1',
        service_tier: 'default',
        stream: true,
        n: 1,
      }),
    ).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 64_000,
      messages: [said],
      temperature: 0.2,
      stop_sequences: ['a', 'b'],
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
      stream: true,
    });
  });

  it('leaves out what asks for nothing: defaults, zeros, nulls, and hints for OpenAI’s own cache', () => {
    const nothing = {
      temperature: 1,
      top_p: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
      logprobs: false,
      top_logprobs: null,
      store: false,
      metadata: {},
      modalities: ['text'],
      verbosity: 'medium',
      prompt_cache_key: 'k',
      response_format: { type: 'text' },
      stream_options: null,
      tool_choice: 'auto',
      stop: [],
    };
    expect(convert({ model: 'claude-opus-5', ...nothing })).toEqual({
      model: 'claude-opus-5',
      max_tokens: 128_000,
      messages: [said],
    });
  });

  it('translates tools and the choice among them', () => {
    const strict = {
      type: 'function',
      function: { name: 'b', description: 'd', strict: true, parameters: { properties: {} } },
    };
    expect(convert({ tools: [...tools, strict], parallel_tool_calls: false })).toMatchObject({
      tools: [
        { name: 'look', input_schema: { type: 'object', properties: {} } },
        { name: 'b', description: 'd', input_schema: { type: 'object', properties: {} }, strict: true },
      ],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(convert({ tools })).not.toHaveProperty('tool_choice');
    expect(convert({ tools, tool_choice: 'none' })['tool_choice']).toEqual({ type: 'none' });
    expect(convert({ tools, tool_choice: 'required' })['tool_choice']).toEqual({ type: 'any' });
    const named = { type: 'function', function: { name: 'look' } };
    expect(convert({ tools, tool_choice: named })['tool_choice']).toEqual({ type: 'tool', name: 'look' });
  });

  it('holds the answer to a schema', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const format = { type: 'json_schema', json_schema: { name: 'n', description: 'd', strict: true, schema } };
    expect(convert({ response_format: format })['output_config']).toEqual({
      format: { type: 'json_schema', schema: { description: 'd', ...schema } },
    });
  });

  it('lets Claude think as hard as asked, each model in its own way', () => {
    const high = { reasoning_effort: 'high', max_completion_tokens: 10_000 };
    expect(convert(high)['thinking']).toEqual({ type: 'enabled', budget_tokens: 8_000 });
    expect(convert({ model: 'claude-opus-5', ...high })).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
    expect(convert({ model: 'claude-opus-5', reasoning_effort: 'none' })['thinking']).toEqual({ type: 'disabled' });
    expect(convert({ model: 'claude-opus-4-6', reasoning_effort: 'none' })).not.toHaveProperty('thinking');
    const named = { type: 'function', function: { name: 'look' } };
    expect(convert({ model: 'claude-opus-5', reasoning_effort: 'low', tools, tool_choice: named })).toMatchObject({
      thinking: { type: 'adaptive' },
      tool_choice: { type: 'tool', name: 'look' },
    });
    const own = { type: 'enabled', budget_tokens: 2_000 };
    expect(convert({ thinking: own })['thinking']).toEqual(own);
  });

  it.each([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['seed', { seed: 1 }],
    ['frequency_penalty', { frequency_penalty: 0.5 }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['functions', { functions: [] }],
    ['metadata', { metadata: { a: 'b' } }],
    ['web_search_options', { web_search_options: {} }],
    ['mcp_servers', { mcp_servers: [] }],
    ['temperature', { temperature: 1.2 }],
    ['temperature', { model: 'claude-sonnet-5', temperature: 0 }],
    ['top_p', { temperature: 0.5, top_p: 0.5 }],
    ['stop', { stop: '\n' }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 6 }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools, tool_choice: { type: 'allowed_tools' } }],
    ['tools[0].type', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    [
      'tools[0].function.strict',
      { model: 'claude-sonnet-4-0', tools: [{ type: 'function', function: { name: 'a', strict: true } }] },
    ],
    ['response_format.type', { response_format: { type: 'json_object' } }],
    [
      'response_format',
      { model: 'claude-3-haiku-20240307', response_format: { type: 'json_schema', json_schema: {} } },
    ],
    ['reasoning_effort', { model: 'claude-3-5-haiku-20241022', reasoning_effort: 'low' }],
    ['reasoning_effort', { model: 'claude-opus-4-6', reasoning_effort: 'xhigh' }],
    ['reasoning_effort', { model: 'claude-fable-5', reasoning_effort: 'none' }],
    ['reasoning_effort', { reasoning_effort: 'much' }],
    ['max_completion_tokens', { reasoning_effort: 'low', max_completion_tokens: 1_024 }],
    ['temperature', { reasoning_effort: 'low', temperature: 0.5 }],
    ['tool_choice', { reasoning_effort: 'low', tools, tool_choice: 'required' }],
    ['service_tier', { service_tier: 'flex' }],
    ['stream_options.include_obfuscation', { stream_options: { include_obfuscation: true } }],
  ])('refuses %s, by name (%j)', (field, request) => {
    expect(refusalOf(request)).toMatchObject({ code: 'invalid_request', field });
  });

  it('refuses to reason on after a tool call whose thinking is missing, where the model wants it', () => {
    const call = { id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } };
    const result = { role: 'tool', tool_call_id: 'a', content: 'x' };
    const turn = (more: object) => ({
      tools,
      reasoning_effort: 'low',
      messages: [user, { role: 'assistant', tool_calls: [call], ...more }, result],
    });
    expect(refusalOf(turn({}))).toMatchObject({ field: 'reasoning_effort' });
    expect(convert(turn({ thinking_blocks: [{ type: 'redacted_thinking', data: 'd' }] }))['thinking']).toBeDefined();
    expect(convert({ ...turn({}), model: 'claude-opus-4-6' })['thinking']).toEqual({ type: 'adaptive' });
  });

  it('refuses a body that is no JSON object', () => {
    expect(() => convertRequest(Buffer.from('[1]'), 'm')).toThrow(/JSON object/);
    expect(() => convertRequest(Buffer.from('{"model"'), 'm')).toThrow(/JSON object/);
  });
});

const models = ['claude-sonnet-4-5', 'claude-opus-5', 'claude-3-haiku-20240307', 'claude-fable-5-1', 'other'];
/** Fields that Anthropic's API has; it refuses every other one. */
const anthropicFields = new Set(
  (
    'model max_tokens messages system tools tool_choice temperature top_p top_k stop_sequences stream thinking ' +
    'output_config metadata service_tier cache_control'
  ).split(' '),
);

describe('convertRequest: any request', () => {
  it('is either translated into fields that Anthropic has, or refused with the name of a field', () => {
    let translated = 0;
    let refused = 0;
    const check = (request: unknown): void => {
      try {
        const { body } = convertRequest(Buffer.from(JSON.stringify(request)), 'claude-sonnet-5');
        expect(Object.keys(body).filter((field) => !anthropicFields.has(field))).toEqual([]);
        expect(body['max_tokens']).toBeGreaterThan(0);
        translated++;
      } catch (error) {
        if (!(error instanceof CostlaneError)) throw error;
        expect(error).toMatchObject({ code: 'invalid_request', field: expect.stringMatching(/./) });
        refused++;
      }
    };
    fc.assert(fc.property(anyChatRequest(models), check), { numRuns: 400 });
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('messages', 'tools', 'stop', 'model'), fc.jsonValue()), check));
    // Both happen, or the property would say nothing.
    expect(translated).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});

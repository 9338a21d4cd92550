import { CostlaneError } from '@costlane/domain';
import fc from 'fast-check';
import { anyChatRequest } from '../translation/testing/chat-requests';
import { convertRequest } from './convert-request';

const user = { role: 'user', content: 'Hello.' };
const parameters = { type: 'object', properties: {} };
const tools = [{ type: 'function', function: { name: 'look', parameters } }];
const plain = { model: 'command-a-03-2025', stream: false, messages: [user] };

const whole = (request: object, isStream = false) =>
  convertRequest(
    Buffer.from(JSON.stringify({ model: 'command-a-03-2025', messages: [user], ...request })),
    'm',
    isStream,
  );
const convert = (request: object) => whole(request).body;

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
  it('asks for nothing that was not asked for', () => {
    expect(whole({})).toEqual({ body: plain, includeUsage: false });
    expect(whole({ model: undefined }).body['model']).toBe('m');
    expect(whole({ model: 'cohere/command-r-08-2024' }).body['model']).toBe('command-r-08-2024');
    expect(whole({ stream_options: { include_usage: true } }, true)).toMatchObject({
      body: { stream: true },
      includeUsage: true,
    });
  });

  it('translates limits, sampling, stops, seed, penalties and log probabilities', () => {
    const request = {
      max_completion_tokens: 7,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop: ['a', 'b'],
      seed: 3,
      frequency_penalty: 0.5,
      logprobs: true,
      safety_mode: 'STRICT',
    };
    expect(convert(request)).toEqual({
      ...plain,
      max_tokens: 7,
      temperature: 0.5,
      p: 0.9,
      k: 40,
      seed: 3,
      frequency_penalty: 0.5,
      stop_sequences: ['a', 'b'],
      logprobs: true,
      safety_mode: 'STRICT',
    });
    expect(convert({ max_tokens: 9, stop: 'END', presence_penalty: 1 })).toEqual({
      ...plain,
      max_tokens: 9,
      stop_sequences: ['END'],
      presence_penalty: 1,
    });
  });

  it('cuts off as little as Cohere can where nothing is to be cut off', () => {
    expect(convert({ top_p: 1 })).toEqual({ ...plain, p: 0.99 });
  });

  it('leaves out what asks for nothing: defaults, zeros, nulls, and words for OpenAI’s own house', () => {
    const nothing = {
      temperature: null,
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
      logprobs: false,
      top_logprobs: 0,
      n: 1,
      store: false,
      metadata: {},
      modalities: ['text'],
      verbosity: 'medium',
      prompt_cache_key: 'k',
      user: 'u',
      safety_identifier: 's',
      response_format: { type: 'text' },
      service_tier: 'auto',
      stream_options: null,
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning_effort: 'none',
      stop: [],
    };
    expect(convert(nothing)).toEqual(plain);
  });

  it('translates tools and the choice among them, without citations, which have no place', () => {
    const asked = { tools, citation_options: { mode: 'OFF' } };
    expect(convert({ tools })).toEqual({ ...plain, ...asked });
    expect(convert({ tools, tool_choice: 'none' })).toEqual({ ...plain, ...asked, tool_choice: 'NONE' });
    expect(convert({ tools, tool_choice: 'required' })).toEqual({ ...plain, ...asked, tool_choice: 'REQUIRED' });
    const strict = [{ type: 'function', function: { name: 'b', description: 'd', strict: true } }];
    expect(convert({ tools: strict })).toMatchObject({
      tools: [{ type: 'function', function: { name: 'b', description: 'd', parameters } }],
      strict_tools: true,
    });
  });

  it('offers the one tool only that is to be called', () => {
    const two = [...tools, { type: 'function', function: { name: 'listen', parameters } }];
    expect(convert({ tools: two, tool_choice: { type: 'function', function: { name: 'listen' } } })).toMatchObject({
      tools: [{ function: { name: 'listen' } }],
      tool_choice: 'REQUIRED',
    });
  });

  it('holds the answer to JSON, or to a schema', () => {
    expect(convert({ response_format: { type: 'json_object' } })).toEqual({
      ...plain,
      response_format: { type: 'json_object' },
    });
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const format = { type: 'json_schema', json_schema: { name: 'n', description: 'd', strict: true, schema } };
    expect(convert({ response_format: format })).toEqual({
      ...plain,
      response_format: { type: 'json_object', json_schema: { description: 'd', ...schema } },
    });
  });

  it('lets a reasoning model think as hard as asked, or not at all', () => {
    const thinking = (request: object) => convert({ model: 'command-a-reasoning-08-2025', ...request })['thinking'];
    expect(thinking({})).toBeUndefined();
    expect(thinking({ reasoning_effort: 'none' })).toEqual({ type: 'disabled' });
    expect(thinking({ reasoning_effort: 'low' })).toEqual({ type: 'enabled', token_budget: 1_024 });
    expect(thinking({ reasoning_effort: 'medium' })).toEqual({ type: 'enabled', token_budget: 8_192 });
    expect(thinking({ reasoning_effort: 'high' })).toEqual({ type: 'enabled' });
    expect(thinking({ thinking: { type: 'enabled', token_budget: 50 } })).toEqual({
      type: 'enabled',
      token_budget: 50,
    });
  });

  const withImage = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }] }];
  it.each([
    ['n', { n: 2 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 3 }],
    ['logprobs', { logprobs: 1 }],
    ['logit_bias', { logit_bias: { '5': 1 } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['audio', { audio: { voice: 'x' } }],
    ['prediction', { prediction: {} }],
    ['functions', { functions: [] }],
    ['metadata', { metadata: { a: 'b' } }],
    ['documents', { documents: ['x'] }],
    ['web_search_options', { web_search_options: {} }],
    ['something_new', { something_new: 1 }],
    ['model', { model: 'cohere/' }],
    ['temperature', { temperature: 1.1 }],
    ['top_p', { top_p: 0 }],
    ['top_k', { top_k: 501 }],
    ['frequency_penalty', { frequency_penalty: -0.5 }],
    ['presence_penalty', { presence_penalty: 2 }],
    ['seed', { seed: -1 }],
    ['stop', { stop: '' }],
    ['stop', { stop: ['1', '2', '3', '4', '5', '6'] }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 6 }],
    ['max_completion_tokens', { max_completion_tokens: 0 }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools, tool_choice: { type: 'allowed_tools' } }],
    ['tool_choice.function.name', { tools, tool_choice: { type: 'function', function: { name: 'other' } } }],
    ['parallel_tool_calls', { tools, parallel_tool_calls: false }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: {} }] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['response_format.type', { response_format: { type: 'grammar' } }],
    ['response_format', { tools, response_format: { type: 'json_object' } }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'n' } } }],
    ['reasoning_effort', { reasoning_effort: 'low' }],
    ['reasoning_effort', { model: 'command-a-reasoning-08-2025', reasoning_effort: 'xhigh' }],
    ['reasoning_effort', { reasoning_effort: 'none', thinking: { type: 'disabled' } }],
    ['thinking.type', { thinking: { type: 'adaptive' } }],
    ['thinking.token_budget', { thinking: { type: 'enabled', token_budget: 0 } }],
    ['safety_mode', { safety_mode: 'none' }],
    ['service_tier', { service_tier: 'flex' }],
    ['stream_options.include_obfuscation', { stream_options: { include_obfuscation: true } }],
    ['messages[0].content', { messages: withImage }],
  ])('refuses %s, by name (%j)', (field, request) => {
    expect(refusalOf(request)).toMatchObject({ code: 'invalid_request', field });
  });

  it('refuses a body that is no JSON object', () => {
    expect(() => convertRequest(Buffer.from('[1]'), 'm', false)).toThrow(/JSON object/);
    expect(() => convertRequest(Buffer.from('{"model"'), 'm', false)).toThrow(/JSON object/);
  });
});

/** Fields that Cohere's API has. */
const cohereFields = new Set(
  (
    'model stream messages tools strict_tools tool_choice citation_options response_format safety_mode max_tokens stop_sequences ' +
    'temperature seed frequency_penalty presence_penalty k p logprobs thinking'
  ).split(' '),
);
const models = ['command-a-03-2025', 'command-a-reasoning-08-2025', 'command-a-vision-07-2025'];

describe('convertRequest: any request', () => {
  it('is either translated into fields that Cohere has, or refused with the name of a field', () => {
    let translated = 0;
    let refused = 0;
    const check = (request: unknown): void => {
      try {
        const { body } = convertRequest(Buffer.from(JSON.stringify(request)), 'command-a-03-2025', false);
        expect(Object.keys(body).filter((field) => !cohereFields.has(field))).toEqual([]);
        expect(body['messages']).not.toEqual([]);
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

import { CostlaneError } from '@costlane/domain';
import fc from 'fast-check';
import { anyChatRequest } from '../translation/testing/chat-requests';
import { convertRequest } from './convert-request';

const user = { role: 'user', content: 'Hello.' };
const contents = [{ role: 'user', parts: [{ text: 'Hello.' }] }];
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];

const whole = (request: object) =>
  convertRequest(Buffer.from(JSON.stringify({ model: 'gemini-2.5-flash', messages: [user], ...request })), 'm');
const convert = (request: object) => whole(request).body;
const settings = (request: object) => convert(request)['generationConfig'];

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
    expect(whole({})).toEqual({ model: 'gemini-2.5-flash', body: { contents }, includeUsage: false });
    expect(whole({ model: undefined }).model).toBe('m');
    expect(whole({ model: 'models/gemini-2.5-pro' }).model).toBe('gemini-2.5-pro');
    expect(whole({ stream_options: { include_usage: true } }).includeUsage).toBe(true);
  });

  it('translates limits, sampling, stops, seed, penalties and tier', () => {
    const request = {
      max_completion_tokens: 7,
      temperature: 1.5,
      top_p: 0.9,
      top_k: 40,
      stop: ['a', 'b'],
      seed: 3,
      frequency_penalty: 0.5,
      presence_penalty: -0.5,
      service_tier: 'flex',
    };
    expect(convert(request)).toEqual({
      contents,
      generationConfig: {
        maxOutputTokens: 7,
        temperature: 1.5,
        topP: 0.9,
        topK: 40,
        stopSequences: ['a', 'b'],
        seed: 3,
        frequencyPenalty: 0.5,
        presencePenalty: -0.5,
      },
      serviceTier: 'flex',
    });
    expect(settings({ max_tokens: 9, stop: 'END' })).toEqual({ maxOutputTokens: 9, stopSequences: ['END'] });
    const safety = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' }];
    expect(convert({ safety_settings: safety })['safetySettings']).toEqual(safety);
  });

  it('leaves out what asks for nothing: defaults, zeros, nulls, and words for OpenAI’s own house', () => {
    const nothing = {
      temperature: null,
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
      logprobs: false,
      top_logprobs: null,
      n: 1,
      store: false,
      metadata: {},
      modalities: ['text'],
      verbosity: 'medium',
      prompt_cache_key: 'k',
      user: 'u',
      safety_identifier: 's',
      response_format: { type: 'text' },
      service_tier: 'default',
      stream_options: null,
      tool_choice: 'auto',
      parallel_tool_calls: false,
      stop: [],
    };
    expect(convert(nothing)).toEqual({ contents });
    expect(convert({ model: 'gemini-3.8-flash', temperature: 1, top_p: 1 })).toEqual({ contents });
  });

  it('translates tools and the choice among them', () => {
    const declared = { name: 'look', parametersJsonSchema: { type: 'object', properties: {} } };
    expect(convert({ tools })).toEqual({ contents, tools: [{ functionDeclarations: [declared] }] });
    const choice = (request: object) => convert({ tools, ...request })['toolConfig'];
    const config = (functionCallingConfig: object) => ({ functionCallingConfig });
    expect(choice({ tool_choice: 'none' })).toEqual(config({ mode: 'NONE' }));
    expect(choice({ tool_choice: 'required' })).toEqual(config({ mode: 'ANY' }));
    const named = { type: 'function', function: { name: 'look' } };
    expect(choice({ tool_choice: named })).toEqual(config({ mode: 'ANY', allowedFunctionNames: ['look'] }));
    const strict = [{ type: 'function', function: { name: 'b', description: 'd', strict: true } }];
    expect(convert({ tools: strict })).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'b', description: 'd' }] }],
      toolConfig: config({ mode: 'VALIDATED' }),
    });
  });

  it('holds the answer to JSON, or to a schema', () => {
    expect(settings({ response_format: { type: 'json_object' } })).toEqual({ responseMimeType: 'application/json' });
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const format = { type: 'json_schema', json_schema: { name: 'n', description: 'd', strict: true, schema } };
    expect(settings({ response_format: format })).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: { description: 'd', ...schema },
    });
  });

  it('lets Gemini think as hard as asked, each model in its own way', () => {
    const thinking = (request: object) =>
      (settings(request) as { thinkingConfig?: object } | undefined)?.thinkingConfig;
    expect(thinking({ reasoning_effort: 'high' })).toEqual({ thinkingBudget: 24_576, includeThoughts: true });
    expect(thinking({ reasoning_effort: 'none' })).toEqual({ thinkingBudget: 0 });
    expect(thinking({ model: 'gemini-3.8-flash', reasoning_effort: 'low' })).toEqual({
      thinkingLevel: 'low',
      includeThoughts: true,
    });
    expect(thinking({ model: 'gemini-2.0-flash', reasoning_effort: 'none' })).toBeUndefined();
  });

  it.each([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['logit_bias', { logit_bias: { '5': 1 } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['functions', { functions: [] }],
    ['metadata', { metadata: { a: 'b' } }],
    ['web_search_options', { web_search_options: {} }],
    ['something_new', { something_new: 1 }],
    ['model', { model: 'models/' }],
    ['temperature', { temperature: 2.1 }],
    ['temperature', { model: 'gemini-3.8-flash', temperature: 0 }],
    ['top_p', { model: 'gemini-3.8-flash', top_p: 0.5 }],
    ['top_k', { model: 'gemini-3.6-flash', top_k: 5 }],
    ['frequency_penalty', { frequency_penalty: 3 }],
    ['seed', { seed: 'x' }],
    ['stop', { stop: '' }],
    ['stop', { stop: ['1', '2', '3', '4', '5', '6'] }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 6 }],
    ['max_completion_tokens', { max_completion_tokens: 0 }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools, tool_choice: { type: 'allowed_tools' } }],
    ['parallel_tool_calls', { tools, parallel_tool_calls: false }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: {} }] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['response_format.type', { response_format: { type: 'grammar' } }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { name: 'n' } } }],
    ['reasoning_effort', { model: 'gemini-2.0-flash', reasoning_effort: 'low' }],
    ['reasoning_effort', { model: 'gemini-2.5-pro', reasoning_effort: 'none' }],
    ['reasoning_effort', { model: 'gemini-3.8-flash', reasoning_effort: 'minimal' }],
    ['reasoning_effort', { reasoning_effort: 'xhigh' }],
    ['service_tier', { service_tier: 'scale' }],
    ['stream_options.include_obfuscation', { stream_options: { include_obfuscation: true } }],
  ])('refuses %s, by name (%j)', (field, request) => {
    expect(refusalOf(request)).toMatchObject({ code: 'invalid_request', field });
  });

  it('refuses a body that is no JSON object', () => {
    expect(() => convertRequest(Buffer.from('[1]'), 'm')).toThrow(/JSON object/);
    expect(() => convertRequest(Buffer.from('{"model"'), 'm')).toThrow(/JSON object/);
  });
});

/** Fields that Google's API has; it refuses every other one. */
const googleFields = new Set(
  'contents systemInstruction tools toolConfig generationConfig safetySettings serviceTier'.split(' '),
);
const models = ['gemini-2.0-flash', 'gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-3-pro-preview', 'gemini-3.8-flash'];

describe('convertRequest: any request', () => {
  it('is either translated into fields that Google has, or refused with the name of a field', () => {
    let translated = 0;
    let refused = 0;
    const check = (request: unknown): void => {
      try {
        const { body } = convertRequest(Buffer.from(JSON.stringify(request)), 'gemini-2.5-flash');
        expect(Object.keys(body).filter((field) => !googleFields.has(field))).toEqual([]);
        for (const { parts } of body['contents'] as { parts: object[] }[]) expect(parts).not.toEqual([]);
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

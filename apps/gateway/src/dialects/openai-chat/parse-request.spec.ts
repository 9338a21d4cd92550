import { CostlaneError } from '@costlane/domain';
import { parseChatRequest } from './parse-request';

const parse = (value: unknown) =>
  parseChatRequest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const message = { role: 'user', content: 'hi' };

function refusalOf(value: unknown): CostlaneError {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof CostlaneError) return error;
    throw error;
  }
  throw new Error('the request was not refused');
}

describe('parseChatRequest', () => {
  it.each([
    [{ messages: [message] }],
    [{ model: 'm', messages: [message], stream: null, temperature: null, n: null, tools: null }],
    [{ messages: [{ role: 'assistant', content: null, tool_calls: [] }, { role: 'assistant' }] }],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }],
    [{ messages: [message], temperature: 0, top_p: 1, max_tokens: 1, n: 128, something_new: { deep: [1] } }],
  ])('takes %j as it is', (request) => {
    expect(parse(request)).toEqual(request);
  });

  it.each([
    [{}, 'messages', 'messages'],
    [{ messages: [] }, 'messages', '>=1'],
    [{ messages: 'hi' }, 'messages', 'array'],
    [{ messages: [{ content: 'hi' }] }, 'messages[0].role', 'string'],
    [{ messages: [message, { role: 'user', content: 5 }] }, 'messages[1].content', 'messages[1].content'],
    [{ messages: [message], temperature: 3 }, 'temperature', '<=2'],
    [{ messages: [message], temperature: 'hot' }, 'temperature', 'number'],
    [{ messages: [message], max_tokens: 0 }, 'max_tokens', '>0'],
    [{ messages: [message], max_tokens: 1.5 }, 'max_tokens', 'int'],
    [{ messages: [message], n: 129 }, 'n', '<=128'],
    [{ messages: [message], top_p: -0.1 }, 'top_p', '>=0'],
    [{ messages: [message], model: 5 }, 'model', 'string'],
    [{ messages: [message], model: 'x'.repeat(257) }, 'model', '256'],
    [{ messages: [message], stream: 'yes' }, 'stream', 'boolean'],
    [{ messages: [message], stream_options: { include_usage: 1 } }, 'stream_options.include_usage', 'boolean'],
    [{ messages: [message], tools: [{}] }, 'tools[0].type', 'string'],
  ])('refuses %j, naming the field %s', (request, field, hint) => {
    const error = refusalOf(request);
    expect([error.code, error.field]).toEqual(['invalid_request', field]);
    expect(error.message).toContain(`"${field}"`);
    expect(error.message).toContain(hint);
  });

  it.each([['[]'], ['null'], ['"text"'], ['5']])('refuses %s: a request is an object', (text) => {
    const error = refusalOf(text);
    expect([error.code, error.field]).toEqual(['invalid_request', undefined]);
    expect(error.message).toContain('object');
  });

  it.each([
    ['', 'empty'],
    ['{"messages":[', 'not valid JSON'],
    ['{"messages":[{"content":"a secret prompt"}]', 'not valid JSON'],
    ['\ufeff{}', 'not valid JSON'],
  ])('refuses %j without repeating any of it', (text, hint) => {
    const error = refusalOf(text);
    expect(error.code).toBe('invalid_json');
    expect(error.message).toContain(hint);
    expect(error.message).not.toContain('secret');
  });

  it('says where the JSON breaks, as far as the parser tells', () => {
    expect(refusalOf('{"messages":[1 2]}').message).toContain('at position 15');
  });
});

import { CostlaneError } from '@costlane/domain';
import { parseResponsesRequest } from './parse-request';
import { toChatBody } from './to-chat-body';

const translate = (body: object, upstreamModel?: string): unknown =>
  JSON.parse(JSON.stringify(toChatBody(parseResponsesRequest(Buffer.from(JSON.stringify(body))), upstreamModel)));
const messagesOf = (input: unknown): unknown => (translate({ input }) as { messages: unknown }).messages;

function refusalOf(body: object): { code: string; field?: string; message: string } {
  try {
    translate(body);
  } catch (error) {
    if (error instanceof CostlaneError) return { code: error.code, field: error.field, message: error.message };
    throw error;
  }
  throw new Error('the request should have been refused');
}

describe('a request to the Responses API as a chat', () => {
  it('a text is what the user says, and instructions come before it', () => {
    expect(translate({ model: 'm', input: 'Hi.', instructions: 'Be brief.' })).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi.' },
      ],
    });
  });

  it('takes over what means the same, and names the rest as a chat does', () => {
    const body = {
      input: 'Hi.',
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 50,
      reasoning: { effort: 'low', summary: 'auto' },
      service_tier: 'flex',
      user: 'u',
      prompt_cache_key: 'k',
      top_logprobs: 2,
      include: ['message.output_text.logprobs'],
      text: { verbosity: 'low' },
      store: true,
      metadata: { a: 'b' },
      truncation: 'disabled',
    };
    const chat = {
      messages: [{ role: 'user', content: 'Hi.' }],
      temperature: 0.5,
      top_p: 0.9,
      reasoning_effort: 'low',
      service_tier: 'flex',
      user: 'u',
      prompt_cache_key: 'k',
      logprobs: true,
      top_logprobs: 2,
      verbosity: 'low',
    };
    expect(translate(body)).toEqual({ ...chat, max_tokens: 50 });
    expect(translate(body, 'gpt-5-mini')).toEqual({ ...chat, max_completion_tokens: 50 });
  });

  it('a stream asks for its usage', () => {
    expect(translate({ input: 'Hi.', stream: true })).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('tools, choice and form are put where a chat has them', () => {
    const parameters = { type: 'object', properties: {} };
    const tool = { type: 'function', name: 'f', description: 'd', parameters, strict: true };
    const schema = { type: 'object' };
    expect(
      translate({
        input: 'Hi.',
        tools: [tool],
        tool_choice: { type: 'function', name: 'f' },
        parallel_tool_calls: false,
        text: { format: { type: 'json_schema', name: 'n', schema, strict: true } },
      }),
    ).toMatchObject({
      tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } },
    });
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] };
    expect(translate({ input: 'Hi.', tools: [tool], tool_choice: allowed })).toMatchObject({
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
    });
    expect(translate({ input: 'Hi.', parallel_tool_calls: true, text: { format: { type: 'text' } } })).toEqual({
      messages: [{ role: 'user', content: 'Hi.' }],
    });
  });

  it.each<[string, unknown[], unknown[]]>([
    [
      'messages of all roles, with and without their type',
      [
        { role: 'developer', content: 'Be brief.' },
        { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be kind.' }] },
        { role: 'user', content: [{ type: 'input_text', text: 'Hi.' }] },
      ],
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi.' },
      ],
    ],
    [
      'images and sound',
      [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'low' },
            { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
          ],
        },
      ],
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
          ],
        },
      ],
    ],
    [
      'the output of a turn before, calls and what they gave',
      [
        { role: 'user', content: 'Weather?' },
        { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'I look.', annotations: [] }],
        },
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{"a":1}', status: 'completed' },
        { type: 'function_call', id: 'fc_2', call_id: 'c2', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'sun' },
        { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'rain' }] },
      ],
      [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: 'I look.',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
            { id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'sun' },
        { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'rain' }] },
      ],
    ],
    [
      'a call without words, and a refusal',
      [
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      ],
      [
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      ],
    ],
  ])('%s', (_name, input, messages) => {
    expect(messagesOf(input)).toEqual(messages);
  });
});

describe('what cannot be translated is refused with its reason', () => {
  const user = (part: object) => ({ input: [{ role: 'user', content: [part] }] });
  it.each<[object, string, RegExp]>([
    [{ input: 'x', tools: [{ type: 'web_search' }] }, 'tools[0]', /"web_search" is a tool that only models of OpenAI/],
    [{ input: 'x', tools: [{ type: 'mcp', server_label: 's' }] }, 'tools[0]', /"mcp"/],
    [{ input: 'x', tools: [{ type: 'function', name: 'f', defer_loading: true }] }, 'tools[0].defer_loading', /trans/],
    [{ input: 'x', tool_choice: { type: 'file_search' } }, 'tool_choice', /does not have/],
    [{ input: 'x', include: ['reasoning.encrypted_content'] }, 'include[0]', /encrypted reasoning/],
    [{ input: 'x', include: ['file_search_call.results'] }, 'include[0]', /leave it out/],
    [{ input: 'x', reasoning: { summary: 'detailed' } }, 'reasoning.summary', /summarises/],
    [{ input: 'x', truncation: 'auto' }, 'truncation', /cannot be cut/],
    [{ input: 'x', context_management: [{ type: 'compaction' }] }, 'context_management', /compact/],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt', /templates/],
    [{ input: 'x', a_field_of_tomorrow: 1 }, 'a_field_of_tomorrow', /leave it out/],
    [{ input: 'x', text: { format: { type: 'grammar' } } }, 'text.format.type', /json_schema/],
    [{ input: 'x', text: { tone: 'low' } }, 'text.tone', /not known/],
    [user({ type: 'input_file', file_data: 'AA==' }), 'input[0].content[0]', /files/],
    [user({ type: 'input_image', file_id: 'f' }), 'input[0].content[0].file_id', /image_url/],
    [user({ type: 'input_image', detail: 'low' }), 'input[0].content[0].image_url', /string/],
    [user({ type: 'smell' }), 'input[0].content[0].type', /"smell"/],
    [{ input: [{ type: 'computer_call' }] }, 'input[0].type', /"computer_call"/],
    [{ input: [{ type: 'reasoning', encrypted_content: 'x' }] }, 'input[0].encrypted_content', /read it/],
    [{ input: [{ role: 'critic', content: 'x' }] }, 'input[0].role', /user, assistant/],
    [{ input: [{ type: 'function_call_output', output: 'x' }] }, 'input[0].call_id', /string/],
    [
      { input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image' }] }] },
      'input[0].output[0]',
      /only text/,
    ],
    [{ input: [{ type: 'reasoning', summary: [] }] }, 'input', /nothing/],
  ])('%j', (body, field, reason) => {
    const refusal = refusalOf(body);
    expect(refusal).toMatchObject({ code: 'invalid_request', field });
    expect(refusal.message).toMatch(reason);
  });
});

describe('what rests on responses that are kept is refused for every model', () => {
  it.each<[object, string]>([
    [{ input: 'x', previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ input: 'x', conversation: 'conv_1' }, 'conversation'],
    [{ input: 'x', background: true }, 'background'],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
    [{ model: 'm' }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: 'x', max_output_tokens: 0 }, 'max_output_tokens'],
    [{ input: 'x', temperature: 3 }, 'temperature'],
    [{ input: 'x', tools: [{}] }, 'tools[0].type'],
  ])('%j', (body, field) => {
    expect(refusalOf(body)).toMatchObject({ code: 'invalid_request', field });
  });

  it('says to send the whole input', () => {
    expect(refusalOf({ input: 'x', previous_response_id: 'r' }).message).toMatch(/send the whole conversation/);
  });

  it('what is set to nothing asks for nothing', () => {
    expect(messagesOf('x')).toEqual([{ role: 'user', content: 'x' }]);
    const nothing = { previous_response_id: null, conversation: null, background: false, prompt: null, tools: null };
    expect(translate({ input: 'x', ...nothing })).toEqual({ messages: [{ role: 'user', content: 'x' }] });
  });
});

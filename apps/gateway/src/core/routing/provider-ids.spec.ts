import { refuseProviderIds } from './provider-ids';

const user = (part: object) => [{ role: 'user', content: [part] }];

describe('ids of things that are kept at the provider', () => {
  it.each([
    ['messages[0].content[0]', { messages: user({ type: 'file', file: { file_id: 'file-1' } }) }],
    ['messages[0].content[0]', { messages: user({ type: 'document', source: { type: 'file', file_id: 'f' } }) }],
    ['input[0].content[0]', { input: user({ type: 'input_file', file_id: 'file-1' }) }],
    ['tools[0].vector_store_ids', { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }],
    ['tools[0].container', { tools: [{ type: 'code_interpreter', container: 'cntr_1' }] }],
    ['tools[0].container', { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['f'] } }] }],
    ['container', { container: 'cntr_1', messages: [] }],
    ['container', { container: { id: 'cntr_1', skills: [] }, messages: [] }],
    ['messages[0].audio', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }],
    ['prompt.id', { prompt: { id: 'pmpt_1' } }],
    [
      'input[0].output[0]',
      { input: [{ type: 'function_call_output', output: [{ type: 'input_file', file_id: 'f' }] }] },
    ],
    ['input[0].output', { input: [{ type: 'computer_call_output', output: { file_id: 'f' } }] }],
    [
      'messages[0].content[0].content[1]',
      {
        messages: user({
          type: 'tool_result',
          content: [{ type: 'text' }, { type: 'image', source: { file_id: 'f' } }],
        }),
      },
    ],
    [
      'messages[0].content[0].content[0]',
      { messages: user({ type: 'document', source: { type: 'content', content: [{ source: { file_id: 'f' } }] } }) },
    ],
    ['tools[0].input_image_mask', { tools: [{ type: 'image_generation', input_image_mask: { file_id: 'f' } }] }],
  ])('are refused in %s', (field, body) => {
    expect(() => refuseProviderIds(body)).toThrow(`Field "${field}"`);
  });

  it.each([
    [{ messages: user({ type: 'text', text: '{"file_id": "x"}' }) }],
    [{ messages: user({ type: 'file', file: { file_data: 'data:' } }) }],
    [{ tools: [{ type: 'function', function: { parameters: { properties: { file_id: { type: 'string' } } } } }] }],
    [{ tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }],
    [{ input: [{ role: 'assistant', content: [{ type: 'output_text', annotations: [{ file_id: 'f' }] }] }] }],
    [{ messages: user({ type: 'tool_use', input: { file_id: 'x' } }) }],
    [{ prompt: 'a prompt', messages: [] }],
  ])('are not seen in %j', (body) => {
    expect(() => refuseProviderIds(body)).not.toThrow();
  });
});

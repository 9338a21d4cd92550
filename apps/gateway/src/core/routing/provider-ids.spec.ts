import { refuseProviderIds } from './provider-ids';

const of = (body: object): Buffer => Buffer.from(JSON.stringify(body));
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
    ['prompt.id', { prompt: { id: 'pmpt_1' } }],
  ])('are refused in %s', (field, body) => {
    expect(() => refuseProviderIds(of(body))).toThrow(`Field "${field}"`);
  });

  it.each([
    [{ messages: user({ type: 'text', text: '{"file_id": "x"}' }) }],
    [{ messages: user({ type: 'file', file: { file_data: 'data:' } }) }],
    [{ tools: [{ type: 'function', function: { parameters: { properties: { file_id: { type: 'string' } } } } }] }],
    [{ tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }],
    [{ prompt: 'a prompt', messages: [] }],
  ])('are not seen in %j', (body) => {
    expect(() => refuseProviderIds(of(body))).not.toThrow();
  });
});

import { readRequestLine } from './read-request-line';

const good = { custom_id: 'a', method: 'POST', url: '/v1/embeddings', body: { model: 'm' } };
const read = (line: unknown) => {
  const bytes = Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line));
  const result = readRequestLine(bytes, '/v1/embeddings');
  return result.ok ? { ...result.value, body: result.value.body.toString() } : result.error;
};

describe('a line of an input file', () => {
  it('is a request with its id and its body, byte for byte', () => {
    const line =
      '{"custom_id":"ü","method":"POST","url":"/v1/embeddings","body":{"seed":12345678901234567890, "x":"\\u00fc"}}';
    expect(read(line)).toEqual({ customId: 'ü', body: '{"seed":12345678901234567890, "x":"\\u00fc"}' });
  });

  it('may hold more than is needed', () => {
    expect(read({ ...good, note: 'x' })).toEqual({ customId: 'a', body: '{"model":"m"}' });
  });

  it.each<[string, unknown, string, string | undefined]>([
    ['no JSON', '{"custom_id":', 'invalid_json_line', undefined],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'invalid_json_line', undefined],
    ['a list', [good], 'invalid_json_line', undefined],
    ['null', 'null', 'invalid_json_line', undefined],
    ['no id', { ...good, custom_id: undefined }, 'missing_required_parameter', 'custom_id'],
    ['an id that is null', { ...good, custom_id: null }, 'missing_required_parameter', 'custom_id'],
    ['an id that is a number', { ...good, custom_id: 1 }, 'invalid_type', 'custom_id'],
    ['an empty id', { ...good, custom_id: '' }, 'invalid_value', 'custom_id'],
    ['a long id', { ...good, custom_id: 'x'.repeat(513) }, 'invalid_value', 'custom_id'],
    ['an id that cannot be kept', { ...good, custom_id: 'a\0' }, 'invalid_value', 'custom_id'],
    ['half a surrogate pair', { ...good, custom_id: '\ud800' }, 'invalid_value', 'custom_id'],
    ['no method', { ...good, method: undefined }, 'missing_required_parameter', 'method'],
    ['another method', { ...good, method: 'GET' }, 'invalid_value', 'method'],
    ['no url', { ...good, url: undefined }, 'missing_required_parameter', 'url'],
    ['another url', { ...good, url: '/v1/chat/completions' }, 'url_mismatch', 'url'],
    ['no body', { ...good, body: undefined }, 'missing_required_parameter', 'body'],
    ['a body that is a text', { ...good, body: '{}' }, 'invalid_type', 'body'],
    ['a body that is a list', { ...good, body: [] }, 'invalid_type', 'body'],
  ])('is refused with %s', (_name, line, code, param) => {
    expect(read(line)).toEqual({ code, param, message: expect.stringMatching(/\.$/) });
  });
});

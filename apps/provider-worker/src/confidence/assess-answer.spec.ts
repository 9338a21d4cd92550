import { assessAnswer } from './assess-answer';
import { readAnswer } from './read-answer';
import { createSchemaChecks } from './schema-checks';

const schemas = createSchemaChecks();
const answerOf = (message: object, choice: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop', ...choice }] }));
const assess = (body: Buffer, check = {}, hasLimit = false) =>
  assessAnswer({ facts: readAnswer(body, 'json'), check: { minTokenProbability: 0.5, ...check }, hasLimit }, schemas);
const logprobs = (...probabilities: number[]) => ({
  logprobs: { content: probabilities.map((p) => ({ token: 't', logprob: Math.log(p) })) },
});

describe('assessAnswer', () => {
  it('is content with an answer', () => expect(assess(answerOf({ content: 'four' }))).toBeUndefined());

  it.each([
    ['empty', { content: '' }],
    ['empty', { content: ' \n' }],
    ['empty', { content: null }],
    ['empty', {}],
    ['empty', { content: null, tool_calls: [] }],
    ['refusal', { content: null, refusal: 'I will not do that.' }],
    ['refusal', { content: 'I’m sorry, but I can’t help with that.' }],
    ['refusal', { content: [{ type: 'text', text: 'Lo siento, pero no puedo ayudarte.' }] }],
  ])('doubts (%s): %j', (doubt, message) => expect(assess(answerOf(message))).toBe(doubt));

  it.each([
    { content: null, tool_calls: [{ id: '1', function: { name: 'f', arguments: '{}' } }] },
    { content: '', function_call: { name: 'f', arguments: '{}' } },
    { content: null, audio: { id: 'a', data: '' } },
    { content: 'Sorry for the wait: it is four.' },
    { content: [{ type: 'text', text: 'four' }] },
  ])('takes for an answer: %j', (message) => expect(assess(answerOf(message))).toBeUndefined());

  it('doubts what a filter stopped', () =>
    expect(assess(answerOf({ content: 'The first' }, { finish_reason: 'content_filter' }))).toBe('refusal'));

  it('doubts an answer that was cut off where the caller set no limit', () => {
    const cut = answerOf({ content: 'The first' }, { finish_reason: 'length' });
    expect([assess(cut), assess(cut, {}, true)]).toEqual(['cut_off', undefined]);
  });

  it('doubts an answer that reasoning used up before its first word, limit or not', () => {
    const cut = answerOf({ content: '' }, { finish_reason: 'length' });
    expect([assess(cut), assess(cut, {}, true)]).toEqual(['cut_off', 'cut_off']);
  });

  it('doubts bytes that are no completion', () => {
    expect(assess(Buffer.from('{"choices":['))).toBe('unreadable');
    expect(assess(Buffer.from('{}'))).toBe('empty');
  });

  it('doubts what should be JSON and is not', () => {
    const json = { json: {} };
    expect(assess(answerOf({ content: '{"a":1}' }), json)).toBeUndefined();
    expect(assess(answerOf({ content: '{"a":' }), json)).toBe('invalid_json');
    expect(assess(answerOf({ content: '```json\n{"a":1}\n```' }), json)).toBe('invalid_json');
    expect(assess(answerOf({ content: '{"a":', tool_calls: [{ id: '1' }] }), json)).toBeUndefined();
  });

  it('doubts JSON that does not fit the schema', () => {
    const json = { json: { schema: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } } } };
    expect(assess(answerOf({ content: '{"a":1}' }), json)).toBeUndefined();
    expect(assess(answerOf({ content: '{"a":"1"}' }), json)).toBe('schema');
    expect(assess(answerOf({ content: '{}' }), json)).toBe('schema');
  });

  it('doubts an answer whose tokens were improbable, by their geometric mean', () => {
    expect(assess(answerOf({ content: 'x' }, logprobs(0.9, 0.8)))).toBeUndefined();
    expect(assess(answerOf({ content: 'x' }, logprobs(0.9, 0.2)))).toBe('low_probability'); // √0.18 = 0.42
    expect(assess(answerOf({ content: 'x' }, logprobs()))).toBeUndefined();
    expect(assess(answerOf({ content: 'x' }, { logprobs: { content: [{ logprob: 'no' }, 1, null] } }))).toBeUndefined();
  });

  it('looks at the first of several choices', () => {
    const body = {
      choices: [
        { index: 1, message: { content: '' } },
        { index: 0, message: { content: 'four' } },
      ],
    };
    expect(assess(Buffer.from(JSON.stringify(body)))).toBeUndefined();
  });
});

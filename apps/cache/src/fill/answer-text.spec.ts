import { answerText, isRefusal } from './answer-text';

const json = (message: object) => Buffer.from(JSON.stringify({ choices: [{ index: 0, message }] }));
const sse = (...deltas: object[]) =>
  Buffer.from(
    `${deltas.map((delta) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`).join('')}data: [DONE]\n\n`,
  );

describe('the text of a stored answer', () => {
  it('is read from a whole answer and from a stream', () => {
    expect(answerText(json({ content: 'Blue.' }), 'json')).toEqual({ text: 'Blue.', isRefusal: false });
    expect(answerText(sse({ role: 'assistant' }, { content: 'Bl' }, { content: 'ue.' }), 'sse')?.text).toBe('Blue.');
  });

  it('is read of a stream no further than is wanted', () => {
    const body = Buffer.concat([
      sse({ content: 'a'.repeat(9) }, { content: 'b'.repeat(9) }),
      Buffer.from('data: {broken\n\n'),
    ]);
    expect(answerText(body, 'sse', 10)?.text).toBe(`${'a'.repeat(9)}${'b'.repeat(9)}`);
    expect(answerText(body, 'sse', 5)?.text).toBe('a'.repeat(9));
    expect(answerText(body, 'sse')).toBeUndefined();
  });

  it('is read no further than to the letter that no refusal begins with, unless a field names one', () => {
    const rest = sse({ content: 'e sky is blue.' });
    const body = Buffer.concat([sse({ role: 'assistant', content: '' }, { content: ' Th', refusal: null }), rest]);
    expect(answerText(body, 'sse', 200)?.text).toBe(' Th');
    expect(answerText(body, 'sse')?.text).toBe(' The sky is blue.');
    for (const field of ['"refusal":"No."', '"refusal" : "No."']) {
      const marked = sse({ refusal: 'No.' }).toString().replace('"refusal":"No."', field);
      const answer = answerText(Buffer.concat([body, Buffer.from(marked)]), 'sse', 200);
      expect(answer && isRefusal(answer)).toBe(true);
    }
  });

  it.each([
    'I cannot help with that.',
    ' , I can’t help',
    'Sorry, I cannot answer',
    'As an AI model, I cannot',
    'But I cannot assist',
  ])('is read far enough to know the refusal %j that comes letter by letter', (text) => {
    const answer = answerText(sse(...[...text].map((content) => ({ content }))), 'sse', 200);
    expect(answer && isRefusal(answer)).toBe(true);
  });

  it('is that of the first choice', () => {
    const body = Buffer.from(
      '{"choices":[{"index":1,"message":{"content":"b"}},{"index":0,"message":{"content":"a"}}]}',
    );
    expect(answerText(body, 'json')?.text).toBe('a');
  });

  it('is unknown of a body that cannot be read', () => {
    expect(answerText(Buffer.from('{"choices":['), 'json')).toBeUndefined();
    expect(answerText(Buffer.from('data: {"cho\n\n'), 'sse')).toBeUndefined();
  });

  it('is empty where a tool is called', () => {
    expect(answerText(json({ content: null, tool_calls: [] }), 'json')?.text).toBe('');
  });

  it('knows a refusal that the model marks', () => {
    expect(isRefusal(answerText(json({ content: null, refusal: 'No.' }), 'json')!)).toBe(true);
    expect(isRefusal(answerText(sse({ refusal: 'N' }, { refusal: 'o' }), 'sse')!)).toBe(true);
    expect(isRefusal(answerText(json({ content: 'Yes', refusal: null }), 'json')!)).toBe(false);
  });

  it.each([
    ["I'm sorry, but I can't assist with that.", true],
    ['I cannot help with this request.', true],
    ['Sorry, I am unable to do so.', true],
    ["As an AI language model, I can't have opinions.", true],
    ["I don't have access to your order.", true],
    ['I can help with that.', false],
    ['Sorry seems to be the hardest word, by Elton John.', false],
    ['You cannot help but smile.', false],
    ['Unfortunately the war went on for years.', false],
  ])('judges "%s": refusal %s', (text, expected) => expect(isRefusal({ text, isRefusal: false })).toBe(expected));
});

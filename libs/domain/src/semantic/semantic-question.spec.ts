import fc from 'fast-check';
import { semanticMaxCharacters, semanticQuestion } from './semantic-question';

const user = (content: unknown) => ({ role: 'user', content });
const ask = (body: Record<string, unknown>) => semanticQuestion('openai.chat', body);
const plain = { messages: [user('Why is the sky blue?')] };

describe('a question that a like answer may serve', () => {
  it('is the text of a single turn', () => {
    expect(ask({ messages: [user('  Why is the sky blue?\r\n')] })?.text).toBe('Why is the sky blue?');
    expect(ask({ messages: [user([{ type: 'text', text: 'Why?' }])] })?.text).toBe('Why?');
  });

  it.each([
    ['a conversation', { messages: [user('Hi'), { role: 'assistant', content: 'Hello' }, user('Why?')] }],
    ['two user turns', { messages: [user('a'), user('b')] }],
    ['tools', { ...plain, tools: [{ type: 'function' }] }],
    ['functions of the old kind', { ...plain, functions: [{ name: 'f' }] }],
    [
      'an image',
      {
        messages: [
          user([
            { type: 'text', text: 'What?' },
            { type: 'image_url', image_url: {} },
          ]),
        ],
      },
    ],
    ['structured output', { ...plain, response_format: { type: 'json_object' } }],
    ['structured output as vLLM asks for it', { ...plain, guided_choice: ['yes', 'no'] }],
    ['a grammar', { ...plain, grammar: 'root ::= "a"' }],
    ['several choices', { ...plain, n: 2 }],
    ['log probabilities', { ...plain, logprobs: true }],
    ['an empty question', { messages: [user('  ')] }],
    ['an answer to go on from', { messages: [user('a'), { role: 'assistant', content: 'b' }] }],
    ['a tool result', { messages: [{ role: 'tool', content: 'x' }, user('a')] }],
    ['a question as long as a document', { messages: [user('a'.repeat(semanticMaxCharacters + 1))] }],
    ['no messages', {}],
  ])('is not there with %s', (_name, body) => expect(ask(body)).toBeUndefined());

  it('has the same context whatever the model, the way of travelling and the wording of the question', () => {
    const context = ask(plain)?.contextHash;
    expect(ask({ ...plain, model: 'gpt-4o', stream: true, user: 'u' })?.contextHash).toBe(context);
    expect(ask({ messages: [user('Another')] })?.contextHash).toBe(context);
  });

  it('has another context with another system prompt, parameter or name', () => {
    const contexts = [
      plain,
      { messages: [{ role: 'system', content: 'Be brief.' }, ...plain.messages] },
      { messages: [{ role: 'system', content: 'Be brief!' }, ...plain.messages] },
      { messages: [{ role: 'developer', content: 'Be brief.' }, ...plain.messages] },
      { ...plain, temperature: 0.5 },
      { ...plain, max_tokens: 5 },
      { ...plain, seed: 1 },
      { ...plain, something_new: 1 },
      { messages: [{ ...user('Why is the sky blue?'), name: 'Ann' }] },
    ].map((body) => ask(body)?.contextHash);
    expect(new Set(contexts).size).toBe(contexts.length);
  });

  it('never shares a context between different parameters', () => {
    const parameters = fc.dictionary(fc.constantFrom('temperature', 'top_p', 'seed', 'stop', 'x'), fc.jsonValue());
    fc.assert(
      fc.property(parameters, parameters, (one, other) => {
        // By name alone: an entry that is an object with a `toString` of its own has no order.
        const sorted = (some: object) => JSON.stringify(Object.entries(some).sort(([a], [b]) => (a < b ? -1 : 1)));
        fc.pre(sorted(one) !== sorted(other));
        // Values that canonical JSON holds equal (outer white space, −0) are equal to a provider as well.
        fc.pre(![one, other].some((some) => /\s|-0/.test(JSON.stringify(some))));
        return ask({ ...plain, ...one })?.contextHash !== ask({ ...plain, ...other })?.contextHash;
      }),
    );
  });
});

import fc from 'fast-check';
import { chatSegments } from './chat-segments';

function partsOf(body: string): { parts: unknown[]; head: number } | undefined {
  const bytes = Buffer.from(body);
  const found = chatSegments(bytes);
  if (!found) return undefined;
  const parts: unknown[] = [];
  for (let i = 0; i < found.spans.length; i += 2) {
    parts.push(JSON.parse(bytes.toString('utf8', found.spans[i], found.spans[i + 1])));
  }
  return { parts, head: found.headSegments };
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom('\\', '"', '\\"', `${'x'.repeat(96)}\\`, `${'x'.repeat(200)}\\\\"`, '}]', '"messages":[{}]'),
);

describe('chatSegments', () => {
  it('finds every message of any chat body as it stands', () => {
    const message = fc.record({ content: text, role: fc.constantFrom('user', 'assistant'), n: fc.jsonValue() });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 8 }),
        fc.jsonValue(),
        fc.constantFrom(0, 1, 2),
        (messages, other, indent) => {
          const body = JSON.stringify({ [`a"\\`]: other, model: 'm', messages, temperature: 0.1 }, undefined, indent);
          expect(partsOf(body)).toEqual({ parts: JSON.parse(JSON.stringify(messages)), head: 0 });
        },
      ),
    );
  });

  it('puts tools in front of the messages wherever they stand, and counts leading system messages to the head', () => {
    const system = { role: 'system', content: 'S' };
    const developer = { content: 'D', role: 'developer' };
    const user = { role: 'user', content: 'system' };
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const messages = [system, developer, user, system];
    const expected = { parts: [tools, ...messages], head: 3 };
    expect(partsOf(JSON.stringify({ messages, tools }))).toEqual(expected);
    expect(partsOf(JSON.stringify({ tools, messages }))).toEqual(expected);
    expect(partsOf(JSON.stringify({ messages }))).toEqual({ parts: messages, head: 2 });
  });

  it('takes the last of two lists of messages, as parsers do', () => {
    expect(partsOf('{"messages":[{"role":"system"}],"messages":[{"role":"user"}]}')).toEqual({
      parts: [{ role: 'user' }],
      head: 0,
    });
  });

  it.each(['', '[]', '{', '{"messages":1}', '{"messages":[]}', '{"messages":[{"a":"b', '{"a" 1}', '{"prompt":"x"}'])(
    'finds nothing in %j',
    (body) => expect(partsOf(body)).toBeUndefined(),
  );

  it('ends for any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        chatSegments(Buffer.concat([Buffer.from('{"messages":['), bytes]));
      }),
    );
  });
});

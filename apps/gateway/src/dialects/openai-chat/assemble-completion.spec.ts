import fc from 'fast-check';
import { assembleCompletion } from './assemble-completion';
import { parseEvents, type ChatCompletion, type ChatMessage } from './chunks';
import { streamCompletion } from './stream-completion';

/** What is null and what is absent means the same in these objects. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutNulls(each)]));
}
const sse = (...chunks: object[]): Buffer =>
  Buffer.from(`${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`);
const choice = (delta: object, rest: object = {}): object => ({ index: 0, delta, finish_reason: null, ...rest });
const message = (stream: Buffer): ChatMessage | undefined => assembleCompletion(stream).choices[0]?.message;

const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const longText = fc.string({ unit: 'grapheme', minLength: 380, maxLength: 900 });
const anyId = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
const anyToolCall = fc.oneof(
  fc.record({ id: anyId, type: fc.constant('function'), function: fc.record({ name: anyText, arguments: anyText }) }),
  fc.record({ id: anyId, type: fc.constant('custom'), custom: fc.record({ name: anyText, input: anyText }) }),
);
const anyLogprobs = fc.record(
  {
    content: fc.option(
      fc.array(fc.record({ token: anyText, logprob: fc.double({ noNaN: true }) }), { minLength: 1, maxLength: 3 }),
    ),
    refusal: fc.option(fc.array(fc.record({ token: anyText }), { minLength: 1, maxLength: 2 })),
  },
  { requiredKeys: ['content'] },
);
const anyMessage = fc.record(
  {
    role: fc.constant('assistant'),
    content: fc.oneof(fc.constant(null), anyText, longText),
    refusal: fc.oneof(
      fc.constant(null),
      anyText.filter((text) => text !== ''),
    ),
    tool_calls: fc.array(anyToolCall, { minLength: 1, maxLength: 3 }),
    function_call: fc.record({ name: anyText, arguments: anyText }),
    annotations: fc.array(fc.record({ type: anyText }), { maxLength: 2 }),
    reasoning_content: anyText.filter((text) => text !== ''),
  },
  { requiredKeys: ['role', 'content'] },
);
const anyCompletion = fc
  .record(
    {
      id: anyText,
      created: fc.nat(),
      model: anyText,
      usage: fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), details: fc.jsonValue() }),
      service_tier: fc.constantFrom('default', 'flex'),
      system_fingerprint: anyText.filter((text) => text !== ''),
      choices: fc.array(
        fc.record(
          {
            message: anyMessage,
            finish_reason: fc.constantFrom('stop', 'length', 'tool_calls', null),
            logprobs: fc.option(anyLogprobs),
          },
          { requiredKeys: ['message', 'finish_reason'] },
        ),
        { minLength: 1, maxLength: 4 },
      ),
    },
    { requiredKeys: ['id', 'created', 'model', 'choices'] },
  )
  .map(
    (completion) =>
      JSON.parse(
        JSON.stringify({
          ...completion,
          object: 'chat.completion',
          choices: completion.choices.map((each, index) => ({ index, ...each })),
        }),
      ) as ChatCompletion,
  );

describe('a whole answer told as a stream and put together again', () => {
  it('is the same answer', () => {
    fc.assert(
      fc.property(anyCompletion, (completion) => {
        const again = assembleCompletion(streamCompletion(completion, true));
        expect(withoutNulls(again)).toEqual(withoutNulls(completion));
      }),
      { numRuns: 300 },
    );
  });

  it('never cuts a character in two', () => {
    const content = '😀'.repeat(1_000);
    const completion: ChatCompletion = {
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    };
    const pieces = parseEvents(streamCompletion(completion, false)).map(
      ({ choices }) => choices[0]?.delta.content ?? '',
    );
    expect(pieces.length).toBeGreaterThan(3);
    for (const piece of pieces) expect(piece).toMatch(/^(😀)*$/u);
  });

  it('tells usage in a chunk of its own, and only where it is asked for', () => {
    const completion: ChatCompletion = {
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
      usage: { total_tokens: 3 },
    };
    const chunks = parseEvents(streamCompletion(completion, true));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 3 } });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(parseEvents(streamCompletion(completion, false)).some((each) => 'usage' in each)).toBe(false);
  });
});

describe('assembleCompletion', () => {
  it('joins what a provider sends in pieces, choices among one another', () => {
    const stream = sse(
      { id: '1', created: 5, model: 'm', choices: [choice({ role: 'assistant', content: '' })] },
      { id: '1', choices: [choice({ content: 'Hel' }), { index: 1, delta: { role: 'assistant', content: 'B' } }] },
      { id: '1', choices: [{ index: 1, delta: { content: 'y' }, finish_reason: 'length' }] },
      { id: '1', choices: [choice({ content: 'lo' }, { finish_reason: 'stop' })] },
      { id: '1', choices: [], usage: { total_tokens: 9 } },
    );
    expect(assembleCompletion(stream)).toMatchObject({
      id: '1',
      object: 'chat.completion',
      created: 5,
      model: 'm',
      usage: { total_tokens: 9 },
      choices: [
        { index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' },
        { index: 1, message: { role: 'assistant', content: 'By' }, finish_reason: 'length' },
      ],
    });
  });

  it('puts tool calls together that come in pieces and in turns', () => {
    const call = (index: number, rest: object): object => ({ choices: [choice({ tool_calls: [{ index, ...rest }] })] });
    const stream = sse(
      call(0, { id: 'a', type: 'function', function: { name: 'add', arguments: '' } }),
      call(1, { id: 'b', type: 'custom', custom: { name: 'sh', input: 'l' } }),
      call(0, { function: { arguments: '{"x"' } }),
      call(1, { custom: { input: 's' } }),
      call(0, { function: { arguments: ':1}' } }),
    );
    expect(message(stream)?.tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'add', arguments: '{"x":1}' } },
      { id: 'b', type: 'custom', custom: { name: 'sh', input: 'ls' } },
    ]);
    expect(message(stream)?.content).toBeNull();
  });

  it('puts a function call of the older kind together', () => {
    const part = (delta: object): object => ({ choices: [choice({ function_call: delta })] });
    const stream = sse(part({ name: 'add', arguments: '' }), part({ arguments: '{"x"' }), part({ arguments: ':1}' }));
    expect(message(stream)?.['function_call']).toEqual({ name: 'add', arguments: '{"x":1}' });
  });

  it('takes tool calls of providers that do not number them', () => {
    const stream = sse({ choices: [choice({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] })] });
    expect(message(stream)?.tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
    ]);
  });

  it('reads streams with CRLF line ends and comments', () => {
    const text = sse({ choices: [choice({ content: 'a' })] }).toString();
    expect(message(Buffer.from(`: hi\r\n\r\n${text.replace(/\n/g, '\r\n')}`))?.content).toBe('a');
  });

  it('joins log probabilities', () => {
    const part = (token: string): object => ({
      choices: [choice({ content: token }, { logprobs: { content: [{ token }] } })],
    });
    expect(assembleCompletion(sse(part('a'), part('b'))).choices[0]?.logprobs).toEqual({
      content: [{ token: 'a' }, { token: 'b' }],
    });
  });
});

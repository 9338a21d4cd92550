import fc from 'fast-check';
import { EventConverter } from './convert-events';
import { convertReply } from './convert-reply';

type Json = Record<string, unknown>;

const start = (usage: Json = { input_tokens: 25, output_tokens: 1 }): Json => ({
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], model: 'claude-opus-5', usage },
});
const blockStart = (index: number, block: Json): Json => ({ type: 'content_block_start', index, content_block: block });
const delta = (index: number, value: Json): Json => ({ type: 'content_block_delta', index, delta: value });
const blockStop = (index: number): Json => ({ type: 'content_block_stop', index });
const end = (reason: string, usage: Json = { output_tokens: 15 }): Json[] => [
  { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage },
  { type: 'message_stop' },
];
const text = (index: number, ...pieces: string[]): Json[] => [
  blockStart(index, { type: 'text', text: '' }),
  ...pieces.map((piece) => delta(index, { type: 'text_delta', text: piece })),
  blockStop(index),
];

interface Chunk {
  usage?: Json | null;
  choices: { delta: Json; finish_reason: string | null }[];
}

function convert(events: readonly Json[], includeUsage = false) {
  const converter = new EventConverter({ includeUsage, createdAtSeconds: 7 });
  const lines = events
    .map((event) => converter.convert(event))
    .join('')
    .split('\n\n')
    .filter((line) => line !== '');
  const data = lines.map((line) => line.replace(/^data: /, ''));
  const chunks = data.filter((each) => each !== '[DONE]').map((each) => JSON.parse(each) as Chunk);
  return { converter, chunks, isDone: data.at(-1) === '[DONE]' };
}

const deltasOf = (chunks: readonly Chunk[]): Json[] =>
  chunks.flatMap(({ choices }) => choices.map((each) => each.delta));

/** Puts a streamed completion together, as a client does. */
function assemble(chunks: readonly Chunk[]): Json {
  const message = { content: '', reasoning: '', calls: [] as { id: unknown; name: unknown; arguments: string }[] };
  for (const each of deltasOf(chunks)) {
    message.content += (each['content'] as string | undefined) ?? '';
    message.reasoning += (each['reasoning_content'] as string | undefined) ?? '';
    for (const call of (each['tool_calls'] as (Json & { index: number; function: Json })[] | undefined) ?? []) {
      const known = (message.calls[call.index] ??= { id: call['id'], name: call.function['name'], arguments: '' });
      known.arguments += (call.function['arguments'] as string | undefined) ?? '';
    }
  }
  return message;
}

describe('EventConverter', () => {
  it('turns text into chunks of one answer, with the role in the first and the reason in the last', () => {
    const { chunks, isDone, converter } = convert([
      start(),
      { type: 'ping' },
      ...text(0, 'Hel', 'lo'),
      ...end('end_turn'),
    ]);
    const head = { id: 'msg_1', object: 'chat.completion.chunk', created: 7, model: 'claude-opus-5' };
    expect(chunks[0]).toEqual({
      ...head,
      choices: [
        { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
      ],
    });
    expect(deltasOf(chunks).slice(1)).toEqual([{ content: 'Hel' }, { content: 'lo' }, {}]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, 'stop']);
    expect(isDone).toBe(true);
    expect(converter).toMatchObject({ stopReason: 'end_turn', isDone: true, isTranslated: true, characters: 5 });
  });

  it('says nothing before there is content, so that a failure until then is a clean one', () => {
    const { chunks } = convert([start(), { type: 'ping' }, blockStart(0, { type: 'text', text: '' })]);
    expect(chunks).toEqual([]);
  });

  it('ends with the usage where it was asked for, in the totals of the last event', () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 30, output_tokens: 1 };
    const thought = { output_tokens: 89, output_tokens_details: { thinking_tokens: 40 } };
    const { chunks } = convert([start(usage), ...text(0, 'x'), ...end('end_turn', thought)], true);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 140,
        completion_tokens: 89,
        total_tokens: 229,
        prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 30 },
        completion_tokens_details: { reasoning_tokens: 40 },
      },
    });
  });

  it('numbers parallel calls, and gives one without arguments an empty object', () => {
    const tool = (index: number, id: string, ...pieces: string[]): Json[] => [
      blockStart(index, { type: 'tool_use', id, name: 'look', input: {} }),
      ...pieces.map((piece) => delta(index, { type: 'input_json_delta', partial_json: piece })),
      blockStop(index),
    ];
    const events = [
      start(),
      ...text(0, 'So:'),
      ...tool(1, 'a', '', '{"x":', '1}'),
      ...tool(2, 'b'),
      ...end('tool_use'),
    ];
    const { chunks } = convert(events);
    expect(assemble(chunks)).toEqual({
      content: 'So:',
      reasoning: '',
      calls: [
        { id: 'a', name: 'look', arguments: '{"x":1}' },
        { id: 'b', name: 'look', arguments: '{}' },
      ],
    });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('gives thinking out as it comes, and whole with its signature to be sent back', () => {
    const { chunks } = convert([
      start(),
      blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Let me' }),
      delta(0, { type: 'thinking_delta', thinking: ' see.' }),
      delta(0, { type: 'signature_delta', signature: 'sig' }),
      blockStop(0),
      blockStart(1, { type: 'redacted_thinking', data: 'd' }),
      blockStop(1),
      ...text(2, 'Yes.'),
      ...end('end_turn'),
    ]);
    expect(assemble(chunks)).toMatchObject({ content: 'Yes.', reasoning: 'Let me see.' });
    expect(deltasOf(chunks).flatMap((each) => each['thinking_blocks'] ?? [])).toEqual([
      { type: 'thinking', thinking: 'Let me see.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'd' },
    ]);
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'stop'],
    ['something_new', 'stop'],
  ])('says %s as %s', (reason, finish) => {
    expect(convert([start(), ...text(0, 'x'), ...end(reason)]).chunks.at(-1)?.choices[0]?.finish_reason).toBe(finish);
  });

  it('passes an error on in words that our table knows', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const { chunks } = convert([start(), ...text(0, 'x'), error]);
    expect(chunks.at(-1)).toMatchObject({ error: { type: 'overloaded_error', message: 'Overloaded' } });
  });

  it('ends with an error when the answer did not fit', () => {
    const { chunks, converter, isDone } = convert([start(), ...text(0, 'x'), ...end('model_context_window_exceeded')]);
    expect(chunks.at(-1)).toMatchObject({ error: { code: 'context_length_exceeded' } });
    expect(converter.isOverflown).toBe(true);
    expect(isDone).toBe(false);
  });

  it('passes over events that are yet to be invented, and remembers blocks that it could not translate', () => {
    const events = [
      start(),
      { type: 'news' },
      blockStart(0, { type: 'server_tool_use' }),
      blockStop(0),
      ...end('end_turn'),
    ];
    expect(convert(events).converter.isTranslated).toBe(false);
    expect(convert([start(), { type: 'news' }, ...text(0, 'x'), ...end('end_turn')]).converter.isTranslated).toBe(true);
  });

  it('a stream comes to the same answer as the whole message', () => {
    const block = fc.oneof(
      fc.record({ type: fc.constant('text'), text: fc.string({ minLength: 1, unit: 'grapheme' }) }),
      fc.record({ type: fc.constant('thinking'), thinking: fc.string({ minLength: 1 }), signature: fc.constant('s') }),
      fc.record({
        type: fc.constant('tool_use'),
        id: fc.uuid(),
        name: fc.constant('look'),
        input: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), fc.nat({ max: 20 }), (content, cut) => {
        const whole = {
          type: 'message',
          content,
          stop_reason: 'end_turn',
          usage: { input_tokens: 1, output_tokens: 1 },
        };
        const reply = convertReply(whole, 7)?.body['choices'] as { message: Json }[];
        const { content: said, reasoning_content: thought, tool_calls: calls } = reply[0]?.message ?? {};
        const { chunks } = convert([
          start(),
          ...content.flatMap((each, i) => streamed(each, i, cut)),
          ...end('end_turn'),
        ]);
        expect(assemble(chunks)).toEqual({
          content: said ?? '',
          reasoning: thought ?? '',
          calls: ((calls ?? []) as { id: unknown; function: Json }[]).map((call) => ({
            id: call.id,
            ...call.function,
          })),
        });
      }),
    );
  });
});

/** A block in the events that Anthropic sends it in, its text cut in two. */
function streamed(block: Json, index: number, cut: number): Json[] {
  const pieces = (whole: string): string[] => [whole.slice(0, cut), whole.slice(cut)];
  if (block['type'] === 'text') return text(index, ...pieces(String(block['text'])));
  const events =
    block['type'] === 'tool_use'
      ? pieces(JSON.stringify(block['input'])).map((piece) =>
          delta(index, { type: 'input_json_delta', partial_json: piece }),
        )
      : pieces(String(block['thinking'])).map((piece) => delta(index, { type: 'thinking_delta', thinking: piece }));
  const empty =
    block['type'] === 'tool_use' ? { ...block, input: {} } : { type: 'thinking', thinking: '', signature: '' };
  return [blockStart(index, empty), ...events, blockStop(index)];
}

import fc from 'fast-check';
import { EventConverter } from './convert-events';
import { convertReply } from './convert-reply';
import { messageEnd, messageStart, streamOf } from './testing/golden-answers';

type Json = Record<string, unknown>;

interface Chunk {
  usage?: Json | null;
  choices: { delta: Json; logprobs: unknown; finish_reason: string | null }[];
}

function convert(events: readonly Json[], includeUsage = false) {
  const converter = new EventConverter({ includeUsage, createdAtSeconds: 7 }, 'command-a-03-2025');
  const data = events
    .map((event) => converter.convert(event))
    .join('')
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^data: /, ''));
  const chunks = data.filter((each) => each !== '[DONE]').map((each) => JSON.parse(each) as Chunk);
  return { converter, chunks, isDone: data.at(-1) === '[DONE]' };
}

const deltasOf = (chunks: readonly Chunk[]): Json[] =>
  chunks.flatMap(({ choices }) => choices.map((each) => each.delta));

const start = (index: number, id: string, args = '') => ({
  type: 'tool-call-start',
  index,
  delta: { message: { tool_calls: { id, type: 'function', function: { name: 'look', arguments: args } } } },
});
const piece = (index: number, text: string) => ({
  type: 'tool-call-delta',
  index,
  delta: { message: { tool_calls: { function: { arguments: text } } } },
});
const end = (index: number) => ({ type: 'tool-call-end', index });
const content = (more: object, extra: object = {}) => ({
  type: 'content-delta',
  index: 0,
  delta: { message: { content: more } },
  ...extra,
});

/** Puts a streamed completion together, as a client does. */
function assemble(chunks: readonly Chunk[]) {
  const message = { content: '', reasoning: '', calls: [] as { id: unknown; name: unknown; arguments: string }[] };
  for (const each of deltasOf(chunks)) {
    message.content += (each['content'] as string | undefined) ?? '';
    message.reasoning += (each['reasoning_content'] as string | undefined) ?? '';
    const calls = each['tool_calls'] as {
      index: number;
      id?: string;
      function: { name?: string; arguments: string };
    }[];
    for (const { index, id, function: called } of calls ?? []) {
      const known = (message.calls[index] ??= { id, name: called.name, arguments: '' });
      known.arguments += called.arguments;
    }
  }
  return message;
}

describe('EventConverter', () => {
  it('turns text into chunks of one answer, with the role in the first and the reason in the last', () => {
    const { chunks, isDone, converter } = convert(streamOf({ pieces: ['Hel', 'lo'] }));
    expect(chunks[0]).toEqual({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 7,
      model: 'command-a-03-2025',
      choices: [
        { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
      ],
    });
    expect(deltasOf(chunks).slice(1)).toEqual([{ content: 'Hel' }, { content: 'lo' }, {}]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, 'stop']);
    expect(isDone).toBe(true);
    expect(converter).toMatchObject({ isWhole: true, isUsageFinal: true, characters: 5 });
  });

  it('leaves a stream without an end that had none', () => {
    const { isDone, converter } = convert(streamOf({}).slice(0, -1));
    expect(isDone).toBe(false);
    expect(converter).toMatchObject({ isWhole: false, isUsageFinal: false, usage: undefined });
  });

  it('ends with the usage where it was asked for', () => {
    const { chunks } = convert(streamOf({}), true);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
  });

  it('numbers parallel calls, gives plan and thoughts out, and makes an object of null and nothing', () => {
    const { chunks, converter } = convert([
      messageStart,
      content({ thinking: 'Hm. ' }),
      { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I will look.' } } },
      start(0, 'a'),
      piece(0, '{"'),
      piece(0, 'x":1}'),
      end(0),
      start(1, 'b'),
      piece(1, 'nu'),
      piece(1, 'll'),
      end(1),
      start(2, 'c'),
      end(2),
      start(3, 'd', '{}'),
      messageEnd('TOOL_CALL'),
    ]);
    expect(assemble(chunks)).toEqual({
      content: '',
      reasoning: 'Hm. I will look.',
      calls: [
        { id: 'a', name: 'look', arguments: '{"x":1}' },
        { id: 'b', name: 'look', arguments: '{}' },
        { id: 'c', name: 'look', arguments: '{}' },
        { id: 'd', name: 'look', arguments: '{}' },
      ],
    });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
    expect(converter.isWhole).toBe(true);
  });

  it('gives the log probabilities of a piece with it', () => {
    const logprobs = { text: 'Hi', token_ids: [1], logprobs: [-0.5] };
    const { chunks } = convert([messageStart, content({ text: 'Hi' }, { logprobs }), messageEnd('COMPLETE')]);
    expect(chunks[1]?.choices[0]).toMatchObject({
      delta: { content: 'Hi' },
      logprobs: { content: [{ token: 'Hi', logprob: -0.5 }] },
    });
  });

  it('is whole without the citations, which have no place, and not without what it does not know', () => {
    const citation = { type: 'citation-start', index: 0, delta: { message: { citations: { start: 0, end: 2 } } } };
    const stream = (odd: Json) =>
      convert([messageStart, content({ text: 'Hi' }), odd, messageEnd('COMPLETE')]).converter;
    expect(stream(citation).isWhole).toBe(true);
    expect(stream({ type: 'picture-delta' }).isWhole).toBe(false);
    expect(stream(piece(7, '{"lost":1}')).isWhole).toBe(false);
  });

  it('passes an error on, and ends with it', () => {
    for (const odd of [{ message: 'gone' }, messageEnd('ERROR', undefined, { error: 'gone' })]) {
      const { chunks, isDone } = convert([messageStart, content({ text: 'x' }), odd]);
      expect(chunks.at(-1)).toMatchObject({ error: { type: 'server_error', message: 'gone' } });
      expect(isDone).toBe(false);
    }
  });

  it('a stream comes to the same answer as the whole one, however it is cut into pieces', () => {
    const text = fc.string({ unit: 'grapheme' });
    const args = fc.oneof(
      fc.constantFrom('', 'null', 'nulls', ' null'),
      fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }).map((json) => JSON.stringify(json)),
    );
    const cut = (whole: string, size: number): string[] => whole.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    fc.assert(
      fc.property(
        text,
        text,
        fc.array(args, { maxLength: 3 }),
        fc.integer({ min: 1, max: 7 }),
        (said, thought, calls, size) => {
          const reason = calls.length > 0 ? 'TOOL_CALL' : 'COMPLETE';
          const message = {
            content: [
              { type: 'thinking', thinking: thought },
              { type: 'text', text: said },
            ],
            tool_calls: calls.map((each, i) => ({ id: `c${i}`, function: { name: 'look', arguments: each } })),
          };
          const whole = convertReply({ id: 'c1', message, finish_reason: reason }, 'm', 7)?.body['choices'] as {
            message: { content: string | null; reasoning_content?: string; tool_calls?: { function: Json }[] };
            finish_reason: string;
          }[];
          const { chunks, isDone } = convert([
            messageStart,
            ...cut(thought, size).map((each) => content({ thinking: each })),
            ...cut(said, size).map((each) => content({ text: each })),
            ...calls.flatMap((each, i) => [
              start(i, `c${i}`),
              ...cut(each, size).map((part) => piece(i, part)),
              end(i),
            ]),
            messageEnd(reason),
          ]);
          const assembled = assemble(chunks);
          expect(isDone).toBe(true);
          expect(assembled.content).toBe(whole[0]?.message.content ?? '');
          expect(assembled.reasoning).toBe(whole[0]?.message.reasoning_content ?? '');
          expect(assembled.calls.map((each) => each.arguments)).toEqual(
            (whole[0]?.message.tool_calls ?? []).map((each) => each.function['arguments']),
          );
          expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe(whole[0]?.finish_reason);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { EventConverter } from './convert-events';
import { convertReply } from './convert-reply';
import { answerOf } from './testing/golden-answers';

type Json = Record<string, unknown>;

const usage = { promptTokenCount: 25, candidatesTokenCount: 1, totalTokenCount: 26 };

interface Chunk {
  usage?: Json | null;
  service_tier?: string;
  choices: { delta: Json; finish_reason: string | null }[];
}

function convert(
  events: readonly Json[],
  { includeUsage = false, serviceTier = undefined as string | undefined } = {},
) {
  const converter = new EventConverter({ includeUsage, createdAtSeconds: 7 }, { serviceTier });
  const text = events.map((event) => converter.convert(event)).join('') + converter.endOfStream();
  const data = text
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^data: /, ''));
  const chunks = data.filter((each) => each !== '[DONE]').map((each) => JSON.parse(each) as Chunk);
  return { converter, chunks, isDone: data.at(-1) === '[DONE]' };
}

const deltasOf = (chunks: readonly Chunk[]): Json[] =>
  chunks.flatMap(({ choices }) => choices.map((each) => each.delta));

/** Puts a streamed completion together, as a client does. */
function assemble(chunks: readonly Chunk[]) {
  const message = { content: '', reasoning: '', calls: [] as Json[] };
  for (const each of deltasOf(chunks)) {
    message.content += (each['content'] as string | undefined) ?? '';
    message.reasoning += (each['reasoning_content'] as string | undefined) ?? '';
    for (const { index, ...call } of (each['tool_calls'] as (Json & { index: number })[] | undefined) ?? []) {
      message.calls[index] = call;
    }
  }
  return message;
}

describe('EventConverter', () => {
  it('turns text into chunks of one answer, with the role in the first and the reason in the last', () => {
    const { chunks, isDone, converter } = convert([
      answerOf([{ text: 'Hel' }], usage),
      answerOf([{ text: 'lo' }], usage),
      answerOf([{ text: '' }], usage, 'STOP'),
    ]);
    expect(chunks[0]).toEqual({
      id: 'resp_1',
      object: 'chat.completion.chunk',
      created: 7,
      model: 'gemini-2.5-flash',
      choices: [
        { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
      ],
    });
    expect(deltasOf(chunks).slice(1)).toEqual([{ content: 'Hel' }, { content: 'lo' }, {}]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, 'stop']);
    expect(isDone).toBe(true);
    expect(converter).toMatchObject({ isWhole: true, isUsageFinal: true, characters: 5 });
  });

  it('says the end once, where every event names a reason, as older models do', () => {
    const { chunks } = convert([answerOf([{ text: 'a' }], usage, 'STOP'), answerOf([{ text: 'b' }], usage, 'STOP')]);
    expect(assemble(chunks).content).toBe('ab');
    expect(chunks.filter(({ choices }) => choices[0]?.finish_reason === 'stop')).toHaveLength(1);
  });

  it('leaves a stream without an end that had none', () => {
    const { chunks, isDone, converter } = convert([answerOf([{ text: 'a' }], usage)]);
    expect(chunks).toHaveLength(2);
    expect(isDone).toBe(false);
    expect(converter).toMatchObject({ isWhole: false, isUsageFinal: false });
  });

  it('ends with the usage where it was asked for, in the totals of the last event, and names the tier', () => {
    const last = { promptTokenCount: 25, candidatesTokenCount: 9, thoughtsTokenCount: 40, totalTokenCount: 74 };
    const events = [answerOf([{ text: 'a' }], usage), answerOf([{ text: 'b' }], last, 'STOP')];
    const { chunks } = convert(events, { includeUsage: true, serviceTier: 'priority' });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      service_tier: 'priority',
      usage: {
        prompt_tokens: 25,
        completion_tokens: 49,
        total_tokens: 74,
        completion_tokens_details: { reasoning_tokens: 40 },
      },
    });
  });

  it('numbers parallel calls and gives thoughts and signatures out', () => {
    const { chunks } = convert([
      answerOf([{ text: 'Let me', thought: true }], usage),
      answerOf([{ functionCall: { id: 'a', name: 'look', args: { x: 1 } }, thoughtSignature: 's' }], usage),
      answerOf([{ functionCall: { id: 'b', name: 'look', args: {} } }], usage),
      answerOf([{ text: '', thoughtSignature: 't' }], usage, 'STOP'),
    ]);
    expect(assemble(chunks)).toEqual({
      content: '',
      reasoning: 'Let me',
      calls: [
        {
          id: 'a',
          type: 'function',
          function: { name: 'look', arguments: '{"x":1}' },
          extra_content: { google: { thought_signature: 's' } },
        },
        { id: 'b', type: 'function', function: { name: 'look', arguments: '{}' } },
      ],
    });
    expect(deltasOf(chunks)).toContainEqual({ extra_content: { google: { thought_signature: 't' } } });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('says that a prompt was blocked', () => {
    const { chunks, isDone } = convert([{ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: usage }]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('content_filter');
    expect(isDone).toBe(true);
  });

  it('passes an error on in words that our table knows, and ends with it', () => {
    const error = { error: { code: 503, status: 'UNAVAILABLE', message: 'Overloaded' } };
    const { chunks, isDone } = convert([answerOf([{ text: 'x' }], usage, 'STOP'), error]);
    expect(chunks.at(-1)).toMatchObject({ error: { type: 'overloaded_error', message: 'Overloaded' } });
    expect(isDone).toBe(false);
  });

  it('remembers a part that it could not translate', () => {
    const { converter } = convert([answerOf([{ executableCode: {} }, { text: 'x' }], usage, 'STOP')]);
    expect(converter.isWhole).toBe(false);
  });

  it('a stream comes to the same answer as the whole one, however its parts are spread over events', () => {
    const part = fc.oneof(
      fc.record({ text: fc.string({ unit: 'grapheme' }) }),
      fc.record({ text: fc.string({ minLength: 1 }), thought: fc.constant(true) }),
      fc.record({
        functionCall: fc.record({
          id: fc.uuid(),
          name: fc.constant('look'),
          args: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
        }),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 3 }), { minLength: 1, maxLength: 4 }), (events) => {
        const whole = convertReply(answerOf(events.flat(), usage, 'STOP'), 7)?.body['choices'] as {
          message: Json;
          finish_reason: string;
        }[];
        const message = whole[0]?.message ?? {};
        const { chunks, isDone } = convert(
          events.map((parts, i) => answerOf(parts, usage, i === events.length - 1 ? 'STOP' : undefined)),
        );
        expect(isDone).toBe(true);
        expect(assemble(chunks)).toEqual({
          content: message['content'] ?? '',
          reasoning: message['reasoning_content'] ?? '',
          calls: message['tool_calls'] ?? [],
        });
        expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe(whole[0]?.finish_reason);
      }),
    );
  });
});

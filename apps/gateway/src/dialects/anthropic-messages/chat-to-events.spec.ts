import { emptyUsage } from '@costlane/domain';
import fc from 'fast-check';
import type { ChatCompletion } from '../openai-chat/chunks';
import { streamCompletion } from '../openai-chat/stream-completion';
import { assembleMessage } from './assemble-message';
import { chatWriter } from './answer-writers';
import { ChatToEvents } from './chat-to-events';
import { parseMessageEvents } from './message';
import { streamMessage } from './stream-message';
import { toMessage } from './to-message';

const usage = { ...emptyUsage, freshInputTokens: 8, cacheReadTokens: 2, outputTokens: 4, reasoningTokens: 1 };
const told = { cost_usd: '0.1' };

const completionOf = (message: object, finishReason = 'stop', more: object = {}): ChatCompletion => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm-up',
  choices: [
    { index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finishReason, ...more },
  ],
});
const callOf = (id: string, args: string) => ({ id, type: 'function', function: { name: 'weather', arguments: args } });

const answers: [string, ChatCompletion][] = [
  ['a text', completionOf({ content: 'Hello, wörld 👋' })],
  ['a text that was cut', completionOf({ content: 'Hello' }, 'length')],
  ['calls', completionOf({ tool_calls: [callOf('t1', '{"city":"Oslo"}'), callOf('t2', '')] }, 'tool_calls')],
  [
    'a text and a call',
    completionOf({ content: 'I look.', tool_calls: [callOf('t1', '{"a":[1,"\\""]}')] }, 'tool_calls'),
  ],
  ['reasoning and a text', completionOf({ reasoning_content: 'hm', content: 'Yes' })],
  ['a refusal', completionOf({ refusal: 'No.' })],
  ['something filtered', completionOf({ content: 'Wel' }, 'content_filter')],
  ['nothing', completionOf({ content: '' })],
];

/** Everything but the usage at the beginning of a stream, which is not known yet there. */
function streamed(completion: ChatCompletion, cutAt: number[] = [], showThinking = true) {
  const bytes = streamCompletion(completion, true);
  const writer = chatWriter(showThinking).stream('m-up');
  const places = [0, ...cutAt.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
  const pieces = places.slice(1).map((end, i) => String(writer.push(bytes.subarray(places[i], end))));
  return Buffer.from(pieces.join('') + writer.end(usage, told));
}

describe('a streamed chat completion as the events of a message', () => {
  it.each(answers)('spells out the same message as the whole answer does: %s', (_what, completion) => {
    const whole = toMessage(completion, { usage, showThinking: true });
    expect(assembleMessage(streamed(completion))).toEqual(whole);
    expect(assembleMessage(Buffer.from(streamMessage(whole, told)))).toEqual(whole);
  });

  it('is the same wherever the stream was cut', () => {
    const completions = fc.constantFrom(...answers.map(([, completion]) => completion));
    fc.assert(
      fc.property(completions, fc.array(fc.nat(), { maxLength: 6 }), (completion, cuts) => {
        expect(streamed(completion, cuts).toString()).toBe(streamed(completion).toString());
      }),
    );
  });

  it('has the events in Anthropic’s order, one block after the other, and the costs in the last', () => {
    const [, , [, calls]] = answers as [unknown, unknown, [string, ChatCompletion]];
    const events = parseMessageEvents(streamed(calls));
    expect(events.map(({ type, index }) => (index === undefined ? type : `${String(type)} ${String(index)}`))).toEqual([
      'message_start',
      'ping',
      'content_block_start 0',
      'content_block_delta 0',
      'content_block_stop 0',
      'content_block_start 1',
      'content_block_stop 1',
      'message_delta',
      'message_stop',
    ]);
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: {
        input_tokens: 8,
        cache_read_input_tokens: 2,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 1 },
      },
    });
    expect(events.at(-1)).toEqual({ type: 'message_stop', costlane: told });
  });

  it('shows no thinking to who did not ask for it', () => {
    const completion = completionOf({ reasoning_content: 'hm', content: 'Yes' });
    const content = [{ type: 'text', text: 'Yes', citations: null }];
    expect(assembleMessage(streamed(completion, [], false)).content).toEqual(content);
    expect(toMessage(completion, { usage, showThinking: false }).content).toEqual(content);
  });

  it('names the stop sequence where the server did', () => {
    const completion = completionOf({ content: 'a' }, 'stop', { stop_reason: 'END' });
    expect(toMessage(completion, { usage, showThinking: false })).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    });
  });

  it('leaves a call out that was cut off, and takes no broken one', () => {
    const broken = { tool_calls: [callOf('t1', '{"ci')] };
    expect(toMessage(completionOf(broken, 'length'), { usage, showThinking: false }).content).toEqual([]);
    expect(() => toMessage(completionOf(broken, 'tool_calls'), { usage, showThinking: false })).toThrow();
    expect(() => toMessage({ ...completionOf({}), choices: [] }, { usage, showThinking: false })).toThrow();
  });

  it('cannot tell pieces of a call whose block has ended', () => {
    const events = new ChatToEvents({ showThinking: false, model: 'm' });
    const piece = (index: number, name?: string) =>
      Buffer.from(
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index, id: 'x', function: { name, arguments: '{' } }] } }] })}\n\n`,
      );
    events.push(piece(0, 'a'));
    events.push(piece(1, 'b'));
    expect(() => events.push(piece(0))).toThrow();
  });

  it('begins and ends a stream that said nothing', () => {
    const message = assembleMessage(
      Buffer.from(new ChatToEvents({ showThinking: false, model: 'm' }).end(undefined, {})),
    );
    expect(message).toMatchObject({ model: 'm', content: [], stop_reason: 'end_turn' });
  });
});

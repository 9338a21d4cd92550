import fc from 'fast-check';
import type { WholeAnswer } from '../../core/answer';
import { nativeWriter } from './answer-writers';
import { assembleMessage } from './assemble-message';
import { parseMessageEvents, type Message } from './message';
import { streamMessage } from './stream-message';

const message: Message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [
    { type: 'thinking', thinking: 'Hm, 👋', signature: 'c2ln' },
    { type: 'redacted_thinking', data: 'xyz' },
    { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'a' } },
    { type: 'web_search_tool_result', tool_use_id: 's1', content: [{ url: 'https://a' }] },
    {
      type: 'text',
      text: `event: message_stop\n${'ä'.repeat(900)}`,
      citations: [{ type: 'char_location', cited_text: 'x' }],
    },
    { type: 'tool_use', id: 't1', name: 'look', input: { city: 'Oslo' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 9, cache_read_input_tokens: 0 },
};
const told = { cost_usd: '1' };
const events = Buffer.from(streamMessage(message, {}).replace(',"costlane":{}', ''));
const kept = (form: 'json' | 'sse', body: Buffer) => ({ form, body }) as WholeAnswer;

describe('an answer of a provider that speaks the dialect', () => {
  it('passes untouched in the form that it came in, with the costs at the end of a stream', () => {
    const body = Buffer.from('{ "type": "message" , "x": 1.50}');
    expect(nativeWriter.document(kept('json', body))).toBe(body);
    const stream = nativeWriter.events(kept('sse', events), told).toString();
    const upToStop = events.subarray(0, events.lastIndexOf('event: message_stop')).toString();
    expect(stream).toBe(
      `${upToStop}event: message_stop\ndata: {"type":"message_stop","costlane":{"cost_usd":"1"}}\n\n`,
    );
  });

  it('is told in the other form with nothing lost', () => {
    expect(JSON.parse(nativeWriter.document(kept('sse', events)).toString())).toEqual(message);
    const stream = nativeWriter.events(kept('json', Buffer.from(JSON.stringify(message))), told);
    expect(assembleMessage(stream)).toEqual(message);
    expect(parseMessageEvents(stream).at(-1)).toEqual({ type: 'message_stop', costlane: told });
  });

  it('is the same stream wherever it is cut on its way, and talk of its end does not end it', () => {
    const whole = nativeWriter.events(kept('sse', events), told).toString();
    fc.assert(
      fc.property(fc.array(fc.nat(events.length - 1), { maxLength: 8 }), (cuts) => {
        const writer = nativeWriter.stream('m');
        const places = [0, ...cuts.sort((a, b) => a - b), events.length];
        const pieces = places.slice(1).map((end, i) => String(writer.push(events.subarray(places[i], end))));
        expect(pieces.join('') + writer.end(undefined, told)).toBe(whole);
      }),
    );
  });

  it('is not told where what was kept is no message', () => {
    expect(() => nativeWriter.document(kept('sse', Buffer.from('data: {"type":"ping"}\n\n')))).toThrow();
    expect(() => nativeWriter.document(kept('sse', Buffer.from('data: {"ty\n\n')))).toThrow();
    expect(() => nativeWriter.events(kept('json', Buffer.from('{')), told)).toThrow();
  });
});

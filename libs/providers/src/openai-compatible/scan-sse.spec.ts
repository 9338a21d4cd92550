import { usageFromOpenAi } from '@costlane/domain';
import fc from 'fast-check';
import { SseScanner } from './scan-sse';

const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'gpt-4o', service_tier: 'default' };
const chunk = (delta: object, finishReason: string | null = null, rest: object = {}) =>
  JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }], ...rest });
const usageChunk = JSON.stringify({ ...head, choices: [], usage });
const event = (data: string, lineEnd = '\n') => `data: ${data}${lineEnd}${lineEnd}`;

const streamOf = (pieces: readonly string[], lineEnd = '\n') =>
  [
    chunk({ role: 'assistant', content: '' }),
    ...pieces.map((content) => chunk({ content })),
    chunk({}, 'stop'),
    usageChunk,
    '[DONE]',
  ]
    .map((data) => event(data, lineEnd))
    .join('');

/** Scans bytes that are cut at these places; gives back what was handed on. */
function scanCut(bytes: Buffer, cuts: readonly number[]) {
  const scanner = new SseScanner();
  const passed: Buffer[] = [];
  let from = 0;
  for (const at of [...cuts].sort((a, b) => a - b)) {
    passed.push(scanner.push(bytes.subarray(from, at)) ?? Buffer.alloc(0));
    from = at;
  }
  passed.push(scanner.push(bytes.subarray(from)) ?? Buffer.alloc(0), scanner.finish() ?? Buffer.alloc(0));
  return { scanner, passed };
}

const scan = (text: string) => scanCut(Buffer.from(text), []).scanner;
const utf8Length = (pieces: readonly string[]) => Buffer.byteLength(pieces.join(''));

describe('SseScanner', () => {
  it('finds everything out, wherever the bytes were split', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('"usage":{}', '\n\ndata: [DONE]\n\n', '\\', '"}'),
    );
    const pieces = fc.array(piece, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(4_000)), fc.constantFrom('\n', '\r\n'), (list, cuts, lineEnd) => {
        const bytes = Buffer.from(streamOf(list, lineEnd));
        const { scanner, passed } = scanCut(
          bytes,
          cuts.filter((at) => at <= bytes.length),
        );
        expect(Buffer.concat(passed)).toEqual(bytes);
        for (const block of passed)
          if (block.length > 0) expect(block.toString().endsWith(lineEnd + lineEnd)).toBe(true);
        expect(scanner).toMatchObject({
          isDone: true,
          fault: undefined,
          usage: usageFromOpenAi(usage)?.usage,
          finishReasons: ['stop'],
          modelUsed: 'gpt-4o',
          serviceTier: 'default',
          characters: utf8Length(list),
          isWhole: utf8Length(list) > 0,
        });
      }),
    );
  });

  it('gives the same for every single place where a stream can be cut in two', () => {
    const bytes = Buffer.from(streamOf(['Grüße', ' 你好', ' "x"']));
    for (let at = 0; at <= bytes.length; at++) {
      const { scanner, passed } = scanCut(bytes, [at]);
      expect(Buffer.concat(passed).equals(bytes)).toBe(true);
      expect([scanner.isWhole, scanner.characters]).toEqual([true, 18]);
    }
  });

  it('parses few of the events of a usual stream', () => {
    const parse = jest.spyOn(JSON, 'parse');
    const pieces = Array.from({ length: 500 }, (_, i) => `piece ${i}`);
    const scanner = scan(streamOf(pieces));
    const parsed = parse.mock.calls.length;
    parse.mockRestore();
    expect(scanner.characters).toBe(utf8Length(pieces));
    expect(parsed).toBeLessThanOrEqual(4);
  });

  it('counts tool calls, reasoning and refusals, in frames of their own', () => {
    const call = (args: string) => ({ tool_calls: [{ index: 0, function: { arguments: args } }] });
    const datas = [
      chunk({ reasoning_content: 'think ' }),
      chunk({ reasoning_content: 'hard' }),
      chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'river', arguments: '' } }] }),
      chunk(call('{"a":')),
      chunk(call('1}')),
      chunk({ refusal: 'no' }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    ];
    expect(scan(datas.map((data) => event(data)).join(''))).toMatchObject({
      characters: 10 + 5 + 7 + 2,
      finishReasons: ['tool_calls'],
      isWhole: true,
    });
  });

  it('reads spaced JSON, comments, other fields, and data without a space', () => {
    const spaced = '{"model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": null}]}';
    const text = `: ping\n\nevent: message\nid: 1\ndata:${spaced}\n\ndata: ${spaced}\n\n${event(chunk({}, 'stop'))}data: [DONE]\n\n`;
    expect(scan(text)).toMatchObject({ characters: 4, isWhole: true });
  });

  it('takes the last of several usages', () => {
    const later = { ...usage, completion_tokens: 25, total_tokens: 35 };
    const text =
      event(chunk({ content: 'a' }, null, { usage })) + event(chunk({ content: 'b' }, 'stop', { usage: later }));
    expect(scan(text).usage?.outputTokens).toBe(25);
  });

  it('is not taken in by text that looks like protocol', () => {
    const text = streamOf(['"finish_reason":"length"', '"usage":{"prompt_tokens":1}', 'data: [DONE]\n\n', '[DONE]']);
    const { finishReasons, usage: found } = scan(text);
    expect(finishReasons).toEqual(['stop']);
    expect(found).toEqual(usageFromOpenAi(usage)?.usage);
  });

  it('hands on what came before a broken event and nothing after', () => {
    const good = event(chunk({ content: 'Hi' }));
    const broken = 'data: {"choices":[{"index":0,"delta":{"content":"\n\n';
    const { scanner, passed } = scanCut(Buffer.from(good + broken + good), []);
    expect(Buffer.concat(passed).toString()).toBe(good);
    expect(scanner.fault).toEqual({ kind: 'malformed' });
    expect(scanner.push(Buffer.from(good))).toBeUndefined();
  });

  it('takes an event that lost its end inside the usual frame for broken', () => {
    const good = event(chunk({ content: 'Hi' }));
    expect(scan(good + good.replace('Hi"', 'Hi') + good).fault).toEqual({ kind: 'malformed' });
    expect(scan(good + good.replace('Hi', 'Hi\\') + good).fault).toEqual({ kind: 'malformed' });
    expect(scan(good + good.replace('Hi', 'H"i') + good).fault).toEqual({ kind: 'malformed' });
  });

  it.each(['{"error":{"message":"no"}}', '{"object":"error","message":"no"}', `{"choices":[],"error":{"code":502}}`])(
    'stops at the error %s',
    (data) => {
      const { fault } = scan(event(chunk({ content: 'Hi' })) + event(data));
      expect(fault).toEqual({ kind: 'error', body: Buffer.from(data) });
    },
  );

  it('completes a last event that lacks only its blank line, and drops one that was cut', () => {
    const start = event(chunk({ content: 'Hi' })) + event(chunk({}, 'stop'));
    const complete = scanCut(Buffer.from(`${start}data: [DONE]`), []);
    expect(complete.scanner.isWhole).toBe(true);
    expect(Buffer.concat(complete.passed).toString()).toBe(`${start}data: [DONE]\n\n`);
    const cut = scanCut(Buffer.from(`${start}data: {"choices":[{"ind`), []);
    expect(cut.scanner).toMatchObject({ isDone: false, fault: undefined });
    expect(Buffer.concat(cut.passed).toString()).toBe(start);
  });

  it('does not keep an event without end for ever', () => {
    const scanner = new SseScanner();
    const piece = Buffer.alloc(4 * 1024 * 1024, 'x');
    for (let i = 0; i < 5; i++) scanner.push(piece);
    expect(scanner.fault).toEqual({ kind: 'malformed' });
  });
});

import { createRedactor } from '@costlane/data-policy';
import type { AnswerListener, WholeAnswer } from '../answer';
import { encodeEvent, parseEvents } from '../../dialects/openai-chat/chunks';
import { end } from '../../testing/scripted-inference';
import { restoringListener } from './restoring-listener';

function subject() {
  const redactor = createRedactor();
  const redacted = redactor.redact('Write to ada@example.com or "bob"@example.com.');
  const wholes: WholeAnswer[] = [];
  const chunks: Buffer[] = [];
  const inner: AnswerListener = {
    whole: (answer) => void wholes.push(answer),
    head: () => undefined,
    chunk: (bytes) => void chunks.push(bytes),
    end: () => undefined,
  };
  return { listener: restoringListener(inner, redactor), redacted, wholes, chunks };
}

const event = (content: string | undefined, finish: string | null = null): Buffer =>
  Buffer.from(
    encodeEvent({ choices: [{ index: 0, delta: content === undefined ? {} : { content }, finish_reason: finish }] }),
  );

describe('the restoring listener', () => {
  it('puts values back into a document, escaped as JSON wants it', () => {
    const { listener, redacted, wholes } = subject();
    expect(redacted).toContain('[EMAIL_1]');
    const body = Buffer.from(JSON.stringify({ choices: [{ message: { content: `to [EMAIL_1]: ok` } }] }));
    listener.whole({ ...end(), form: 'json', body });
    expect(JSON.parse(wholes[0]?.body.toString('utf8') ?? '')).toEqual({
      choices: [{ message: { content: 'to ada@example.com: ok' } }],
    });
  });

  it('puts values back into a stream, however a placeholder is cut', () => {
    const { listener, chunks } = subject();
    for (const piece of ['Hi ', '[EM', 'AIL', '_', '1', '] and [EMAIL_9] and [EMA']) listener.chunk(event(piece));
    listener.chunk(event(undefined, 'stop'));
    const text = chunks
      .flatMap((bytes) => parseEvents(bytes))
      .map(({ choices }) => choices[0]?.delta.content ?? '')
      .join('');
    expect(text).toBe('Hi ada@example.com and [EMAIL_9] and [EMA');
  });

  it('puts values back into the arguments of tool calls', () => {
    const { listener, chunks } = subject();
    const call = (args: string) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: args } }] } }],
    });
    for (const piece of ['{"to":"[EMAIL', '_1]"}']) listener.chunk(Buffer.from(encodeEvent(call(piece))));
    const args = chunks
      .flatMap((bytes) => parseEvents(bytes))
      .map(({ choices }) => choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '')
      .join('');
    expect(JSON.parse(args)).toEqual({ to: 'ada@example.com' });
  });

  it('puts values back into a stream that was kept', () => {
    const { listener, wholes } = subject();
    listener.whole({ ...end(), form: 'sse', body: Buffer.concat([event('[EMAIL_'), event('1]', 'stop')]) });
    expect(wholes[0]?.body.toString('utf8')).toContain('ada@example.com');
  });
});

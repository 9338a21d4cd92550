import { createRestorer, type Redactor, type Restorer } from '@costlane/data-policy';
import { DONE_EVENT, encodeEvent, type ChatChunk, type Delta } from '../../dialects/openai-chat/chunks';
import type { AnswerEnd, AnswerListener, WholeAnswer } from '../answer';

/** Puts redacted values back into an answer in the chat dialect, on its way to the listener that renders it. */
export function restoringListener(inner: AnswerListener, redactor: Redactor): AnswerListener {
  const events = createEventRestorer(redactor);
  return {
    whole(answer: WholeAnswer) {
      const body =
        answer.form === 'json'
          ? Buffer.from(redactor.restore(answer.body.toString('utf8'), { isJson: true }))
          : createEventRestorer(redactor).restore(answer.body);
      inner.whole({ ...answer, body });
    },
    head: (head, tier, decision) => inner.head(head, tier, decision),
    chunk(bytes: Buffer) {
      inner.chunk(events.restore(bytes));
    },
    end: (end: AnswerEnd) => inner.end(end),
  };
}

/** A placeholder may be spread over several events: each text of the answer has a restorer of its own. */
function createEventRestorer(redactor: Redactor): { restore(events: Buffer): Buffer } {
  const restorers = new Map<string, Restorer>();
  const restorerOf = (key: string, isJson: boolean): Restorer => {
    let restorer = restorers.get(key);
    if (!restorer) restorers.set(key, (restorer = createRestorer(redactor, { isJson })));
    return restorer;
  };
  const restoreDelta = (choice: number, delta: Delta, isLast: boolean): Delta => {
    const restored: Delta = { ...delta };
    for (const field of ['content', 'refusal', 'reasoning_content'] as const) {
      const piece = delta[field];
      const key = `${choice}/${field}`;
      if (typeof piece !== 'string' && !(isLast && restorers.has(key))) continue;
      const restorer = restorerOf(key, false);
      const text = restorer.push(typeof piece === 'string' ? piece : '') + (isLast ? restorer.end() : '');
      if (text !== '' || typeof piece === 'string') restored[field] = text;
    }
    if (delta.tool_calls) {
      restored.tool_calls = delta.tool_calls.map((call, at) => {
        const piece = call.function?.arguments;
        if (piece === undefined) return call;
        const restorer = restorerOf(`${choice}/tool/${call.index ?? at}`, true);
        return { ...call, function: { ...call.function, arguments: restorer.push(piece) } };
      });
    }
    return restored;
  };
  const restoreChunk = (chunk: ChatChunk): ChatChunk => {
    if (!Array.isArray(chunk.choices)) return chunk;
    const choices = chunk.choices.map((choice) => {
      const isLast = typeof choice.finish_reason === 'string';
      return { ...choice, delta: restoreDelta(choice.index, choice.delta ?? {}, isLast) };
    });
    return { ...chunk, choices };
  };
  return {
    restore(bytes) {
      let restored = '';
      for (const line of bytes.toString('utf8').split(/\r\n|\n|\r/)) {
        if (!line.startsWith('data:')) continue;
        const data = line.slice('data:'.length).trim();
        restored += data === '[DONE]' ? DONE_EVENT : encodeEvent(restoreChunk(JSON.parse(data) as ChatChunk));
      }
      return Buffer.from(restored);
    },
  };
}

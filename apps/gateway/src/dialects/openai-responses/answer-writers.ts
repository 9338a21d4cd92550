import type { WholeAnswer } from '../../core/answer';
import type { AnswerWriter } from '../openai-answers/answer-writer';
import { ChatChunkReader, completionOf } from '../openai-answers/chat-chunk-reader';
import type { JsonObject } from '../openai-answers/refuse-field';
import { ChatToResponseEvents } from './chat-to-events';
import { errorEvent } from './event-writer';
import { NativeTail } from './native-tail';
import type { ResponseObject } from './response-object';
import { streamResponse } from './stream-response';
import { toResponse } from './to-response';

const answerName = 'a response';

/** Answers of providers that speak the dialect: their bytes as they are, unless they were kept in the other form. */
export const nativeWriter: AnswerWriter = {
  answerName,
  document: (answer) => (answer.form === 'json' ? answer.body : Buffer.from(JSON.stringify(lastResponse(answer.body)))),
  events(answer, told) {
    if (answer.form === 'json') {
      return Buffer.from(streamResponse(JSON.parse(answer.body.toString('utf8')) as ResponseObject, told));
    }
    const tail = new NativeTail();
    return Buffer.concat([tail.push(answer.body), Buffer.from(tail.end(told))]);
  },
  stream() {
    const tail = new NativeTail();
    return {
      push: (bytes) => tail.push(bytes),
      end: (told) => tail.end(told),
      fail: (error) => errorEvent(error, tail.nextNumber),
    };
  },
};

/** The response that the last event of a stream brings. Throws where there is none. */
function lastResponse(sse: Buffer): unknown {
  const lines = sse.toString('utf8').split('\n');
  for (const line of lines.reverse()) {
    if (!line.startsWith('data:') || line.slice(5).trim() === '[DONE]') continue;
    const { response } = JSON.parse(line.slice(5)) as { response?: unknown };
    if (response !== undefined) return response;
  }
  throw new Error('the stream has no response');
}

/** Chat completions, told as responses. */
export function chatWriter(repeated: () => JsonObject): AnswerWriter {
  const responseOf = (answer: WholeAnswer): ResponseObject => toResponse(completionOf(answer), repeated());
  return {
    answerName: 'a chat completion',
    document: (answer) => Buffer.from(JSON.stringify(responseOf(answer))),
    events: (answer, told) => Buffer.from(streamResponse(responseOf(answer), told)),
    stream() {
      const reader = new ChatChunkReader();
      const events = new ChatToResponseEvents(repeated());
      const taken = (chunks: ReturnType<ChatChunkReader['push']>): string =>
        chunks.map((chunk) => events.take(chunk)).join('');
      return {
        push: (bytes) => taken(reader.push(bytes)),
        end: (told) => taken(reader.finish()) + events.end(told),
        fail: (error) => events.fail(error),
      };
    },
  };
}

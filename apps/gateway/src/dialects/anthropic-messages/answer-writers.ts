import type { WholeAnswer } from '../../core/answer';
import { assembleCompletion } from '../openai-chat/assemble-completion';
import type { ChatCompletion } from '../openai-chat/chunks';
import type { TokenUsage } from '@costlane/domain';
import { assembleMessage } from './assemble-message';
import { ChatToEvents } from './chat-to-events';
import { encodeMessageEvent, type Message } from './message';
import type { JsonObject } from './refuse-field';
import { createStopTail } from './stop-tail';
import { streamMessage } from './stream-message';
import { toMessage } from './to-message';
import { WholeEvents } from './whole-events';

/** A streamed answer on its way. Both throw on what cannot be told. */
export interface StreamWriter {
  push(bytes: Buffer): Buffer | string;
  /** What is left to be sent at a good end; `told` goes with the last event. */
  end(usage: TokenUsage | undefined, told: JsonObject): string;
}

/** How the answers of one kind of provider become messages. All of it throws on what is none. */
export interface AnswerWriter {
  document(answer: WholeAnswer): Buffer;
  events(answer: WholeAnswer, told: JsonObject): Buffer;
  stream(model: string): StreamWriter;
}

/** Answers of providers that speak the dialect: their bytes as they are, unless they were kept in the other form. */
export const nativeWriter: AnswerWriter = {
  document: ({ form, body }) => (form === 'json' ? body : Buffer.from(JSON.stringify(assembleMessage(body)))),
  events({ form, body }, told) {
    if (form === 'json') return Buffer.from(streamMessage(JSON.parse(body.toString('utf8')) as Message, told));
    const tail = createStopTail();
    return Buffer.concat([tail.push(body), Buffer.from(stopEvent(told))]);
  },
  stream() {
    const whole = new WholeEvents();
    const tail = createStopTail();
    return {
      push: (bytes) => tail.push(whole.push(bytes)),
      end: (_usage, told) => stopEvent(told),
    };
  },
};

const stopEvent = (told: JsonObject): string => encodeMessageEvent({ type: 'message_stop', costlane: told });

/** Chat completions, told as messages. */
export function chatWriter(showThinking: boolean): AnswerWriter {
  const messageOf = ({ form, body, header }: WholeAnswer): Message =>
    toMessage(form === 'json' ? (JSON.parse(body.toString('utf8')) as ChatCompletion) : assembleCompletion(body), {
      usage: header.usage,
      showThinking,
    });
  return {
    document: (answer) => Buffer.from(JSON.stringify(messageOf(answer))),
    events: (answer, told) => Buffer.from(streamMessage(messageOf(answer), told)),
    stream(model) {
      const whole = new WholeEvents();
      const events = new ChatToEvents({ showThinking, model });
      return {
        push: (bytes) => events.push(whole.push(bytes)),
        end: (usage, told) => events.push(whole.rest()) + events.end(usage, told),
      };
    },
  };
}

import type { AnswerWriter, ToldCosts } from '../openai-answers/answer-writer';
import { ChatChunkReader, completionOf } from '../openai-answers/chat-chunk-reader';
import { DONE_EVENT, encodeEvent, type ChatChunk } from '../openai-chat/chunks';
import { streamCompletion } from '../openai-chat/stream-completion';
import { toTextChunk, toTextCompletion, toUsageChunk } from './to-text-completion';

/** Chat completions, told as text completions. */
export function completionsWriter(includeUsage: boolean): AnswerWriter {
  const stream = () => {
    const reader = new ChatChunkReader();
    let usageChunk: ChatChunk | undefined;
    const told = (chunks: ChatChunk[]): string => {
      let events = '';
      for (const chunk of chunks) {
        if (chunk.usage) usageChunk = chunk;
        const text = toTextChunk(chunk);
        if (text) events += encodeEvent(text);
      }
      return events;
    };
    return {
      push: (bytes: Buffer) => told(reader.push(bytes)),
      end: (costs: ToldCosts) => {
        const rest = told(reader.finish());
        const last =
          includeUsage && usageChunk
            ? encodeEvent({ ...toUsageChunk(usageChunk), costlane: costs })
            : `: costlane ${JSON.stringify(costs)}\n\n`;
        return rest + last + DONE_EVENT;
      },
      fail: (error: object) => encodeEvent({ error }),
    };
  };
  return {
    answerName: 'a chat completion',
    document: (answer) => Buffer.from(JSON.stringify(toTextCompletion(completionOf(answer)))),
    events(answer, costs) {
      const { push, end } = stream();
      const told = push(streamCompletion(completionOf(answer), true));
      return Buffer.from(told + end(costs));
    },
    stream,
  };
}

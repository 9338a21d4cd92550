import { StringDecoder } from 'node:string_decoder';
import type { ChatChunk, ChatCompletion } from '../openai-chat/chunks';
import { assembleCompletion } from '../openai-chat/assemble-completion';
import type { WholeAnswer } from '../../core/answer';

/** A line longer than this is no event of a chat stream; reading on would only fill memory. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/** Reads the chunks of a chat stream as they come, however their bytes are cut. */
export class ChatChunkReader {
  private readonly decoder = new StringDecoder('utf8');
  private line = '';

  /** The chunks that these bytes complete. Throws on an event that is not JSON. */
  push(bytes: Buffer): ChatChunk[] {
    const lines = (this.line + this.decoder.write(bytes)).split('\n');
    this.line = lines.pop() ?? '';
    if (this.line.length > MAX_LINE_CHARACTERS) throw new Error('an event of the stream is too long');
    return lines.flatMap(chunkOfLine);
  }

  /** What a last line without its end holds. */
  finish(): ChatChunk[] {
    const rest = this.line + this.decoder.end();
    this.line = '';
    return chunkOfLine(rest);
  }
}

function chunkOfLine(line: string): ChatChunk[] {
  if (!line.startsWith('data:')) return [];
  const data = line.slice(5).trim();
  return data === '' || data === '[DONE]' ? [] : [JSON.parse(data) as ChatChunk];
}

/** A whole chat answer as a completion, in whichever form it was kept. Throws on what is none. */
export function completionOf({ form, body }: Pick<WholeAnswer, 'form' | 'body'>): ChatCompletion {
  const completion = form === 'sse' ? assembleCompletion(body) : (JSON.parse(body.toString('utf8')) as ChatCompletion);
  if (!Array.isArray(completion.choices)) throw new Error('not a chat completion');
  return completion;
}

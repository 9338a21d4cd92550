import { StringDecoder } from 'node:string_decoder';
import type { ChatChunk } from '../openai-chat/chunks';

/** A line longer than this is no event of a chat stream; reading on would only fill memory. */
const MAX_LINE_CHARACTERS = 8 * 1024 * 1024;

/** Reads the text out of a chat stream as it comes, however its bytes are cut. Only the first choice: our requests ask for one. */
export class DeltaReader {
  private readonly decoder = new StringDecoder('utf8');
  private line = '';

  /** Gives the text that these bytes complete; may be empty. Throws on an event that is not JSON. */
  push(bytes: Buffer): string {
    const lines = (this.line + this.decoder.write(bytes)).split('\n');
    this.line = lines.pop() ?? '';
    if (this.line.length > MAX_LINE_CHARACTERS) throw new Error('an event of the stream is too long');
    let text = '';
    for (const line of lines) text += textOfLine(line);
    return text;
  }

  /** What a last line without its end holds. */
  finish(): string {
    const rest = this.line + this.decoder.end();
    this.line = '';
    return textOfLine(rest);
  }
}

function textOfLine(line: string): string {
  if (!line.startsWith('data:')) return '';
  const data = line.slice(5).trim();
  if (data === '' || data === '[DONE]') return '';
  const chunk = JSON.parse(data) as Partial<ChatChunk>;
  let text = '';
  for (const { index, delta } of chunk.choices ?? []) {
    if (index === 0) text += delta?.content ?? delta?.refusal ?? '';
  }
  return text;
}

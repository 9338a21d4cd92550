import type { WholeAnswer } from '../../core/answer';
import type { ChatCompletion } from '../openai-chat/chunks';
import { DeltaReader } from './delta-reader';

/** The text of an answer in whichever form it was kept. Throws when it is not what a chat provider answers. */
export function textOfAnswer({ form, body }: Pick<WholeAnswer, 'form' | 'body'>): string {
  if (form === 'sse') {
    const reader = new DeltaReader();
    return reader.push(body) + reader.finish();
  }
  const { choices } = JSON.parse(body.toString('utf8')) as Partial<ChatCompletion>;
  const message = choices?.[0]?.message;
  return message?.content ?? message?.refusal ?? '';
}

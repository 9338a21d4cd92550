import { StreamAnswer } from './read-answer';
import { refusalOpening } from './refusal';

/** A stream is held back for no longer than this, from its head on. */
export const holdMaxMs = 1_500;
/** Nor beyond so many characters of text: what is longer is no plain refusal. */
export const HOLD_MAX_CHARACTERS = 200;
/** Events without text (of reasoning, say) may be long. */
const HOLD_MAX_BYTES = 256 * 1024;

export interface StreamGate {
  /** Takes the next bytes of a stream that is held back; `open`: it need not be any longer. */
  push(bytes: Buffer): 'hold' | 'open';
}

/** Holds a stream back while nothing was said: one that breaks off before its first word can be given by another model. */
export function createFirstWordGate(): StreamGate {
  const answer = new StreamAnswer();
  let bytesHeld = 0;
  return {
    push(bytes) {
      answer.push(bytes);
      bytesHeld += bytes.length;
      const { text, hasRefusal, hasOtherContent } = answer.facts;
      return text !== '' || hasRefusal || hasOtherContent || bytesHeld > HOLD_MAX_BYTES ? 'open' : 'hold';
    },
  };
}

/**
 * Whether a stream's beginning has to be held back: while nothing was said, and while what was said could still be a refusal. So an empty
 * answer or a refusal can be replaced before the client has seen a part of it; any other passes with its first words.
 */
export function createStreamGate(): StreamGate {
  const answer = new StreamAnswer();
  let bytesHeld = 0;
  return {
    push(bytes) {
      answer.push(bytes);
      bytesHeld += bytes.length;
      const { text, hasRefusal, hasOtherContent } = answer.facts;
      if (hasOtherContent || bytesHeld > HOLD_MAX_BYTES) return 'open';
      if (hasRefusal) return 'hold';
      const said = text.trimStart();
      if (said.length > HOLD_MAX_CHARACTERS) return 'open';
      return said === '' || refusalOpening(said) !== 'no' ? 'hold' : 'open';
    },
  };
}

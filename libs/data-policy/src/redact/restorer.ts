import { MAX_PLACEHOLDER_LENGTH, mayBecomePlaceholder } from './placeholder';
import type { Redactor, RestoreOptions } from './redactor';

/** Puts values back into a text that comes in pieces, of which a placeholder may span several. */
export interface Restorer {
  /** What of the text can be passed on after this piece; a tail that may be the beginning of a placeholder waits for the next. */
  push(piece: string): string;
  /** What was still waiting. To be called when the text is complete. */
  end(): string;
}

/** A restorer for one text, such as the content of one choice or the arguments of one tool call. Never holds back more than a placeholder's length. */
export function createRestorer(redactor: Pick<Redactor, 'restore' | 'size'>, options?: RestoreOptions): Restorer {
  let waiting = '';
  return {
    push(piece) {
      if (redactor.size === 0) return piece;
      const text = waiting + piece;
      const cut = openTail(text);
      waiting = text.slice(cut);
      return redactor.restore(text.slice(0, cut), options);
    },
    end() {
      const rest = waiting;
      waiting = '';
      return rest;
    },
  };
}

/** Where the beginning of an incomplete placeholder at the text's end is; the text's length where there is none. */
function openTail(text: string): number {
  const bracket = text.lastIndexOf('[');
  if (bracket < 0 || text.length - bracket > MAX_PLACEHOLDER_LENGTH) return text.length;
  return mayBecomePlaceholder(text.slice(bracket)) ? bracket : text.length;
}

const NULL = 'null';

/** The arguments of a call: a function without parameters is called with `null` or nothing at all, where OpenAI's clients parse an object. */
export const argumentsOf = (text: string): string => (text.trim() === '' || text.trim() === NULL ? '{}' : text);

/** Passes the arguments of one streamed call on in pieces, but for those that may still become `null`. */
export class ArgumentPieces {
  private held = '';
  private hasPassed = false;

  /** The next piece as it may go on; empty while nothing is sure. */
  push(piece: string): string {
    if (this.hasPassed) return piece;
    this.held += piece;
    if (NULL.startsWith(this.held.trimStart())) return '';
    this.hasPassed = true;
    return this.held;
  }

  /** What is left to be said when the call is complete. */
  end(): string {
    if (this.hasPassed) return '';
    this.hasPassed = true;
    return argumentsOf(this.held);
  }
}

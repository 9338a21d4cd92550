const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TWO_LINE_FEEDS = Buffer.from('\n\n');
const TWO_LINE_ENDS = Buffer.from('\n\r\n');
const NO_BYTES = Buffer.alloc(0);

/**
 * Cuts a byte stream of server-sent events into blocks of whole events, wherever it was split on the way. Lines may end
 * in LF or CRLF (no provider sends lone CRs). What arrives as whole events is passed on without being copied.
 */
export class SseBlocks {
  private held: Buffer[] = [];
  private heldBytes = 0;

  /** Bytes of an event that has not ended yet. */
  get pendingBytes(): number {
    return this.heldBytes;
  }

  /** The events that are complete with these bytes; undefined while there are none. */
  push(bytes: Buffer): Buffer | undefined {
    const end = this.endOfEvents(bytes);
    if (end === 0) {
      this.hold(bytes);
      return undefined;
    }
    const head = end === bytes.length ? bytes : bytes.subarray(0, end);
    const block = this.heldBytes > 0 ? Buffer.concat([...this.held, head]) : head;
    this.held = [];
    this.heldBytes = 0;
    if (end < bytes.length) this.hold(bytes.subarray(end));
    return block;
  }

  /** What is left at the end of the stream: an event whose blank line was not sent. Empty when there is none. */
  rest(): Buffer {
    return this.heldBytes > 0 ? Buffer.concat(this.held) : NO_BYTES;
  }

  private hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.held.push(bytes);
    this.heldBytes += bytes.length;
  }

  /** Offset after the last blank line; the blank line may have begun in what is held. */
  private endOfEvents(bytes: Buffer): number {
    const size = bytes.length;
    // By far the most frequent case: the provider writes whole events.
    if (size >= 2 && bytes[size - 1] === LINE_FEED && bytes[size - 2] === LINE_FEED) return size;
    const plain = bytes.lastIndexOf(TWO_LINE_FEEDS);
    const withReturn = bytes.lastIndexOf(TWO_LINE_ENDS);
    const end = Math.max(plain < 0 ? 0 : plain + 2, withReturn < 0 ? 0 : withReturn + 3);
    return end > 0 || this.heldBytes === 0 ? end : this.endAcrossBorder(bytes);
  }

  private endAcrossBorder(bytes: Buffer): number {
    const before = this.lastHeldBytes();
    const first = bytes[0];
    if (before.endsWith('\n')) {
      if (first === LINE_FEED) return 1;
      if (first === CARRIAGE_RETURN && bytes[1] === LINE_FEED) return 2;
    }
    return before.endsWith('\n\r') && first === LINE_FEED ? 1 : 0;
  }

  private lastHeldBytes(): string {
    let last = '';
    for (let i = this.held.length - 1; i >= 0 && last.length < 2; i--) {
      last = (this.held[i]?.subarray(-2).toString('latin1') ?? '') + last;
    }
    return last;
  }
}

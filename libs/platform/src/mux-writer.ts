import { CostlaneError } from '@costlane/domain';
import type { MuxFrame, MuxMessage } from '@costlane/contracts';

/** The writing half of a gRPC stream, of either side. */
export interface FrameSink {
  write(frame: MuxFrame, callback: (error?: Error | null) => void): boolean;
}

export interface FrameWriterOptions {
  sink: FrameSink;
  /** A frame is closed when it has this many bytes; what is left goes into the next. */
  frameBytes?: number;
  /** With more waiting than this the peer is not reading: {@link onStuck} is called once. */
  maxPendingBytes?: number;
  onStuck(error: CostlaneError): void;
}

const DEFAULT_FRAME_BYTES = 1024 * 1024;
const DEFAULT_MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** Ids, kind and framing of one message, roughly; only for accounting. */
const MESSAGE_OVERHEAD_BYTES = 24;

/**
 * Gathers messages into frames: one frame per turn of the event loop, and none while the one before is not flushed, so that a slow
 * peer makes frames larger instead of more. gRPC calls a write back only when HTTP/2 flow control has taken it, which is the
 * back-pressure honoured here.
 */
export class FrameWriter {
  private pending: MuxMessage[] = [];
  private pendingBytes = 0;
  private isScheduled = false;
  private isWriting = false;
  private isClosed = false;
  private readonly sink: FrameSink;
  private readonly frameBytes: number;
  private readonly maxPendingBytes: number;
  private readonly onStuck: (error: CostlaneError) => void;
  private onIdle: (() => void) | undefined;
  private readonly flushNow = () => {
    this.isScheduled = false;
    this.flush();
  };
  private readonly onFlushed = () => {
    this.isWriting = false;
    if (this.pending.length > 0 || this.onIdle) this.flush();
  };

  constructor({ sink, frameBytes, maxPendingBytes, onStuck }: FrameWriterOptions) {
    this.sink = sink;
    this.frameBytes = frameBytes ?? DEFAULT_FRAME_BYTES;
    this.maxPendingBytes = maxPendingBytes ?? DEFAULT_MAX_PENDING_BYTES;
    this.onStuck = onStuck;
  }

  push(message: MuxMessage): void {
    if (this.isClosed) return;
    this.pending.push(message);
    this.pendingBytes += message.body.length + MESSAGE_OVERHEAD_BYTES;
    if (this.pendingBytes > this.maxPendingBytes) {
      this.close();
      this.onStuck(new CostlaneError('unavailable', 'The other end of the stream does not read.'));
      return;
    }
    if (this.isWriting || this.isScheduled) return;
    this.isScheduled = true;
    // After this turn's I/O callbacks: whatever else they send travels in the same frame.
    setImmediate(this.flushNow);
  }

  /** Takes no more, writes what is waiting, then calls back. */
  flushAndThen(callback: () => void): void {
    if (this.isClosed) return callback();
    this.isClosed = true;
    this.onIdle = callback;
    if (!this.isWriting) this.flush();
  }

  /** Drops what is waiting; nothing is written any more. */
  close(): void {
    this.isClosed = true;
    this.pending = [];
    this.pendingBytes = 0;
  }

  private flush(): void {
    if (this.isWriting) return;
    if (this.pending.length === 0) {
      this.onIdle?.();
      this.onIdle = undefined;
      return;
    }
    const messages = this.takeFrame();
    this.isWriting = true;
    this.sink.write({ messages }, this.onFlushed);
  }

  private takeFrame(): MuxMessage[] {
    if (this.pendingBytes <= this.frameBytes) {
      const all = this.pending;
      this.pending = [];
      this.pendingBytes = 0;
      return all;
    }
    let bytes = 0;
    let count = 0;
    for (const message of this.pending) {
      const size = message.body.length + MESSAGE_OVERHEAD_BYTES;
      if (count > 0 && bytes + size > this.frameBytes) break;
      bytes += size;
      count += 1;
    }
    this.pendingBytes -= bytes;
    return this.pending.splice(0, count);
  }
}

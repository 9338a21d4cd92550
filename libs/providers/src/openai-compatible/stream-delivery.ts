import type { ProviderSink } from '../provider';
import type { StreamScanner } from './answer-format';

/** What the delivery needs of the connection that the stream comes from. */
export interface PausableSource {
  pause(): void;
  resume(): void;
}

export interface StreamHead {
  status: number;
  contentType: string;
}

/**
 * Brings a stream to its sink: whole events, gathered over one tick (a provider that writes every event as an HTTP chunk
 * of its own would otherwise cost a message each), with back-pressure, and nothing at all when the first thing that
 * comes is a fault, so that the call can still be made again.
 */
export class StreamDelivery {
  hasDelivered = false;
  /** When the first content was seen, on the `performance.now()` clock. */
  firstContentAtMs: number | undefined;
  private waiting: Buffer[] = [];
  private isFlushDue = false;

  constructor(
    private readonly head: StreamHead,
    private readonly sink: ProviderSink,
    private readonly source: PausableSource,
    private readonly onSinkError: (error: unknown) => void,
    readonly scanner: StreamScanner,
  ) {}

  /** Takes bytes of the stream; false when it is at fault and nothing more is wanted. */
  push(bytes: Buffer): boolean {
    this.enqueue(this.scanner.push(bytes));
    return this.settleFault();
  }

  /** The stream has come to its end, proper or not: everything that can be delivered is. */
  finish(): void {
    this.enqueue(this.scanner.finish());
    if (this.settleFault()) this.flush();
  }

  private settleFault(): boolean {
    if (!this.scanner.fault) return true;
    // Nothing has been shown yet: rather a clean error (or another attempt) than half an answer.
    if (this.hasDelivered) this.flush();
    else this.waiting = [];
    return false;
  }

  private enqueue(events: Buffer | undefined): void {
    if (!events) return;
    if (this.firstContentAtMs === undefined && this.scanner.characters > 0) this.firstContentAtMs = performance.now();
    this.waiting.push(events);
    if (this.isFlushDue) return;
    this.isFlushDue = true;
    queueMicrotask(() => this.flush());
  }

  private flush(): void {
    this.isFlushDue = false;
    const [first] = this.waiting;
    if (first === undefined) return;
    const bytes = this.waiting.length === 1 ? first : Buffer.concat(this.waiting);
    this.waiting = [];
    try {
      this.deliver(bytes);
    } catch (error) {
      this.onSinkError(error);
    }
  }

  private deliver(bytes: Buffer): void {
    if (!this.hasDelivered) {
      this.hasDelivered = true;
      this.sink.head(this.head);
    }
    const { sink, source } = this;
    if (!sink.chunk(bytes) && sink.onResume) {
      source.pause();
      sink.onResume(() => source.resume());
    }
  }
}

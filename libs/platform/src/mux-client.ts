import { CostlaneError } from '@costlane/domain';
import { MuxKind } from '@costlane/contracts';
import type { MuxMessage } from '@costlane/contracts';
import type { Logger } from './logger';
import { MuxConnection } from './mux-connection';
import type { MuxMethodDefinition } from './mux-connection';
import { parseErrorMessage } from './mux-error';

export interface MuxClientOptions {
  /** `host:port`. */
  address: string;
  logger: Logger;
  /** Method definition as generated, `RouterServiceService.mux` for example. */
  path: MuxMethodDefinition;
  /** Limit of a call that sets none. */
  callTimeoutMs: number;
  /** Told when the stream comes up or is lost. */
  onState?(isConnected: boolean): void;
  /** Open calls above this are refused with `overloaded`; default 10,000. */
  maxOpenCalls?: number;
}

export interface MuxCallOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface MuxStreamHandlers {
  onChunk(body: Buffer): void;
  /** Called exactly once, unless {@link MuxClient.open}'s `cancel` came first. */
  onEnd(error?: CostlaneError, body?: Buffer): void;
}

export interface MuxClient {
  /**
   * One call, one reply (chunks on the way are dropped). Rejects with a {@link CostlaneError}: `unavailable` at once while the
   * stream is down or when it breaks, `deadline_exceeded`, `cancelled` when `signal` aborts, or the server's own code.
   */
  call(method: string, body: Buffer, options?: MuxCallOptions): Promise<Buffer>;
  /** A call whose reply comes in parts. The limit counts from the start to the last part. */
  open(method: string, body: Buffer, handlers: MuxStreamHandlers, options?: MuxCallOptions): { cancel(): void };
  /** Resolves when the stream is up; rejects with `unavailable` when that takes longer. */
  ready(timeoutMs: number): Promise<void>;
  readonly isConnected: boolean;
  readonly openCalls: number;
  close(): void;
}

interface OpenCall {
  deadlineAtMs: number;
  onChunk: ((body: Buffer) => void) | undefined;
  onEnd(error: CostlaneError | undefined, body?: Buffer): void;
}

/** Deadlines are looked at this often, all in one go: a timer per call would cost more than the call. */
const SWEEP_MS = 20;
const MAX_CALL_ID = 0xffff_ffff;

/** The caller's side of a multiplexed stream: connects in the background and reconnects by itself. */
export function createMuxClient(options: MuxClientOptions): MuxClient {
  return new StreamMuxClient(options);
}

class StreamMuxClient implements MuxClient {
  private readonly calls = new Map<number, OpenCall>();
  private readonly connection: MuxConnection;
  private readonly maxOpenCalls: number;
  private readonly waiting = new Set<() => void>();
  private sweepTimer: NodeJS.Timeout | undefined;
  private lastId = 0;
  private nowMs = Date.now();

  constructor(private readonly options: MuxClientOptions) {
    this.maxOpenCalls = options.maxOpenCalls ?? 10_000;
    this.connection = new MuxConnection({
      address: options.address,
      logger: options.logger,
      method: options.path,
      onMessage: (message) => this.receive(message),
      onUp: () => this.onUp(),
      onDown: (reason) => this.onDown(reason),
    });
  }

  get isConnected(): boolean {
    return this.connection.isUp;
  }

  get openCalls(): number {
    return this.calls.size;
  }

  call(method: string, body: Buffer, options?: MuxCallOptions): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.start(method, body, options, undefined, (error, reply) => {
        if (error) reject(error);
        else resolve(reply ?? EMPTY);
      });
    });
  }

  open(method: string, body: Buffer, handlers: MuxStreamHandlers, options?: MuxCallOptions): { cancel(): void } {
    const id = this.start(
      method,
      body,
      options,
      (chunk) => handlers.onChunk(chunk),
      (error, reply) => handlers.onEnd(error, reply),
    );
    return { cancel: () => void (id !== undefined && this.abandon(id)) };
  }

  ready(timeoutMs: number): Promise<void> {
    if (this.isConnected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onUp = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(onUp);
        reject(this.unavailable(`not connected after ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiting.add(onUp);
    });
  }

  close(): void {
    clearTimeout(this.sweepTimer);
    this.connection.close();
    this.failAll(this.unavailable('closed'));
  }

  /** Opens a call and gives its id; undefined when it ended at once. */
  private start(
    method: string,
    body: Buffer,
    options: MuxCallOptions | undefined,
    onChunk: OpenCall['onChunk'],
    onEnd: OpenCall['onEnd'],
  ): number | undefined {
    const refusal = this.refusal(options?.signal);
    if (refusal) {
      onEnd(refusal);
      return undefined;
    }
    const id = this.nextId();
    const timeoutMs = options?.timeoutMs ?? this.options.callTimeoutMs;
    const call: OpenCall = { deadlineAtMs: this.clock() + timeoutMs, onChunk, onEnd };
    if (options?.signal) this.endOnAbort(id, call, options.signal);
    this.calls.set(id, call);
    this.connection.send({ id, kind: MuxKind.MUX_KIND_REQUEST, method, body });
    return id;
  }

  private refusal(signal: AbortSignal | undefined): CostlaneError | undefined {
    if (!this.connection.isUp) return this.unavailable('not connected');
    if (signal?.aborted) return cancelled();
    if (this.calls.size < this.maxOpenCalls) return undefined;
    return new CostlaneError(
      'overloaded',
      `More than ${this.maxOpenCalls} calls are open to ${this.options.address}.`,
      {
        retryAfterMs: 100,
      },
    );
  }

  private endOnAbort(id: number, call: OpenCall, signal: AbortSignal): void {
    const { onEnd } = call;
    const onAbort = () => {
      this.abandon(id);
      onEnd(cancelled());
    };
    signal.addEventListener('abort', onAbort, { once: true });
    call.onEnd = (error, body) => {
      signal.removeEventListener('abort', onAbort);
      onEnd(error, body);
    };
  }

  /** Forgets a call and tells the server so. */
  private abandon(id: number): void {
    if (!this.calls.delete(id)) return;
    this.connection.send({ id, kind: MuxKind.MUX_KIND_CANCEL, method: '', body: EMPTY });
  }

  private receive(message: MuxMessage): void {
    const call = this.calls.get(message.id);
    // The reply to a call that was cancelled or timed out meanwhile.
    if (!call) return;
    // A caller's handler that throws must not take the other calls of the frame with it.
    try {
      this.deliver(call, message);
    } catch (err) {
      this.options.logger.error({ err }, 'handler of a mux reply failed');
    }
  }

  private deliver(call: OpenCall, message: MuxMessage): void {
    if (message.kind === MuxKind.MUX_KIND_CHUNK) {
      call.onChunk?.(message.body);
      return;
    }
    this.calls.delete(message.id);
    if (message.kind === MuxKind.MUX_KIND_REPLY) call.onEnd(undefined, message.body);
    else call.onEnd(parseErrorMessage(message));
  }

  private onUp(): void {
    this.options.logger.info({ address: this.options.address }, 'mux stream is up');
    for (const wake of this.waiting) wake();
    this.waiting.clear();
    this.options.onState?.(true);
  }

  private onDown(reason: string): void {
    this.options.logger.warn({ address: this.options.address, reason, openCalls: this.calls.size }, 'mux stream lost');
    this.failAll(this.unavailable(`the stream was lost (${reason})`));
    this.options.onState?.(false);
  }

  private failAll(error: CostlaneError): void {
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.onEnd(error);
  }

  private nextId(): number {
    do {
      this.lastId = this.lastId >= MAX_CALL_ID ? 1 : this.lastId + 1;
    } while (this.calls.has(this.lastId));
    return this.lastId;
  }

  /** Coarse time of day; starts the sweep, which keeps it current while calls are open. */
  private clock(): number {
    if (this.sweepTimer === undefined) {
      this.nowMs = Date.now();
      this.sweepTimer = setTimeout(() => this.sweep(), SWEEP_MS);
    }
    return this.nowMs;
  }

  private sweep(): void {
    this.nowMs = Date.now();
    this.sweepTimer = this.calls.size > 0 ? setTimeout(() => this.sweep(), SWEEP_MS) : undefined;
    for (const [id, call] of this.calls) {
      if (call.deadlineAtMs > this.nowMs) continue;
      this.abandon(id);
      call.onEnd(new CostlaneError('deadline_exceeded', `${this.options.address} did not answer in time.`));
    }
  }

  private unavailable(reason: string): CostlaneError {
    return new CostlaneError('unavailable', `${this.options.address}: ${reason}.`);
  }
}

const EMPTY = Buffer.alloc(0);

const cancelled = () => new CostlaneError('cancelled', 'The caller no longer wants the answer.');

import { Metadata } from '@grpc/grpc-js';
import type { ServerDuplexStream, handleBidiStreamingCall } from '@grpc/grpc-js';
import { CostlaneError, toCostlaneError } from '@costlane/domain';
import { MuxKind } from '@costlane/contracts';
import type { MuxFrame, MuxMessage } from '@costlane/contracts';
import type { Logger } from './logger';
import { errorMessage } from './mux-error';
import { FrameWriter } from './mux-writer';

export interface MuxContext {
  /** Aborted when the caller cancels the call or its stream ends. */
  readonly signal: AbortSignal;
  /** Sends a part of the reply ahead of its end. */
  chunk(body: Buffer): void;
}

/** Answers one call; a thrown {@link CostlaneError} reaches the caller with its code. */
export type MuxMethod = (body: Buffer, context: MuxContext) => Promise<Buffer>;

export interface MuxHandlerOptions {
  logger: Logger;
  methods: Record<string, MuxMethod>;
  /** Calls open at once on one stream; those above are refused with `overloaded`. Default 20,000. */
  maxOpenCalls?: number;
}

/** A gRPC handler that can be asked to stop. */
export type MuxHandler = handleBidiStreamingCall<MuxFrame, MuxFrame> & {
  /** Refuses new calls with `unavailable`, waits for the open ones (at most `timeoutMs`), then ends every stream. */
  drain(timeoutMs: number): Promise<void>;
};

/** The server's side of a multiplexed stream: gives each call to its method and sends replies back in shared frames. */
export function createMuxHandler(options: MuxHandlerOptions): MuxHandler {
  const { logger, maxOpenCalls = 20_000 } = options;
  const methods = new Map(Object.entries(options.methods));
  const sessions = new Set<MuxSession>();
  let isDraining = false;
  const handle = (stream: ServerDuplexStream<MuxFrame, MuxFrame>) => {
    const session = new MuxSession(stream, methods, maxOpenCalls, logger, () => sessions.delete(session));
    sessions.add(session);
    if (isDraining) session.startDraining();
    session.start();
  };
  const drain = async (timeoutMs: number) => {
    isDraining = true;
    const endings = [...sessions].map((session) => session.drained());
    if (endings.length === 0) return;
    const timer = setTimeout(() => sessions.forEach((session) => session.end()), timeoutMs);
    await Promise.all(endings);
    clearTimeout(timer);
  };
  return Object.assign(handle, { drain });
}

export function isMuxHandler(handler: unknown): handler is MuxHandler {
  return typeof handler === 'function' && typeof (handler as Partial<MuxHandler>).drain === 'function';
}

class OpenCall implements MuxContext {
  private controller: AbortController | undefined;
  private isAborted = false;

  constructor(
    private readonly id: number,
    private readonly writer: FrameWriter,
  ) {}

  // Made when first asked for: most calls never look at it.
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isAborted) this.controller.abort();
    return this.controller.signal;
  }

  // A property, so that methods can take it out of the context.
  readonly chunk = (body: Buffer): void => {
    if (!this.isAborted) this.writer.push({ id: this.id, kind: MuxKind.MUX_KIND_CHUNK, method: '', body });
  };

  abort(): void {
    this.isAborted = true;
    this.controller?.abort();
  }
}

class MuxSession {
  private readonly calls = new Map<number, OpenCall>();
  private readonly writer: FrameWriter;
  private isDraining = false;
  private isOver = false;
  private onOver: () => void = () => undefined;

  constructor(
    private readonly stream: ServerDuplexStream<MuxFrame, MuxFrame>,
    private readonly methods: ReadonlyMap<string, MuxMethod>,
    private readonly maxOpenCalls: number,
    private readonly logger: Logger,
    private readonly onClosed: () => void,
  ) {
    this.writer = new FrameWriter({ sink: stream, onStuck: (error) => stream.destroy(error) });
  }

  start(): void {
    const { stream } = this;
    stream.on('data', (frame: MuxFrame) => {
      for (const message of frame.messages) this.receive(message);
    });
    stream.on('end', () => this.end());
    stream.on('cancelled', () => this.closed());
    stream.on('close', () => this.closed());
    stream.on('error', (error: Error) => {
      this.logger.debug({ reason: error.message }, 'mux stream failed');
      this.closed();
    });
    // The client takes these headers as the sign that the stream is up.
    stream.sendMetadata(new Metadata());
  }

  startDraining(): void {
    this.isDraining = true;
  }

  /** Resolves when the calls that are open have been answered and the stream has ended. */
  drained(): Promise<void> {
    this.isDraining = true;
    return new Promise((resolve) => {
      this.onOver = resolve;
      if (this.isOver) resolve();
      else this.endWhenIdle();
    });
  }

  /** Ends the stream after what has been queued; calls that are still open are aborted. */
  end(): void {
    if (this.isOver) return;
    this.writer.flushAndThen(() => this.stream.end());
    this.settle();
  }

  private endWhenIdle(): void {
    if (this.isDraining && this.calls.size === 0) this.end();
  }

  private closed(): void {
    if (this.isOver) return;
    this.writer.close();
    this.settle();
  }

  private settle(): void {
    this.isOver = true;
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.abort();
    this.onClosed();
    this.onOver();
  }

  private receive({ id, kind, method, body }: MuxMessage): void {
    if (kind === MuxKind.MUX_KIND_REQUEST) this.open(id, method, body);
    else if (kind === MuxKind.MUX_KIND_CANCEL) this.cancel(id);
    else
      this.writer.push(
        errorMessage(id, new CostlaneError('invalid_request', `Message kind ${kind} is not for a server.`)),
      );
  }

  private cancel(id: number): void {
    const call = this.calls.get(id);
    this.calls.delete(id);
    call?.abort();
    if (this.isDraining) this.endWhenIdle();
  }

  private open(id: number, name: string, body: Buffer): void {
    const method = this.methods.get(name);
    const refusal = this.refusal(id, name, method);
    if (!method || refusal) return this.writer.push(errorMessage(id, refusal));
    const call = new OpenCall(id, this.writer);
    this.calls.set(id, call);
    // A method may throw before its first await: that is a failed call, too.
    let reply: Promise<Buffer>;
    try {
      reply = method(body, call);
    } catch (error) {
      return this.fail(id, call, error);
    }
    reply.then(
      (result) => this.finish(id, call, { id, kind: MuxKind.MUX_KIND_REPLY, method: '', body: result }),
      (error: unknown) => this.fail(id, call, error),
    );
  }

  private refusal(id: number, name: string, method: MuxMethod | undefined): CostlaneError | undefined {
    if (!method) return new CostlaneError('method_not_allowed', `There is no method ${name} on this stream.`);
    if (this.isDraining) return new CostlaneError('unavailable', 'This service is shutting down.');
    if (this.calls.has(id)) return new CostlaneError('invalid_request', `Call id ${id} is already open.`);
    if (this.calls.size < this.maxOpenCalls) return undefined;
    return new CostlaneError('overloaded', `More than ${this.maxOpenCalls} calls are open on this stream.`, {
      retryAfterMs: 100,
    });
  }

  private fail(id: number, call: OpenCall, error: unknown): void {
    const known = toCostlaneError(error);
    if (known.code === 'internal') this.logger.error({ err: known.cause ?? known }, 'mux method failed');
    this.finish(id, call, errorMessage(id, known));
  }

  /** Sends the last message of a call, unless it was cancelled or its stream is gone. */
  private finish(id: number, call: OpenCall, message: MuxMessage): void {
    if (this.calls.get(id) !== call) return;
    this.calls.delete(id);
    this.writer.push(message);
    if (this.isDraining) this.endWhenIdle();
  }
}

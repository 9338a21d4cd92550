import { Client, credentials } from '@grpc/grpc-js';
import type { ClientDuplexStream, MethodDefinition } from '@grpc/grpc-js';
import type { MuxFrame, MuxMessage } from '@costlane/contracts';
import type { Logger } from './logger';
import { FrameWriter } from './mux-writer';

export type MuxMethodDefinition = Pick<
  MethodDefinition<MuxFrame, MuxFrame>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>;

export interface MuxConnectionOptions {
  address: string;
  logger: Logger;
  method: MuxMethodDefinition;
  onMessage(message: MuxMessage): void;
  onUp(): void;
  onDown(reason: string): void;
}

const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 500;
const WAIT_FOR_READY_MS = 5_000;
/** A stream that lived this long was a good one: the next attempt starts with the shortest delay again. */
const STABLE_MS = 1_000;

const channelOptions = {
  'grpc.initial_reconnect_backoff_ms': RECONNECT_MIN_MS,
  'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  // A peer that is frozen or cut off without a FIN is noticed within 15 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.use_local_subchannel_pool': 1,
};

/** Keeps one bidirectional stream open to an address, for ever: when it ends it is opened again, with back-off. */
export class MuxConnection {
  private readonly client: Client;
  private stream: ClientDuplexStream<MuxFrame, MuxFrame> | undefined;
  private writer: FrameWriter | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private attempt = 0;
  private upSinceMs = 0;
  private isClosed = false;
  private hasWarned = false;
  isUp = false;

  constructor(private readonly options: MuxConnectionOptions) {
    this.client = new Client(options.address, credentials.createInsecure(), channelOptions);
    this.connect();
  }

  /** Queues a message for the next frame; dropped when the stream is down. */
  send(message: MuxMessage): void {
    this.writer?.push(message);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.retryTimer);
    this.lose('closed');
    this.client.close();
  }

  private connect(): void {
    this.client.waitForReady(Date.now() + WAIT_FOR_READY_MS, (error) => {
      if (this.isClosed) return;
      if (error) this.warnOnce(error.message);
      if (error) this.retry();
      else this.openStream();
    });
  }

  private openStream(): void {
    const { path, requestSerialize, responseDeserialize } = this.options.method;
    const stream = this.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.stream = stream;
    this.writer = new FrameWriter({ sink: stream, onStuck: (error) => this.drop(stream, error.message) });
    stream.on('metadata', () => this.up(stream));
    stream.on('data', (frame: MuxFrame) => {
      for (const message of frame.messages) this.options.onMessage(message);
    });
    stream.on('error', (error) => this.drop(stream, error.message));
    stream.on('end', () => this.drop(stream, 'the server ended the stream'));
  }

  private up(stream: ClientDuplexStream<MuxFrame, MuxFrame>): void {
    if (this.stream !== stream) return;
    this.isUp = true;
    this.hasWarned = false;
    this.upSinceMs = Date.now();
    this.options.onUp();
  }

  private drop(stream: ClientDuplexStream<MuxFrame, MuxFrame>, reason: string): void {
    if (this.stream !== stream) return;
    if (this.isUp && Date.now() - this.upSinceMs >= STABLE_MS) this.attempt = 0;
    this.lose(reason);
    if (!this.isClosed) this.retry();
  }

  private lose(reason: string): void {
    const { stream } = this;
    const wasUp = this.isUp;
    this.isUp = false;
    this.writer?.close();
    this.writer = undefined;
    this.stream = undefined;
    stream?.cancel();
    if (!wasUp && !this.isClosed) this.warnOnce(reason);
    if (wasUp && !this.isClosed) this.options.onDown(reason);
  }

  /** One line for a server that cannot be reached, however often it is tried. */
  private warnOnce(reason: string): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.options.logger.warn({ address: this.options.address, reason }, 'mux stream cannot be opened, trying on');
  }

  private retry(): void {
    const ceilingMs = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(this.attempt, 8));
    this.attempt += 1;
    // Half of it at random, so that the clients of a restarted server do not all come at once.
    this.retryTimer = setTimeout(() => this.connect(), ceilingMs / 2 + Math.random() * (ceilingMs / 2));
  }
}

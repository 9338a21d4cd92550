import type { IncomingHttpHeaders } from 'node:http';
import { CostlaneError } from '@costlane/domain';
import { newRequestId } from '@costlane/platform';
import type { RawData, WebSocket } from 'ws';
import { readInference } from '../dialects/costlane/read-request';
import type { ReplySink } from '../dialects/costlane/reply-listener';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import type { Ask } from './ask';
import { errorEvent } from './error-event';
import { traceparentOf } from './request-controls';
import { idOf, readFrame, type FrameId } from './socket-frames';

export interface SessionDeps {
  ask: Ask;
  admission: Admission;
  observer: RequestObserver;
}

export const SOCKET_ENDPOINT = '/v1/stream';
/** Requests at once on one socket: enough for an application, too few to fill a gateway. */
const MAX_REQUESTS = 64;
const SLOW_CLIENT_MAX_BYTES = 16 * 1024 * 1024;
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
/** Time for a socket that came without a key to send one. */
const AUTH_TIMEOUT_MS = 10_000;

type Leave = () => void;

/** One client's socket: any number of requests beside one another, told apart by their `id`. */
export class SocketSession {
  private readonly running = new Map<FrameId | symbol, Leave>();
  private headers: IncomingHttpHeaders;
  private isDraining = false;
  /** Frames behind one with a key wait for the word on it. */
  private authenticating: Promise<unknown> | undefined;
  private authTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    headers: IncomingHttpHeaders,
    /** No key came with the handshake and one is needed: always for another site's page, which must not use what is open to programs. */
    private needsKey: boolean,
    private readonly deps: SessionDeps,
  ) {
    this.headers = headers;
    socket.on('message', (data, isBinary) => void this.take(data, isBinary));
    socket.on('close', () => this.leaveAll());
    // A broken frame or a reset: `close` follows and does what is to be done.
    socket.on('error', () => undefined);
  }

  /** Closes the socket unless a key comes soon: sockets that nobody is known for must not pile up. */
  expectKey(): void {
    this.authTimer = setTimeout(() => this.socket.close(POLICY_VIOLATION, 'no API key came'), AUTH_TIMEOUT_MS);
  }

  /** Lets running requests finish, takes no new ones, then closes. */
  drain(): void {
    this.isDraining = true;
    this.closeWhenIdle();
  }

  private async take(data: RawData, isBinary: boolean): Promise<void> {
    const text = isBinary ? '' : data.toString();
    try {
      if (isBinary) throw new CostlaneError('invalid_request', 'Frames are text: send JSON.');
      const frame = readFrame(text);
      if (frame.kind === 'auth') await this.authenticate(frame.apiKey);
      else if (frame.kind === 'cancel') this.cancel(frame.id);
      else await this.run(frame.id, frame.fields);
    } catch (error) {
      const event = errorEvent(error);
      this.deps.observer.refused(SOCKET_ENDPOINT, event.code, error, traceparentOf(this.headers));
      this.send({ ...event, id: idOf(text) });
    }
  }

  private async authenticate(apiKey: string): Promise<void> {
    const headers = { ...this.headers, authorization: `Bearer ${apiKey}` };
    // Until this key is known to be good nothing goes on; who sent a wrong one does not go on as somebody without.
    this.needsKey = true;
    const known = Promise.resolve(this.deps.admission.identify(headers));
    this.authenticating = known.catch(() => undefined);
    await known;
    clearTimeout(this.authTimer);
    this.headers = headers;
    this.needsKey = false;
    this.send({ type: 'authenticated' });
  }

  private cancel(id: FrameId): void {
    this.running.get(id)?.();
    this.running.delete(id);
    this.closeWhenIdle();
  }

  private async run(id: FrameId | undefined, fields: Record<string, unknown>): Promise<void> {
    await this.authenticating;
    const key = id ?? Symbol('request');
    if (this.running.has(key))
      throw new CostlaneError('invalid_request', 'Field "id": a request with this id is still running.', {
        field: 'id',
      });
    if (this.running.size >= MAX_REQUESTS)
      throw new CostlaneError('overloaded', `A socket takes ${MAX_REQUESTS} requests at once.`, {
        retryAfterMs: 1_000,
      });
    if (this.needsKey)
      throw new CostlaneError('missing_api_key', 'An API key is required: send {"type":"auth","api_key":"…"} first.');
    const input = readInference(fields);
    // The place is taken before anything is waited for, so that the id cannot be used twice meanwhile.
    let hasLeft = false;
    this.running.set(key, () => (hasLeft = true));
    try {
      const caller = await this.deps.admission.admit(this.headers);
      if (hasLeft) return;
      const requestId = newRequestId();
      const isStreamed = input.stream !== false;
      const question = { requestId, endpoint: SOCKET_ENDPOINT, caller, headers: this.headers, input, isStreamed };
      let isOver = false;
      const onOver = (): void => {
        isOver = true;
        this.finished(key);
      };
      const leave = this.deps.ask(question, () => this.sinkFor(id, requestId, onOver));
      if (!isOver) this.running.set(key, leave);
    } catch (error) {
      this.finished(key);
      throw error;
    }
  }

  private sinkFor(id: FrameId | undefined, requestId: string, onOver: () => void): ReplySink {
    return {
      begin: () => undefined,
      delta: (text) => this.send({ type: 'delta', id, text }),
      done: (reply) => {
        this.send({ type: 'done', id, ...reply });
        onOver();
      },
      fail: (error) => {
        this.send({ ...errorEvent(error, requestId), id });
        onOver();
      },
    };
  }

  private send(frame: object): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(JSON.stringify(frame));
    if (this.socket.bufferedAmount > SLOW_CLIENT_MAX_BYTES) this.socket.terminate();
  }

  private finished(key: FrameId | symbol): void {
    this.running.delete(key);
    this.closeWhenIdle();
  }

  private closeWhenIdle(): void {
    if (this.isDraining && this.running.size === 0) this.socket.close(GOING_AWAY, 'shutting down');
  }

  private leaveAll(): void {
    clearTimeout(this.authTimer);
    const leaves = [...this.running.values()];
    this.running.clear();
    for (const leave of leaves) leave();
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { nextId } from './answer';
import type { ApiError } from './api-error';
import { errorFormatOf } from './error-format';
import { nameOfHash } from './hash-text';
import type { MockState } from './mock-state';

/** One call in progress: its response, the timer it waits on, and how far it has come. */
export class Exchange {
  chunksSent = 0;
  /** True once the mock itself breaks the connection, so that it is not taken for the client's doing. */
  isCutByMock = false;
  private readonly startedAtMs = Date.now();
  private readonly requestId: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly response: ServerResponse,
    request: IncomingMessage,
    private readonly state: MockState,
    readonly path: string,
    readonly bodyHash: number,
  ) {
    const id = request.headers['x-request-id'];
    this.requestId = typeof id === 'string' ? id.slice(0, 128) : undefined;
    state.begin(path, bodyHash, this.requestId);
    response.on('close', () => this.close());
  }

  /** Runs the next step after a wait, at once when there is none; never after the client has left. */
  after(delayMs: number, step: () => void): void {
    if (delayMs > 0) this.timer = setTimeout(step, delayMs);
    else step();
  }

  /** Sends status and headers. */
  writeHead(status: number, contentType: string, contentLength?: number, extra: readonly string[] = []): void {
    this.state.countStatus(status);
    const headers = ['content-type', contentType, 'x-request-id', nextId('req_', this.bodyHash), ...extra];
    if (contentLength !== undefined) headers.push('content-length', String(contentLength));
    this.response.writeHead(status, headers);
  }

  sendError(error: ApiError, retryAfterSeconds?: number): void {
    const format = errorFormatOf(this.path);
    const body = format.render(error, retryAfterSeconds);
    const extra = format.hasRetryHeader ? retryHeaders(retryAfterSeconds) : [];
    this.writeHead(format.status(error), 'application/json', Buffer.byteLength(body), extra);
    this.response.end(body);
  }

  /** Writes a last piece and destroys the socket once the piece has left, without ending the response. */
  cutAfterWriting(piece: string): void {
    this.isCutByMock = true;
    const { socket } = this.response;
    if (piece === '') socket?.destroy();
    else this.response.write(piece, () => socket?.destroy());
  }

  private close(): void {
    clearTimeout(this.timer);
    const isAborted = !this.isCutByMock && !this.response.writableFinished;
    this.state.end(isAborted ? this.describeAbort() : undefined);
  }

  private describeAbort() {
    const { path, requestId, startedAtMs, chunksSent } = this;
    return { atMs: Date.now(), startedAtMs, path, bodyHash: nameOfHash(this.bodyHash), requestId, chunksSent };
  }
}

/** `retry-after` counts whole seconds; a fraction is told in `retry-after-ms` as well, as OpenAI does. */
function retryHeaders(seconds: number | undefined): string[] {
  if (seconds === undefined) return [];
  const headers = ['retry-after', String(Math.ceil(seconds))];
  if (!Number.isInteger(seconds)) headers.push('retry-after-ms', String(Math.round(seconds * 1_000)));
  return headers;
}

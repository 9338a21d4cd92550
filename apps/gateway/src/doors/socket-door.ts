import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CostlaneError } from '@costlane/domain';
import { newRequestId, toHttpError } from '@costlane/platform';
import { WebSocketServer, type WebSocket } from 'ws';
import { shuttingDown } from './admission';
import { SOCKET_ENDPOINT, SocketSession, type SessionDeps } from './socket-session';

export interface SocketDoorDeps extends SessionDeps {
  maxFrameBytes: number;
  isShuttingDown: () => boolean;
  pingIntervalMs?: number;
}

export interface SocketDoor {
  sockets(): number;
  /** Open sockets close when their requests are answered, at the latest after `timeoutMs`. Resolves when all are closed. */
  drain(timeoutMs: number): Promise<void>;
}

const PING_INTERVAL_MS = 30_000;

/**
 * `WS /v1/stream`. A key comes as a header of the handshake, as for any request, or, from a browser, which cannot set one, in a first
 * frame `{"type":"auth","api_key":…}`; not in the address, which ends up in logs. The key is looked at again with each request.
 */
export function openSocketDoor(server: Server, deps: SocketDoorDeps): SocketDoor {
  const { maxFrameBytes, isShuttingDown, pingIntervalMs = PING_INTERVAL_MS } = deps;
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false });
  const sessions = new Map<WebSocket, SocketSession>();
  let onEmpty: () => void = () => undefined;

  /** Gives whether a key has to come as the first frame. */
  const admitSocket = async (request: IncomingMessage): Promise<boolean> => {
    if (isShuttingDown()) throw shuttingDown();
    if (pathOf(request) !== SOCKET_ENDPOINT)
      throw new CostlaneError('not_found', `There is no WebSocket at this path; ${SOCKET_ENDPOINT} is one.`);
    try {
      await deps.admission.identify(request.headers);
      return isForeign(request.headers) && !hasKey(request.headers);
    } catch (error) {
      if (error instanceof CostlaneError && error.code === 'missing_api_key') return true;
      throw error;
    }
  };

  const open = (socket: WebSocket, { headers }: IncomingMessage, needsKey: boolean): void => {
    const session = new SocketSession(socket, headers, needsKey, deps);
    if (needsKey) session.expectKey();
    sessions.set(socket, session);
    socket.on('close', () => {
      sessions.delete(socket);
      if (sessions.size === 0) onEmpty();
    });
    if (isShuttingDown()) session.drain();
  };

  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    // Until the socket is opened nobody else listens to what goes wrong with the connection.
    const ignore = (): void => undefined;
    connection.on('error', ignore);
    admitSocket(request).then(
      (needsKey) => {
        connection.off('error', ignore);
        if (connection.destroyed) return;
        webSockets.handleUpgrade(request, connection, head, (socket) => open(socket, request, needsKey));
      },
      (error: unknown) => refuse(connection, error),
    );
  });
  const stopPings = startPings(sessions, pingIntervalMs);

  return {
    sockets: () => sessions.size,
    async drain(timeoutMs) {
      stopPings();
      const closed = new Promise<void>((resolve) => (onEmpty = resolve));
      for (const session of sessions.values()) session.drain();
      if (sessions.size === 0) return;
      const timer = setTimeout(() => {
        for (const socket of sessions.keys()) socket.terminate();
      }, timeoutMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** A peer that did not answer the last ping is gone, though its connection may look open for hours. */
function startPings(sessions: ReadonlyMap<WebSocket, unknown>, intervalMs: number): () => void {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of sessions.keys()) {
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      socket.once('pong', () => silent.delete(socket));
      socket.ping();
    }
  }, intervalMs).unref();
  return () => clearInterval(timer);
}

/** Answers the handshake with an ordinary HTTP error. */
function refuse(connection: Duplex, error: unknown): void {
  const { status, headers, envelope } = toHttpError(error);
  const body = JSON.stringify(envelope);
  const all = {
    ...headers,
    'x-request-id': newRequestId(),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`);
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';

const hasKey = (headers: IncomingHttpHeaders): boolean =>
  headers.authorization !== undefined || headers['x-api-key'] !== undefined;

/** Browsers let any page open a socket anywhere, and say only whose page it is. */
function isForeign({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

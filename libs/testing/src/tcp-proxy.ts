import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a client and a server, so that a test can take the server away without ending it. */
export interface TcpProxy {
  /** The server's URL by way of the proxy. */
  url: string;
  /** As when the server is killed: open connections break, new ones are refused. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** As when the server is frozen: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
  connections(): number;
}

const defaultPorts: Record<string, number> = { 'postgres:': 5432, 'postgresql:': 5432, 'redis:': 6379 };

/** For the server behind a `postgres://` or `redis://` URL. */
export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  const pairs = new Set<[Socket, Socket]>();
  let server: Server | undefined;
  let port = 0;
  let isFrozen = false;

  const accept = (client: Socket): void => {
    const upstream = connect(Number(target.port || defaultPorts[target.protocol]), target.hostname);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => client.write(bytes));
    if (isFrozen) for (const socket of pair) socket.pause();
  };
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer(accept);
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        port = (server?.address() as AddressInfo).port;
        resolve();
      });
    });
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    await closed;
    server = undefined;
  };

  await start();
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    start,
    stop,
    freeze() {
      isFrozen = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    thaw() {
      isFrozen = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    connections: () => pairs.size,
  };
}

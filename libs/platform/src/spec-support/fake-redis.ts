import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A Redis of a few commands for specs, which can be frozen and thawed like a process under SIGSTOP. */
export interface FakeRedis {
  readonly port: number;
  readonly url: string;
  /** Names of the commands received, in lower case. */
  readonly commands: string[];
  /** From now on nothing is answered; what comes is kept. */
  freeze(): void;
  thaw(): void;
  /** Reply to GET, as RESP; default a nil. */
  replyToGet(resp: string): void;
  close(): Promise<void>;
}

const replies: Record<string, string> = {
  ping: '+PONG\r\n',
  info: '$19\r\nredis_version:7.0.0\r\n',
};

export async function startFakeRedis(port = 0): Promise<FakeRedis> {
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  const commands: string[] = [];
  let isFrozen = false;
  let getReply = '$-1\r\n';
  const answer = (socket: Socket, command: string) => {
    commands.push(command);
    const send = () => socket.write(command === 'get' ? getReply : (replies[command] ?? '+OK\r\n'));
    if (isFrozen) held.push(send);
    else send();
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      text = takeCommands(text + data.toString('latin1'), (command) => answer(socket, command));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `redis://127.0.0.1:${bound}`,
    commands,
    freeze: () => void (isFrozen = true),
    thaw: () => {
      isFrozen = false;
      for (const send of held.splice(0)) send();
    },
    replyToGet: (resp) => void (getReply = resp),
    close: () => closeServer(server, sockets),
  };
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

/** Calls back with the name of each complete command (RESP array of bulk strings); gives what is left over. */
function takeCommands(text: string, onCommand: (name: string) => void): string {
  let rest = text;
  for (;;) {
    const command = takeCommand(rest);
    if (!command) return rest;
    onCommand(command.name);
    rest = rest.slice(command.length);
  }
}

function takeCommand(text: string): { name: string; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  let position = head[0].length;
  let name = '';
  for (let i = 0; i < Number(head[1]); i += 1) {
    const bulk = /^\$(\d+)\r\n/.exec(text.slice(position));
    if (!bulk) return undefined;
    const start = position + bulk[0].length;
    const end = start + Number(bulk[1]);
    if (text.length < end + 2) return undefined;
    if (i === 0) name = text.slice(start, end).toLowerCase();
    position = end + 2;
  }
  return { name, length: position };
}

// A lean HTTP/1.1 client over raw sockets: one request at a time on each connection, kept alive. It reads answers with a content-length, which is
// what gateway and mock send for documents; nothing else is needed here.
import net from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

/** A head as lower-case text, the status in front. */
const headerIn = (head, name) => {
  const at = head.indexOf(`\r\n${name}: `);
  if (at < 0) return undefined;
  const start = at + name.length + 4;
  const end = head.indexOf('\r\n', start);
  return head.slice(start, end < 0 ? undefined : end);
};

function openConnection({ host, port }, onLost) {
  const socket = net.connect({ host, port, noDelay: true });
  let waiting;
  let received;
  let response;
  const end = (result) => {
    const done = waiting;
    waiting = received = response = undefined;
    done?.(result);
  };
  const lost = (error) => {
    end({ status: 0, error: error?.code ?? 'closed' });
    onLost(connection);
  };
  socket.on('data', (chunk) => {
    received = received === undefined ? chunk : Buffer.concat([received, chunk]);
    if (response === undefined) {
      const at = received.indexOf(headEnd);
      if (at < 0) return;
      const head = received.latin1Slice(0, at).toLowerCase();
      const length = headerIn(head, 'content-length');
      response = { status: Number(head.slice(9, 12)), head, bodyAt: at + 4, endsAt: at + 4 + Number(length ?? NaN) };
      if (length === undefined) {
        socket.destroy(new Error('an answer without a content-length'));
        return;
      }
    }
    if (received.length < response.endsAt) return;
    const { status, head, bodyAt, endsAt } = response;
    end({ status, header: (name) => headerIn(head, name), body: received.subarray(bodyAt, endsAt) });
  });
  let failure;
  socket.on('error', (error) => (failure = error));
  socket.on('close', () => lost(failure));
  const connection = {
    opened: new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('close', () => reject(new Error('not connected')));
    }),
    /** `done` gets `{ status, header(name), body }`; `{ status: 0, error }` where the connection broke. */
    ask(bytes, done) {
      waiting = done;
      socket.write(bytes);
    },
    close: () => socket.destroy(),
  };
  connection.opened.catch(() => undefined);
  return connection;
}

/** So many connections are begun at a time: more than a listener's queue holds would be dropped and tried again a second later. */
const openedAtATime = 200;

/**
 * Connections to one server. `send(bytes, done)` takes the one that has been idle longest, or waits for the next; `queued()` says how many
 * requests had to.
 */
export async function openConnections({ url, connections }) {
  const { hostname: host, port } = new URL(url);
  const target = { host, port: Number(port) };
  const idle = [];
  const backlog = [];
  const open = new Set();
  let isClosing = false;
  let queued = 0;
  let broken = 0;
  const ready = (connection) => {
    const next = backlog.shift();
    if (next) connection.ask(next.bytes, finish(connection, next.done));
    else idle.push(connection);
  };
  const finish = (connection, done) => (result) => {
    if (result.status !== 0) ready(connection);
    done(result);
  };
  const add = async () => {
    const connection = openConnection(target, (lost) => {
      open.delete(lost);
      const at = idle.indexOf(lost);
      if (at >= 0) idle.splice(at, 1);
      if (isClosing) return;
      broken += 1;
      add().catch(() => undefined);
    });
    await connection.opened;
    open.add(connection);
    ready(connection);
  };
  for (let count = 0; count < connections; count += openedAtATime)
    await Promise.all(Array.from({ length: Math.min(openedAtATime, connections - count) }, add));
  return {
    send(bytes, done) {
      const connection = idle.shift();
      if (connection) connection.ask(bytes, finish(connection, done));
      else {
        queued += 1;
        backlog.push({ bytes, done });
      }
    },
    queued: () => queued,
    broken: () => broken,
    close() {
      isClosing = true;
      for (const connection of open) connection.close();
    },
  };
}

/** A POST with its body, as it goes over the wire. */
export const postBytes = (path, host, body) =>
  `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

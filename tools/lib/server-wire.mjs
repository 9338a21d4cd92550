// Just enough of the Redis and Postgres protocols to tell whether a server answers, before any package is installed.
import { get } from 'node:http';
import { connect } from 'node:net';

const attemptTimeoutMs = 2_000;

/** Connects, sends `greeting` and resolves with the first bytes of the answer; null when there is none in time. */
function firstAnswer(host, port, greeting) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(attemptTimeoutMs, () => finish(null));
    socket.once('connect', () => socket.write(greeting));
    socket.once('data', finish);
    socket.once('error', () => finish(null));
    socket.once('close', () => finish(null));
  });
}

/** Whether a Redis answers there and is done loading; one that asks for a password counts as answering. */
export async function isRedisReady(port, host = '127.0.0.1') {
  const answer = await firstAnswer(host, port, 'PING\r\n');
  return answer !== null && /^(\+PONG|-NOAUTH)/.test(answer.toString());
}

/** Host and port of a connection address; null for one that cannot be read. */
export function addressOf(url, defaultPort) {
  if (!URL.canParse(url)) return null;
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) };
}

/** Whether anything accepts connections at an address; for servers that want TLS or a login before they say more. */
export function isReachable(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (isOpen) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(attemptTimeoutMs, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/** Throws one sentence unless something accepts connections where the setting `name` says; waits `timeoutMs` for it to come up. */
export async function requireReachable(name, url, defaultPort, timeoutMs = 10_000) {
  const address = addressOf(url, defaultPort);
  if (address === null) throw new Error(`${name} is not an address that can be read.`);
  const deadline = Date.now() + timeoutMs;
  while (!(await isReachable(address.host, address.port))) {
    if (Date.now() > deadline) {
      throw new Error(`${name} points at ${address.host}:${address.port}, but nothing accepts connections there.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/**
 * Asks a program on this machine for `/health/ready`; resolves with `{ isReady, says }`, `says` being its answer or why there is none.
 * Not by fetch, which would stay in the launcher's memory (10 MB) for as long as the system runs.
 */
export function askReady(port) {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path: '/health/ready', agent: false, timeout: attemptTimeoutMs },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.once('end', () =>
          resolve({ isReady: response.statusCode === 200, says: `${response.statusCode} ${text.slice(0, 300)}` }),
        );
        response.once('error', (error) => resolve({ isReady: false, says: error.message }));
      },
    );
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', (error) => resolve({ isReady: false, says: error.code ?? error.message }));
  });
}

/** Whether a Postgres accepts connections there: it answers a start-up message by asking for a password ('R'), not by an error ('E'). */
export async function isPostgresReady(port, host = '127.0.0.1') {
  const parameters = Buffer.from('user\0costlane\0database\0postgres\0\0');
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + parameters.length, 0);
  header.writeUInt32BE(196_608, 4);
  const answer = await firstAnswer(host, port, Buffer.concat([header, parameters]));
  return answer !== null && answer[0] === 'R'.charCodeAt(0);
}

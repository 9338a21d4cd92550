// Just enough of the Redis and Postgres protocols to tell whether a server answers, before any package is installed.
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

/** Whether a Postgres accepts connections there: it answers a start-up message by asking for a password ('R'), not by an error ('E'). */
export async function isPostgresReady(port, host = '127.0.0.1') {
  const parameters = Buffer.from('user\0costlane\0database\0postgres\0\0');
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + parameters.length, 0);
  header.writeUInt32BE(196_608, 4);
  const answer = await firstAnswer(host, port, Buffer.concat([header, parameters]));
  return answer !== null && answer[0] === 'R'.charCodeAt(0);
}

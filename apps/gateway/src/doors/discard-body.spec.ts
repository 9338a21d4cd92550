import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { testGateway } from '../testing/test-gateway';

/** Sends a request whose body is larger than allowed, all of it, and gives what was answered. */
async function upload(port: number, head: string, bodyBytes: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes) => (answer += bytes.toString()));
  await once(socket, 'connect');
  socket.write(head);
  const piece = Buffer.alloc(64 * 1024, 'a');
  for (let sent = 0; sent < bodyBytes; sent += piece.length) {
    const rest = Math.min(piece.length, bodyBytes - sent);
    if (!socket.write(piece.subarray(0, rest))) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
  return answer;
}

describe('a body that is refused', () => {
  it.each([
    ['too large', 'application/json', 413],
    ['of another type', 'text/plain', 415],
  ])(
    'because it is %s is read away, so that the client gets the answer and no broken pipe',
    async (_why, type, status) => {
      const { fastify } = testGateway();
      await fastify.listen({ port: 0, host: '127.0.0.1' });
      const { port } = fastify.server.address() as AddressInfo;
      const length = 8 * 1024 * 1024;
      const head = `POST /v1/inference HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
      expect(await upload(port, head, length)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      await fastify.close();
    },
  );
});

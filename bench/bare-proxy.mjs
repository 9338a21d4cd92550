// The yardstick: the least that a Node process can do to pass a request on and its answer back. No parsing, no checks, no accounts.
import http from 'node:http';
import { Pool } from 'undici';

const [port, upstream] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 1_024, pipelining: 1 });

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const headers = { 'content-type': 'application/json' };
    pool.dispatch(
      { path: request.url, method: request.method, headers, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, status, upstreamHeaders) {
          response.writeHead(status, { 'content-type': upstreamHeaders['content-type'] ?? 'application/json' });
        },
        onResponseData(_controller, chunk) {
          response.write(chunk);
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError(_controller, error) {
          if (!response.headersSent) response.writeHead(502);
          response.end(error.message);
        },
      },
    );
  });
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));

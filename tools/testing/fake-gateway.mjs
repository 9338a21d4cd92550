// A gateway that answers as it is told, and remembers what it was asked: for the command line's tests.
import { createServer } from 'node:http';

/** `answers`: by `METHOD /path`, `{ status, data, error, text }` or a function of the request that gives one. */
export async function startFakeGateway(answers = {}) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url, 'http://fake');
    const seen = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: Buffer.concat(chunks).toString('utf8'),
      type: request.headers['content-type'],
      authorization: request.headers.authorization,
    };
    asked.push(seen);
    const found = answers[`${request.method} ${url.pathname}`];
    const answer = (typeof found === 'function' ? found(seen) : found) ?? {
      status: 404,
      error: 'There is no such route.',
    };
    const { status = 200, data = null, error = null, text } = answer;
    response.writeHead(status, { 'content-type': text === undefined ? 'application/json' : 'text/csv' });
    response.end(text ?? JSON.stringify({ success: status < 400, data, error }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked,
    last: () => asked.at(-1),
    set: (route, answer) => void (answers[route] = answer),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

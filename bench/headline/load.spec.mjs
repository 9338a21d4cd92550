import http from 'node:http';
import { openConnections, postBytes } from './connections.mjs';
import { createOutcomes, percentiles, topicOf } from './outcomes.mjs';

/** A server that answers with what `answer(request number, body)` gives: status, headers, body, or `'break'`. */
async function startServer(answer) {
  let count = 0;
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      const said = answer(count++, body);
      if (said === 'break') return request.socket.destroy();
      const text = said.body ?? '{}';
      response.writeHead(said.status ?? 200, { 'Content-Length': Buffer.byteLength(text), ...said.headers });
      // In two pieces, as large answers come.
      response.write(text.slice(0, 5));
      return setImmediate(() => response.end(text.slice(5)));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('the lean client', () => {
  let server;
  let pool;
  afterEach(() => {
    pool?.close();
    server?.close();
  });
  const start = async (answer, connections) => {
    server = await startServer(answer);
    pool = await openConnections({ url: server.url, connections });
  };
  const ask = (body) => new Promise((resolve) => pool.send(postBytes('/x', 'here', body), resolve));

  it('reads status, headers and body of answers that come in pieces, one after the other on a connection', async () => {
    await start((number, body) => ({ headers: { 'X-Cache': `tier-${number}` }, body: `got ${body}, ünd so on` }), 1);
    const answers = await Promise.all(['a', 'ü'].map(ask));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map(({ body }) => body.toString())).toEqual(['got a, ünd so on', 'got ü, ünd so on']);
    expect(answers.map(({ header }) => header('x-cache'))).toEqual(['tier-0', 'tier-1']);
    expect(answers[0].header('x-none')).toBeUndefined();
    expect(pool.queued()).toBe(1);
  });

  it('says when a connection breaks, and has another one then', async () => {
    await start((number) => (number === 0 ? 'break' : { body: 'well' }), 1);
    expect((await ask('a')).status).toBe(0);
    expect((await ask('b')).body.toString()).toBe('well');
    expect(pool.broken()).toBe(1);
  });
});

describe('outcomes', () => {
  const request = (id) => ({ intent: { id }, difficulty: 'simple', text: `asked about ${id}` });
  const answer = (topic, headers, status = 200) => ({
    status,
    header: (name) => headers[name],
    body: Buffer.from(`{"choices":[{"message":{"content":"About ${topic}: so it is."}}]}`),
  });

  it('count an answer about another intent as wrong, by its tier', () => {
    const outcomes = createOutcomes();
    const semantic = { 'x-cache': 'semantic', 'x-model-used': 'm' };
    outcomes.answered({ request: request('simple-1-2'), result: answer('simple-1-2', semantic), latencyMs: 1 });
    outcomes.answered({ request: request('simple-1-3'), result: answer('simple-1-2', semantic), latencyMs: 3 });
    const figures = outcomes.figures();
    expect(figures.wrong).toEqual({ semantic: 1 });
    expect(figures.wrongExamples[0]).toEqual({
      tier: 'semantic',
      asked: 'asked about simple-1-3',
      answeredAbout: 'simple-1-2',
    });
    expect(figures).toMatchObject({ answered: 2, tiers: { semantic: 2 }, models: { simple: { m: 2 } } });
    expect(figures.hits.count).toBe(2);
  });

  it('count failures by their code, and keep joined calls apart from hits', () => {
    const outcomes = createOutcomes();
    outcomes.answered({
      request: request('a'),
      result: answer('a', { 'x-error-code': 'overloaded' }, 429),
      latencyMs: 1,
    });
    outcomes.answered({ request: request('a'), result: { status: 0, error: 'ECONNRESET' }, latencyMs: 1 });
    outcomes.answered({ request: request('a'), result: answer('a', { 'x-cache': 'coalesced' }), latencyMs: 9 });
    const figures = outcomes.figures();
    expect(figures).toMatchObject({ answered: 1, failed: 2, errors: { overloaded: 1, ECONNRESET: 1 } });
    expect(figures.hits.count).toBe(0);
    expect(figures.all).toMatchObject({ count: 1, p50Ms: 9 });
  });

  it('know what an answer is about only where it says so', () => {
    expect(topicOf(Buffer.from('{"content":"About complex-0-12: well"}'))).toBe('complex-0-12');
    expect(topicOf(Buffer.from('{"content":"Well"}'))).toBeUndefined();
  });

  it('give percentiles of what was measured', () => {
    expect(percentiles(Array.from({ length: 100 }, (_, at) => 100 - at))).toEqual({
      count: 100,
      p50Ms: 51,
      p95Ms: 96,
      p99Ms: 100,
      maxMs: 100,
    });
    expect(percentiles([])).toEqual({ count: 0 });
  });
});

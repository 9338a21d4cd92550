import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLlmJudge } from './llm-judge';

describe('the judge behind a chat model', () => {
  let server: Server;
  let answer: (request: IncomingMessage, body: string, response: ServerResponse) => void;
  beforeAll((done) => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => answer(request, body, response));
    }).listen(0, '127.0.0.1', done);
  });
  afterAll((done) => void server.close(done));
  const judge = (timeoutMs?: number) =>
    createLlmJudge({
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`,
      apiKey: 'secret',
      model: 'judge-model',
      timeoutMs,
    })({ question: 'Why?', given: 'Because.', fresh: 'So.' });
  const says = (content: unknown) =>
    void (answer = (_request, _body, response) =>
      response.end(JSON.stringify({ choices: [{ message: { content } }] })));

  it.each([
    ['YES', 'agrees'],
    ['yes.', 'agrees'],
    ['**No**', 'differs'],
    ['NO, it does not', 'differs'],
    ['Maybe', 'unclear'],
    ['Yesterday', 'unclear'],
    [null, 'unclear'],
  ])('takes %j for: %s', async (content, verdict) => {
    says(content);
    expect(await judge()).toBe(verdict);
  });

  it('is asked by its own key, outside the semantic cache, with the texts as material', async () => {
    const seen: { url?: string; headers?: IncomingMessage['headers']; body?: string } = {};
    answer = (request, body, response) => {
      Object.assign(seen, { url: request.url, headers: request.headers, body });
      response.end('{"choices":[{"message":{"content":"YES"}}]}');
    };
    await judge();
    expect(seen.url).toBe('/v1/chat/completions');
    expect(seen.headers).toMatchObject({
      authorization: 'Bearer secret',
      'x-costlane-semantic-cache': 'false',
      'x-costlane-feature': 'cache-judge',
    });
    const { model, messages } = JSON.parse(seen.body ?? '') as { model: string; messages: { content: string }[] };
    expect(model).toBe('judge-model');
    expect(JSON.parse(messages[1]?.content ?? '')).toEqual({
      question: 'Why?',
      reference: 'So.',
      candidate: 'Because.',
    });
  });

  it('rejects when it cannot be asked: an error, a broken reply, a redirect, silence', async () => {
    answer = (_request, _body, response) => void response.writeHead(500).end('no');
    await expect(judge()).rejects.toThrow('status 500');
    answer = (_request, _body, response) => void response.end('{"choi');
    await expect(judge()).rejects.toThrow();
    answer = (_request, _body, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    await expect(judge()).rejects.toThrow();
    answer = () => undefined;
    await expect(judge(50)).rejects.toThrow();
  });
});

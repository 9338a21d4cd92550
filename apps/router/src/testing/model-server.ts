import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A small HTTP server that answers `GET /v1/models` as a test wants it. */
export interface ModelServer {
  readonly baseUrl: string;
  readonly requests: readonly { path: string; authorization: string | undefined }[];
  answerWith(answer: Answer): void;
  close(): void;
}

export const json =
  (body: unknown, status = 200): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

export const text =
  (body: string, status = 200): Answer =>
  (_request, response) =>
    void response.writeHead(status).end(body);

/** Takes the request and never answers. */
export const silence: Answer = () => undefined;

/** Answers with a status line and a part of the body, and then nothing. */
export const stall: Answer = (_request, response) => void response.writeHead(200).write('{"data":[');

export const models = (...ids: string[]) => json({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });

export async function startModelServer(first: Answer): Promise<ModelServer> {
  const requests: { path: string; authorization: string | undefined }[] = [];
  let answer = first;
  const server: Server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answerWith: (next) => (answer = next),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

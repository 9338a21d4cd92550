import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerCall, modelPaths, type ModelPath } from './answer-call';
import { invalidRequest, modelNotFound, renderError, simulatedError, type ApiError } from './api-error';
import { parseBehaviour, parseModelBehaviours, type Behaviour } from './behaviour';
import { parseBatchBehaviour } from './batches/batch-behaviour';
import { routeBatches } from './batches/route-batches';
import { Exchange } from './exchange';
import { isGeneratePath } from './google/read-generate';
import { hashText } from './hash-text';
import { MockState } from './mock-state';
import { readBody } from './read-body';

export interface MockLlmOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: string;
  behaviour?: Behaviour;
  /** The models that `/v1/models` lists; calls are answered for any name but `unknown-model…`. */
  models?: readonly string[];
}

export interface MockLlm {
  url: string;
  port: number;
  /** Stops at once: open connections are closed, calls in flight break off. */
  close: () => Promise<void>;
  /** Behaviour and statistics, for tests in the same process. */
  state: MockState;
}

const usualModels = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano', 'o3-mini'];
const usualEmbeddingModels = ['text-embedding-3-small', 'text-embedding-3-large', 'mock-embedding'];
/** Longer than any pool keeps an idle connection, so that the mock never closes one that is just being used again. */
const keepAliveTimeoutMs = 120_000;

/**
 * Starts a server that speaks OpenAI's wire format, Anthropic's at `/v1/messages`, Google's at `/v1beta/models/…` and
 * Cohere's at `/v2/chat`, and answers without a model.
 * @throws when the port is taken or the behaviour is not valid.
 */
export async function startMockLlm(options: MockLlmOptions = {}): Promise<MockLlm> {
  const behaviour = parseBehaviour(options.behaviour ?? {});
  if (!behaviour.ok) throw new Error(`mock LLM: ${behaviour.message}`);
  const state = new MockState();
  state.setBehaviour(behaviour.value);
  const models = options.models ?? [...usualModels, ...usualEmbeddingModels];
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    route(request, response, state, models);
  });
  const host = options.host ?? '127.0.0.1';
  await listen(server, options.port ?? 0, host);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, port, close: () => closeServer(server), state };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function route(request: IncomingMessage, response: ServerResponse, state: MockState, models: readonly string[]): void {
  const url = request.url ?? '/';
  const queryStart = url.indexOf('?');
  const path = queryStart < 0 ? url : url.slice(0, queryStart);
  if (isModelPath(path)) {
    if (request.method === 'POST') readCall(request, response, state, path);
    else sendError(response, methodNotAllowed(request));
  } else if (routeBatches(request, response, state, path)) {
    return;
  } else if (path.startsWith('/mock/')) {
    routeControl(request, response, state, path);
  } else if (request.method !== 'GET') {
    sendError(response, unknownPath(request, path));
  } else if (path.startsWith('/health')) {
    sendJson(response, 200, { status: 'ok' });
  } else if (path === '/v1/models') {
    sendJson(response, 200, { object: 'list', data: models.map(describeModel) });
  } else if (path.startsWith('/v1/models/')) {
    const wanted = path.slice('/v1/models/'.length);
    const model = models.find((name) => name === wanted || encodeURIComponent(name) === wanted);
    if (model !== undefined) sendJson(response, 200, describeModel(model));
    else sendError(response, modelNotFound(wanted));
  } else {
    sendError(response, unknownPath(request, path));
  }
}

function isModelPath(path: string): path is ModelPath {
  return modelPaths.some((known) => known === path) || isGeneratePath(path);
}

function readCall(request: IncomingMessage, response: ServerResponse, state: MockState, path: ModelPath): void {
  readBody(request, (bodyText) => {
    if (bodyText === undefined) {
      sendError(response, { ...invalidRequest('The request body is too large.', null), status: 413 });
      return;
    }
    const exchange = new Exchange(response, request, state, path, hashText(bodyText));
    const mockHeader = request.headers['x-mock'];
    const wantsEcho = request.headers['x-mock-echo'] === '1';
    try {
      answerCall({ exchange, path, bodyText, mockHeader: mockHeader?.toString(), wantsEcho }, state);
    } catch (error) {
      // A body nested so deeply that it cannot be written out again must not end the server for everybody.
      exchange.sendError({ ...simulatedError(500, undefined), message: `the mock failed: ${String(error)}` });
    }
  });
}

/** `/mock/…`: the ways in which a test in another process sets the behaviour and reads the statistics. */
function routeControl(request: IncomingMessage, response: ServerResponse, state: MockState, path: string): void {
  const operation = `${request.method} ${path}`;
  switch (operation) {
    case 'GET /mock/behaviour':
      sendJson(response, 200, state.getBehaviour());
      return;
    case 'PUT /mock/behaviour':
      readBody(request, (text) => put(response, text, parseBehaviour, (value) => state.setBehaviour(value)));
      return;
    case 'DELETE /mock/behaviour':
      state.setBehaviour({});
      sendJson(response, 200, state.getBehaviour());
      return;
    case 'GET /mock/models':
      sendJson(response, 200, state.getModelBehaviours());
      return;
    case 'PUT /mock/models':
      readBody(request, (text) =>
        put(response, text, parseModelBehaviours, (value) => state.setModelBehaviours(value)),
      );
      return;
    case 'DELETE /mock/models':
      state.setModelBehaviours({});
      sendJson(response, 200, {});
      return;
    case 'GET /mock/batches':
      sendJson(response, 200, state.batches.getBehaviour());
      return;
    case 'PUT /mock/batches':
      readBody(request, (text) =>
        put(response, text, parseBatchBehaviour, (value) => state.batches.setBehaviour(value)),
      );
      return;
    case 'DELETE /mock/batches':
      state.batches.setBehaviour({});
      sendJson(response, 200, {});
      return;
    case 'GET /mock/stats':
      sendJson(response, 200, state.stats());
      return;
    case 'POST /mock/stats/reset':
      state.resetStats();
      sendJson(response, 200, state.stats());
      return;
    default:
      sendError(response, unknownPath(request, path));
  }
}

type Reading<T> = { ok: true; value: T } | { ok: false; message: string };

/** Takes over what a body says, and answers with it; else says what is wrong with it. */
function put<T>(
  response: ServerResponse,
  bodyText: string | undefined,
  read: (given: unknown) => Reading<T>,
  set: (value: T) => void,
): void {
  const given = parseJson(bodyText ?? '');
  if (given === undefined) {
    sendError(response, invalidRequest('the behaviour must be valid JSON such as {"latencyMs": 50}', null));
    return;
  }
  const behaviour = read(given);
  if (!behaviour.ok) {
    sendError(response, invalidRequest(behaviour.message, null, 'invalid_mock_behaviour'));
    return;
  }
  set(behaviour.value);
  sendJson(response, 200, behaviour.value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeModel(id: string) {
  return { id, object: 'model', created: 1_735_689_600, owned_by: 'mock' };
}

function unknownPath(request: IncomingMessage, path: string): ApiError {
  const message = `Invalid URL (${request.method} ${path})`;
  return { status: 404, message, type: 'invalid_request_error', param: null, code: null };
}

function methodNotAllowed(request: IncomingMessage): ApiError {
  const message = `Not allowed to ${request.method} on ${request.url} (HINT: Perhaps you meant to use a different HTTP method?)`;
  return { status: 405, message, type: 'invalid_request_error', param: null, code: null };
}

function sendError(response: ServerResponse, error: ApiError): void {
  sendText(response, error.status, renderError(error));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, body: string): void {
  const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))];
  response.writeHead(status, headers).end(body);
}

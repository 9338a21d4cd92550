import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a fake answers: as it should, with a status, never, with text that is no JSON, with another body, or by hanging up. */
export type FakeBehaviour =
  | { kind: 'answer' }
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'hang' }
  | { kind: 'text'; text: string }
  | { kind: 'hang-up' };

export interface FakeQdrant {
  readonly url: string;
  /** From now on; `only` leaves paths without that ending as they are. */
  behave(behaviour: FakeBehaviour, only?: string): void;
  /** Requests so far, as `PUT /collections/x`. */
  readonly requests: string[];
  readonly headers: IncomingMessage['headers'][];
  readonly collections: Map<string, FakeCollection>;
  stop(): Promise<void>;
  /** On the same port again. */
  start(): Promise<void>;
}

interface FakePoint {
  id: string;
  vector: number[];
  payload: Record<string, unknown>;
}
export interface FakeCollection {
  config: { vectors: { size: number } };
  schema: Record<string, unknown>;
  points: Map<string, FakePoint>;
}
type Condition = { key: string; match?: { value: unknown }; range?: { gt?: number; lte?: number } };
interface Body {
  points?: FakePoint[] & string[];
  filter?: { must: Condition[] };
  field_name?: string;
  field_schema?: unknown;
  searches?: { query: number[]; filter: { must: Condition[] }; limit: number; score_threshold: number }[];
}

/** The few REST calls of Qdrant that the adapter makes, in memory. For specs only; real ones run against a real engine too. */
export async function startFakeQdrant(): Promise<FakeQdrant> {
  const collections = new Map<string, FakeCollection>();
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  let behaviour: FakeBehaviour = { kind: 'answer' };
  let ending = '';
  let port = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    requests.push(`${request.method} ${path}`);
    headers.push(request.headers);
    const body = await readBody(request);
    const { kind } = path.endsWith(ending) ? behaviour : { kind: 'answer' };
    if (kind === 'hang') return;
    if (kind === 'hang-up') return void request.socket.destroy();
    if (behaviour.kind === 'text' && kind === 'text') return void response.end(behaviour.text);
    if (behaviour.kind === 'status' && kind === 'status') {
      response.writeHead(behaviour.status, { 'content-type': 'application/json', ...behaviour.headers });
      return void response.end(JSON.stringify({ status: { error: 'told to fail' } }));
    }
    const [status, result] = answer(collections, request.method ?? '', path, body);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ result, status: status === 200 ? 'ok' : { error: result }, time: 0 }));
  };

  let server: Server;
  const start = async (): Promise<void> => {
    server = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    headers,
    collections,
    behave(next, only = '') {
      behaviour = next;
      ending = only;
    },
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Body);
}

type Answer = [status: number, result: unknown];

function answer(collections: Map<string, FakeCollection>, method: string, path: string, body: Body): Answer {
  const [, , encoded = '', ...rest] = path.split('/');
  const name = decodeURIComponent(encoded);
  const collection = collections.get(name);
  const call = `${method} ${rest.join('/')}`;
  if (call === 'PUT ') {
    if (collection) return [409, 'exists already'];
    const config = body as unknown as FakeCollection['config'];
    collections.set(name, { config, schema: {}, points: new Map() });
    return [200, true];
  }
  if (!collection) return [404, `Collection ${name} doesn't exist`];
  switch (call) {
    case 'GET ':
      return [200, { status: 'green', config: { params: collection.config }, payload_schema: collection.schema }];
    case 'PUT index':
      collection.schema[body.field_name ?? ''] = body.field_schema;
      return [200, { operation_id: 0, status: 'completed' }];
    case 'PUT points':
      return putPoints(collection, body);
    case 'POST points/delete':
      return deletePoints(collection, body);
    case 'POST points/count':
      return [200, { count: select(collection, body.filter?.must).length }];
    case 'POST points/query/batch':
      return [200, (body.searches ?? []).map((search) => ({ points: query(collection, search) }))];
    default:
      return [404, 'no such call'];
  }
}

function putPoints({ config, points }: FakeCollection, body: Body): Answer {
  for (const point of body.points ?? []) {
    if (point.vector.length !== config.vectors.size) return [400, 'Wrong input: Vector dimension error'];
    points.set(point.id, point);
  }
  return [200, { operation_id: 0, status: 'completed' }];
}

function deletePoints(collection: FakeCollection, body: Body): Answer {
  const ids = body.points ?? select(collection, body.filter?.must).map(({ id }) => id);
  for (const id of ids) collection.points.delete(id as string);
  return [200, { operation_id: 0, status: 'completed' }];
}

function select({ points }: FakeCollection, must: readonly Condition[] = []): FakePoint[] {
  const holds = ({ payload }: FakePoint, { key, match, range }: Condition): boolean => {
    const value = payload[key];
    if (match) return value === match.value;
    return Number(value) > (range?.gt ?? -Infinity) && Number(value) <= (range?.lte ?? Infinity);
  };
  return [...points.values()].filter((point) => must.every((condition) => holds(point, condition)));
}

function query(collection: FakeCollection, search: NonNullable<Body['searches']>[number]): unknown[] {
  return select(collection, search.filter.must)
    .map(({ id, vector, payload }) => ({
      id,
      score: vector.reduce((sum, value, i) => sum + value * (search.query[i] ?? 0), 0),
      payload: { record_id: payload['record_id'] },
    }))
    .filter(({ score }) => score >= search.score_threshold)
    .sort((a, b) => b.score - a.score)
    .slice(0, search.limit);
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@costlane/testing';
import { WebSocket, type ClientOptions } from 'ws';
import { answerWith, chunk, end, header, type Asked } from '../testing/scripted-inference';
import { testGateway, type TestGatewayOptions } from '../testing/test-gateway';
import { openSocketDoor, type SocketDoor } from './socket-door';

type Frame = Record<string, unknown>;

const opened: { servers: Server[]; sockets: WebSocket[] } = { servers: [], sockets: [] };

afterEach(() => {
  for (const socket of opened.sockets.splice(0)) socket.terminate();
  for (const server of opened.servers.splice(0)) server.close();
});

async function openDoor(
  options: TestGatewayOptions & { pingIntervalMs?: number; isShuttingDown?: () => boolean } = {},
) {
  const server = createServer().listen(0, '127.0.0.1');
  opened.servers.push(server);
  await once(server, 'listening');
  const gateway = testGateway(options);
  const door: SocketDoor = openSocketDoor(server, {
    ...gateway,
    maxFrameBytes: 2_000,
    isShuttingDown: options.isShuttingDown ?? (() => false),
    pingIntervalMs: options.pingIntervalMs,
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...gateway, door, host };
}

/** A client that keeps what it is told. */
async function connect(host: string, options: ClientOptions = {}, path = '/v1/stream') {
  const socket = new WebSocket(`ws://${host}${path}`, options);
  opened.sockets.push(socket);
  const frames: Frame[] = [];
  const closed: { code?: number } = {};
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  socket.on('close', (code) => (closed.code = code));
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const send = (frame: unknown): void => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const last = async (count: number): Promise<Frame[]> => {
    await waitFor(() => frames.length >= count, { timeoutMs: 2_000 });
    return frames;
  };
  return { socket, frames, closed, send, last };
}

/** How a handshake that is turned down is answered. */
async function refusal(host: string, options: ClientOptions = {}, path?: string) {
  const socket = new WebSocket(`ws://${host}${path ?? '/v1/stream'}`, options);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; headers: Record<string, string> },
  ];
  return { status: response.statusCode, code: response.headers['x-error-code'] };
}

const findKey = (hash: string) =>
  Promise.resolve(
    hash === ''
      ? undefined
      : {
          id: 'k1',
          prefix: '',
          tenantId: 'acme',
          teamId: '',
          userId: '',
          name: '',
          role: 'member',
          rateLimitPerMinute: 0,
          createdAt: '',
          revokedAt: '',
        },
  );

describe('WS /v1/stream', () => {
  it('answers with deltas and a reply', async () => {
    const { host } = await openDoor({ onAsk: answerWith('Because.') });
    const { send, last } = await connect(host);
    send({ id: 'a', prompt: 'Why?' });
    expect(await last(2)).toEqual([
      { type: 'delta', id: 'a', text: 'Because.' },
      expect.objectContaining({ type: 'done', id: 'a', text: 'Because.', cost_usd: 0.0000012 }),
    ]);
  });

  it('answers with the reply alone when the request does not want a stream', async () => {
    const { host } = await openDoor({ onAsk: answerWith('Because.') });
    const { send, last } = await connect(host);
    send({ prompt: 'Why?', stream: false });
    expect(await last(1)).toEqual([expect.objectContaining({ type: 'done', text: 'Because.' })]);
  });

  it('keeps several requests apart by their ids', async () => {
    const { host, asked } = await openDoor();
    const { send, last } = await connect(host);
    send({ id: 1, prompt: 'One?' });
    send({ id: 2, prompt: 'Two?' });
    await waitFor(() => asked.length === 2, { timeoutMs: 2_000 });
    const [one, two] = asked as [Asked, Asked];
    for (const { listener } of [one, two]) listener.head(header(), 'miss');
    two.listener.chunk(Buffer.from(chunk('second')));
    one.listener.chunk(Buffer.from(chunk('first')));
    two.listener.end(end());
    one.listener.end(end());
    expect((await last(4)).map(({ type, id, text }) => [type, id, text])).toEqual([
      ['delta', 2, 'second'],
      ['delta', 1, 'first'],
      ['done', 2, 'second'],
      ['done', 1, 'first'],
    ]);
  });

  it.each([
    ['{"prompt": "cut', 'invalid_json', undefined],
    ['[]', 'invalid_request', undefined],
    [{ id: 'a', prompt: 7 }, 'invalid_request', 'a'],
    [{ id: 'a', prompt: 'x', max_tokns: 7 }, 'invalid_request', 'a'],
    [{ id: {}, prompt: 'x' }, 'invalid_request', undefined],
    [{ id: 'a', type: 'shout', prompt: 'x' }, 'invalid_request', 'a'],
    [{ id: 'a', prompt: 'x', preferred_model: 'no-such-model' }, 'model_not_found', 'a'],
  ])('refuses the frame %j and goes on', async (frame, code, id) => {
    const { host } = await openDoor({ onAsk: answerWith('Because.') });
    const { send, last } = await connect(host);
    send(frame);
    send({ id: 'next', prompt: 'Why?', stream: false });
    const byType = (a: Frame, b: Frame): number => String(b['type']).localeCompare(String(a['type']));
    expect([...(await last(2))].sort(byType)).toEqual([
      { type: 'error', code, message: expect.any(String), ...(id ? { id } : {}), ...fieldOf(frame) },
      expect.objectContaining({ type: 'done', id: 'next' }),
    ]);
  });

  it('refuses an id that is in use', async () => {
    const { host } = await openDoor();
    const { send, last } = await connect(host);
    send({ id: 'a', prompt: 'One?' });
    send({ id: 'a', prompt: 'Two?' });
    expect(await last(1)).toMatchObject([{ type: 'error', id: 'a', field: 'id' }]);
  });

  it('leaves every request when the socket closes, and one when it is cancelled', async () => {
    const { host, asked, events } = await openDoor();
    const { send, socket } = await connect(host);
    for (const id of ['a', 'b', 'c']) send({ id, prompt: id });
    await waitFor(() => asked.length === 3, { timeoutMs: 2_000 });
    send({ type: 'cancel', id: 'b' });
    await waitFor(() => asked[1]?.hasLeft, { timeoutMs: 2_000 });
    expect(asked.map(({ hasLeft }) => hasLeft)).toEqual([false, true, false]);
    socket.terminate();
    await waitFor(() => asked.every(({ hasLeft }) => hasLeft), { timeoutMs: 2_000 });
    expect(events.left).toBe(3);
  });

  it('closes on a frame that is too large', async () => {
    const { host } = await openDoor();
    const { send, closed } = await connect(host);
    send({ prompt: 'a'.repeat(3_000) });
    expect(await waitFor(() => closed.code, { timeoutMs: 2_000 })).toBe(1009);
  });

  it('closes a socket whose peer does not answer pings', async () => {
    const { host, door } = await openDoor({ pingIntervalMs: 30 });
    await connect(host, { autoPong: false });
    await waitFor(() => door.sockets() === 0, { timeoutMs: 2_000 });
  });

  it('keeps a socket whose peer does', async () => {
    const { host, door } = await openDoor({ pingIntervalMs: 20 });
    const { socket } = await connect(host);
    let pings = 0;
    socket.on('ping', () => pings++);
    await waitFor(() => pings >= 4, { timeoutMs: 2_000 });
    expect(door.sockets()).toBe(1);
  });
});

describe('keys on WS /v1/stream', () => {
  const required: TestGatewayOptions = { authenticator: { mode: 'required', findKey }, onAsk: answerWith('Because.') };

  it('come with the handshake, where a wrong one is refused', async () => {
    const { host } = await openDoor({ authenticator: { mode: 'required' } });
    expect(await refusal(host, { headers: { 'x-api-key': 'cl_unknown' } })).toEqual({
      status: 401,
      code: 'invalid_api_key',
    });
  });

  it('or in a first frame, without which nothing is answered', async () => {
    const { host, asked } = await openDoor(required);
    const { send, last } = await connect(host);
    send({ id: 'a', prompt: 'Why?', stream: false });
    expect(await last(1)).toMatchObject([{ type: 'error', code: 'missing_api_key', id: 'a' }]);
    send({ type: 'auth', api_key: 'cl_of-acme' });
    send({ id: 'b', prompt: 'Why?', stream: false });
    expect((await last(3)).slice(1)).toMatchObject([{ type: 'authenticated' }, { type: 'done', id: 'b' }]);
    expect(asked[0]?.request.caller).toMatchObject({ tenantId: 'acme', keyId: 'k1' });
  });

  it('that are wrong do not leave the socket open to go on without', async () => {
    const { host } = await openDoor({ onAsk: answerWith('Because.') });
    const { send, last } = await connect(host);
    send({ type: 'auth', api_key: 'cl_unknown' });
    send({ id: 'a', prompt: 'Why?' });
    expect(await last(2)).toMatchObject([{ code: 'invalid_api_key' }, { code: 'missing_api_key', id: 'a' }]);
  });

  it('are needed from another site’s page even where programs need none', async () => {
    const { host } = await openDoor({ authenticator: { findKey }, onAsk: answerWith('Because.') });
    const foreign = await connect(host, { origin: 'https://elsewhere.example' });
    foreign.send({ prompt: 'Why?' });
    expect(await foreign.last(1)).toMatchObject([{ code: 'missing_api_key' }]);
    const own = await connect(host, { origin: `http://${host}` });
    own.send({ prompt: 'Why?', stream: false });
    expect(await own.last(1)).toMatchObject([{ type: 'done' }]);
  });
});

describe('a WebSocket door', () => {
  it('refuses other paths and, while the gateway stops, everybody', async () => {
    const { host } = await openDoor();
    expect(await refusal(host, {}, '/v1/other')).toEqual({ status: 404, code: 'not_found' });
    const stopping = await openDoor({ isShuttingDown: () => true });
    expect(await refusal(stopping.host)).toEqual({ status: 503, code: 'unavailable' });
  });

  it('drains: what is running is answered, then the sockets close', async () => {
    const { host, asked, door } = await openDoor();
    const idle = await connect(host);
    const busy = await connect(host);
    busy.send({ id: 'a', prompt: 'Why?' });
    await waitFor(() => asked.length === 1, { timeoutMs: 2_000 });
    const [one] = asked as [Asked];
    const drained = door.drain(5_000);
    expect(await waitFor(() => idle.closed.code, { timeoutMs: 2_000 })).toBe(1001);
    expect(busy.closed.code).toBeUndefined();
    one.listener.head(header(), 'miss');
    one.listener.end(end());
    await drained;
    expect(await waitFor(() => busy.closed.code, { timeoutMs: 2_000 })).toBe(1001);
    expect(busy.frames).toMatchObject([{ type: 'done', id: 'a' }]);
  });

  it('does not wait longer than it is told', async () => {
    const { host, asked, door } = await openDoor();
    const { send, closed } = await connect(host);
    send({ prompt: 'Why?' });
    await waitFor(() => asked.length === 1, { timeoutMs: 2_000 });
    await door.drain(50);
    await waitFor(() => closed.code !== undefined && asked[0]?.hasLeft, { timeoutMs: 2_000 });
  });
});

function fieldOf(frame: unknown): { field?: unknown } {
  if (typeof frame !== 'object' || frame === null) return {};
  if ('max_tokns' in frame) return { field: 'max_tokns' };
  if ('type' in frame) return { field: 'type' };
  if ('preferred_model' in frame) return { field: 'model' };
  return 'id' in frame && typeof frame.id === 'object' ? { field: 'id' } : { field: 'prompt' };
}

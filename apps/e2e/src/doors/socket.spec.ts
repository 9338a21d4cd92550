import { once } from 'node:events';
import { waitFor } from '@costlane/testing';
import { WebSocket, type ClientOptions } from 'ws';
import { abortDelayMs, doorsUnderTest, fresh, mockStats, newKey, type Doors } from './doors-under-test';

const doors = doorsUnderTest();
const address = `${doors?.url.replace(/^http/, 'ws') ?? ''}/v1/stream`;
type Frame = Record<string, unknown> & { type: string; id?: unknown };

const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

async function connect(options: ClientOptions = {}) {
  const socket = new WebSocket(address, options);
  open.push(socket);
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  await once(socket, 'open');
  return { socket, frames, send: (frame: object) => socket.send(JSON.stringify(frame)) };
}

const endOf = (frames: Frame[], id?: string): Promise<Frame> =>
  waitFor(() => frames.find((frame) => frame.id === id && (frame.type === 'done' || frame.type === 'error')), {
    timeoutMs: 10_000,
  });

(doors ? describe : describe.skip)('WS /v1/stream', () => {
  it('streams deltas and ends with the reply', async () => {
    const { frames, send } = await connect();
    send({ id: 'a', prompt: fresh('Over a socket? [[mock: chunks=4; chunkIntervalMs=40]]') });
    const done = await endOf(frames, 'a');
    const deltas = frames.filter(({ type }) => type === 'delta');
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.map(({ text }) => text).join('')).toBe(done['text']);
    expect(done).toMatchObject({
      type: 'done',
      cost_usd: expect.any(Number),
      request_id: expect.stringMatching(/^req/),
    });
  });

  it('answers several at once, the quick before the slow', async () => {
    const { frames, send } = await connect();
    send({ id: 'slow', prompt: fresh('Slow? [[mock: latencyMs=800]]') });
    send({ id: 'quick', prompt: fresh('Quick?') });
    await Promise.all([endOf(frames, 'slow'), endOf(frames, 'quick')]);
    expect(frames.filter(({ type }) => type === 'done').map(({ id }) => id)).toEqual(['quick', 'slow']);
  });

  it('tells what is wrong with the id it is about, and goes on', async () => {
    const { frames, send } = await connect();
    send({ id: 'bad', prompt: 'x', max_tokens: 'many' });
    send({ id: 'unknown', prompt: 'x', preferred_model: 'no-such-model' });
    send({ id: 'good', prompt: fresh('Still there?') });
    expect(await endOf(frames, 'bad')).toMatchObject({ type: 'error', code: 'invalid_request', field: 'max_tokens' });
    expect(await endOf(frames, 'unknown')).toMatchObject({ type: 'error', code: 'model_not_found' });
    expect(await endOf(frames, 'good')).toMatchObject({ type: 'done' });
  });

  it('gives up the provider’s call within 250 ms of the socket closing', async () => {
    const { socket, frames, send } = await connect();
    const before = new Set(Object.keys((await mockStats(doors as Doors)).callsByRequestId));
    send({ prompt: fresh('Closing? [[mock: chunks=200; chunkIntervalMs=50]]') });
    await waitFor(() => frames.some(({ type }) => type === 'delta'));
    const { callsByRequestId } = await mockStats(doors as Doors);
    const requestId = Object.keys(callsByRequestId).find((id) => !before.has(id));
    const leftAtMs = Date.now();
    socket.terminate();
    expect(await abortDelayMs(doors as Doors, String(requestId), leftAtMs)).toBeLessThan(250);
  });

  it('takes a key in the handshake or in a first frame', async () => {
    const { key } = await newKey(doors as Doors);
    const byHeader = await connect({ headers: { authorization: `Bearer ${key}` } });
    byHeader.send({ prompt: fresh('Header?'), stream: false });
    expect(await endOf(byHeader.frames)).toMatchObject({ type: 'done' });
    const byFrame = await connect();
    byFrame.send({ type: 'auth', api_key: key });
    byFrame.send({ prompt: fresh('Frame?'), metadata: { tenant_id: 'another' } });
    expect(await endOf(byFrame.frames)).toMatchObject({
      type: 'error',
      code: 'forbidden',
      field: 'metadata.tenant_id',
    });
  });

  it('refuses a wrong key, and another site’s page without one', async () => {
    const socket = new WebSocket(address, { headers: { 'x-api-key': 'cl_unknown' } });
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(401);
    const foreign = await connect({ origin: 'https://elsewhere.example' });
    foreign.send({ prompt: 'x' });
    expect(await endOf(foreign.frames)).toMatchObject({ type: 'error', code: 'missing_api_key' });
  });
});

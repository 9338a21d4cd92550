import { once } from 'node:events';
import { readSse, waitFor } from '@costlane/testing';
import { WebSocket } from 'ws';
import { stackUnderTest } from '../support/stack';
import { doorsUnderTest, fresh, post } from './doors-under-test';

const doors = doorsUnderTest();
const stack = stackUnderTest();
type Frame = Record<string, unknown> & { type: string };

(doors && stack ? describe : describe.skip)('a gateway that is told to stop', () => {
  it('finishes what is running, refuses what is new with the time to wait, and comes back', async () => {
    const url = doors?.url ?? '';
    const pid = stack?.processOf('gateway').pid;
    const slow = '[[mock: chunks=20; chunkIntervalMs=100]]';
    const streamed = await post(`${url}/v1/inference`, { prompt: fresh(`Draining ${slow}`), stream: true });
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/stream`);
    const frames: Frame[] = [];
    socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
    const closed = once(socket, 'close');
    await once(socket, 'open');
    socket.send(JSON.stringify({ id: 'running', prompt: fresh(`Draining too ${slow}`) }));
    await waitFor(() => frames.some(({ type }) => type === 'delta'));

    stack?.signal('gateway', 'SIGTERM');
    await waitFor(async () => (await refusedNew(socket, frames)) !== undefined, { timeoutMs: 8_000, intervalMs: 100 });
    expect(frames.find(({ code }) => code === 'unavailable')).toMatchObject({ type: 'error', retry_after_ms: 1_000 });

    const events: Frame[] = [];
    for await (const { data } of readSse(streamed)) events.push(JSON.parse(data) as Frame);
    expect(events.at(-1)?.type).toBe('done');
    const [code] = (await closed) as [number];
    expect(code).toBe(1001);
    expect(frames.find(({ id, type }) => id === 'running' && type !== 'delta')).toMatchObject({ type: 'done' });

    await waitFor(() => stack?.processOf('gateway').pid !== null && stack?.processOf('gateway').pid !== pid, {
      timeoutMs: 15_000,
    });
    await waitFor(async () => (await fetch(`${url}/health/ready`)).ok, { timeoutMs: 20_000 });
  }, 60_000);
});

let attempts = 0;

/** Asks something new over a socket that is still open; gives the refusal once there is one. */
async function refusedNew(socket: WebSocket, frames: Frame[]): Promise<Frame | undefined> {
  const id = `new-${attempts++}`;
  socket.send(JSON.stringify({ id, prompt: fresh('Now?'), stream: false }));
  const answer = await waitFor(() => frames.find((frame) => frame['id'] === id));
  return answer['code'] === 'unavailable' ? answer : undefined;
}

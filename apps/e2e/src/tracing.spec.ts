import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@grpc/grpc-js';
import { Metadata } from '@grpc/grpc-js';
import { waitFor } from '@costlane/testing';
import { WebSocket } from 'ws';
import { doorsUnderTest, post } from './doors/doors-under-test';
import { reflectedClient } from './doors/reflected-client';
import { startCollector, type CollectedSpan, type Collector } from './support/collector';

const doors = doorsUnderTest();
const { COSTLANE_E2E_OTLP_PORT: port, COSTLANE_E2E_CONTROL: control } = process.env;
const isPossible = doors !== undefined && port !== undefined && control !== undefined;

const services = ['gateway', 'batcher', 'provider-worker', 'cost-attribution'];
const LOST = 'spans could not be exported';
const ROAD = ['queue', 'chat gpt-4o-mini', 'ledger record'];

interface Caller {
  traceId: string;
  spanId: string;
  traceparent: string;
}

function newCaller(flags = '01'): Caller {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

/** When a service's processes said that spans were lost, by process. */
function lostAtMs(service: string): number[][] {
  const file = path.join(path.dirname(control ?? ''), 'logs', `${service}.log`);
  const byProcess = new Map<number, number[]>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.includes(LOST)) continue;
    const { pid, time } = JSON.parse(line) as { pid: number; time: string };
    byProcess.set(pid, [...(byProcess.get(pid) ?? []), Date.parse(time)]);
  }
  return [...byProcess.values()];
}

(isPossible ? describe : describe.skip)('traces', () => {
  const url = doors?.url ?? '';
  // In every prompt, and nowhere else.
  const secret = `secret-${randomUUID()}`;
  let collector: Collector | undefined;

  const chat = (headers: Record<string, string> = {}, prompt = `${secret} ${randomUUID()}`, model = 'gpt-4o-mini') =>
    post(`${url}/v1/chat/completions`, { model, messages: [{ role: 'user', content: prompt }] }, headers);
  const spansOf = ({ traceId }: Caller): CollectedSpan[] =>
    collector?.spans.filter((span) => span.traceId === traceId) ?? [];

  /** The caller's server span, once it and these spans below it have come. */
  async function treeOf(caller: Caller, names: string[]): Promise<CollectedSpan> {
    const root = await waitFor(
      () => {
        const spans = spansOf(caller);
        return names.every((name) => spans.some((span) => span.name === name))
          ? spans.find((span) => span.parentSpanId === caller.spanId)
          : undefined;
      },
      { timeoutMs: 20_000 },
    );
    const spans = spansOf(caller);
    const parents = new Map(spans.map((span) => [span.spanId, span.parentSpanId]));
    const isBelowRoot = (id: string | undefined): boolean =>
      id !== undefined && (id === root.spanId || isBelowRoot(parents.get(id)));
    expect(spans.filter(({ spanId }) => !isBelowRoot(spanId))).toEqual([]);
    return root;
  }

  afterAll(() => collector?.close());

  it('cost nothing but a line a minute while nobody collects them', async () => {
    // Spans are sent every second: as long as these requests go on, sending fails again and again.
    await waitFor(
      async () => {
        const startedAt = performance.now();
        const response = await chat();
        await response.text();
        expect(response.status).toBe(200);
        expect(performance.now() - startedAt).toBeLessThan(2_000);
        return lostAtMs('gateway').length > 0 && lostAtMs('provider-worker').length > 0;
      },
      { timeoutMs: 30_000, intervalMs: 50 },
    );
    for (const service of services)
      for (const times of lostAtMs(service))
        for (const [n, atMs] of times.slice(1).entries()) expect(atMs - (times[n] ?? 0)).toBeGreaterThanOrEqual(59_000);
  }, 40_000);

  describe('with a collector', () => {
    beforeAll(async () => {
      collector = await startCollector(Number(port));
    });

    it('join HTTP, the lane, the queue, the provider’s call and the ledger in one tree', async () => {
      const caller = newCaller();
      const response = await chat({ traceparent: caller.traceparent, 'x-costlane-priority': 'batch' });
      const { model } = (await response.json()) as { model: string };
      const root = await treeOf(caller, [...ROAD, 'lane batch']);
      expect(root).toMatchObject({
        name: 'POST /v1/chat/completions',
        service: 'gateway',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': expect.any(String),
          'gen_ai.request.model': 'gpt-4o-mini',
          'gen_ai.response.model': model,
          'gen_ai.usage.input_tokens': expect.any(Number),
          'gen_ai.usage.output_tokens': expect.any(Number),
          'costlane.cache': 'miss',
          'costlane.request_id': response.headers.get('x-request-id'),
        },
      });
      const roads = Object.fromEntries(spansOf(caller).map(({ name, service }) => [name, service]));
      expect(roads).toEqual({
        'POST /v1/chat/completions': 'gateway',
        'lane batch': 'batcher',
        queue: 'provider-worker',
        'chat gpt-4o-mini': 'provider-worker',
        'ledger record': 'cost-attribution',
      });
      const call = spansOf(caller).find(({ name }) => name === 'chat gpt-4o-mini');
      expect(call?.attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.response.model': model,
        'gen_ai.usage.output_tokens': root.attributes['gen_ai.usage.output_tokens'],
      });
    }, 30_000);

    it('join gRPC in the same way', async () => {
      const caller = newCaller();
      const client: Client & Record<string, CallableFunction> = await reflectedClient(
        doors?.grpcAddress ?? '',
        'costlane.v1.InferenceService',
      );
      const metadata = new Metadata();
      metadata.set('traceparent', caller.traceparent);
      const request = { prompt: `${secret} ${randomUUID()}`, preferred_model: 'gpt-4o-mini' };
      try {
        await new Promise<void>((resolve, reject) =>
          client['Complete']?.(request, metadata, (error: Error | null) => (error ? reject(error) : resolve())),
        );
      } finally {
        client.close();
      }
      const root = await treeOf(caller, ROAD);
      expect(root.name).toBe('costlane.v1.InferenceService/Complete');
    }, 30_000);

    it('join our own HTTP door and the socket', async () => {
      const [http, socketed] = [newCaller(), newCaller()];
      const fields = { preferred_model: 'gpt-4o-mini' };
      const asked = post(
        `${url}/v1/inference`,
        { ...fields, prompt: `${secret} ${randomUUID()}` },
        { traceparent: http.traceparent },
      );
      expect((await asked).status).toBe(200);
      const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/stream`, {
        headers: { traceparent: socketed.traceparent },
      });
      socket.on('open', () => socket.send(JSON.stringify({ ...fields, prompt: `${secret} ${randomUUID()}` })));
      try {
        expect((await treeOf(http, ROAD)).name).toBe('POST /v1/inference');
        expect((await treeOf(socketed, ROAD)).name).toBe('WS /v1/stream');
      } finally {
        socket.terminate();
      }
    }, 30_000);

    it('show an answer from memory as a span of its own with its record, and no call', async () => {
      const prompt = `${secret} ${randomUUID()}`;
      await (await chat({}, prompt)).text();
      const caller = newCaller();
      const again = await chat({ traceparent: caller.traceparent }, prompt);
      expect(again.headers.get('x-cache')).toBe('memory');
      const root = await treeOf(caller, ['ledger record']);
      expect(root.attributes).toMatchObject({ 'costlane.cache': 'memory', 'costlane.cost_nano_usd': 0 });
      expect(spansOf(caller)).toHaveLength(2);
    }, 30_000);

    it('end with the error’s code, whether refused at the door or failed upstream', async () => {
      const [refused, failed] = [newCaller(), newCaller()];
      expect((await chat({ traceparent: refused.traceparent }, secret, 'no-such-model')).status).toBe(404);
      const upstream = await chat(
        { traceparent: failed.traceparent },
        `${secret} [[mock: status=400]] ${randomUUID()}`,
      );
      expect(upstream.status).toBeGreaterThanOrEqual(400);
      const code = upstream.headers.get('x-error-code');
      expect((await treeOf(refused, [])).attributes).toMatchObject({ 'error.type': 'model_not_found' });
      expect((await treeOf(failed, ROAD)).attributes).toMatchObject({ 'error.type': code });
      const call = spansOf(failed).find(({ name }) => name === 'chat gpt-4o-mini');
      expect(call).toMatchObject({ statusCode: 2, attributes: { 'error.type': code } });
    }, 30_000);

    it('record nothing of what the caller does not sample, and never a prompt', async () => {
      const [unsampled, after] = [newCaller('00'), newCaller()];
      await (await chat({ traceparent: unsampled.traceparent })).text();
      await (await chat({ traceparent: after.traceparent })).text();
      await treeOf(after, ROAD);
      expect(spansOf(unsampled)).toEqual([]);
      expect(collector?.spans.length).toBeGreaterThan(20);
      expect(collector?.bodies.filter((body) => body.includes(secret))).toEqual([]);
    }, 30_000);
  });
});

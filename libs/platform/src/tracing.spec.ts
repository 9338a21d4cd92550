import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogLines } from './spec-support/log-lines';
import { until } from './spec-support/until';
import { createTracing } from './tracing';
import type { TracingOptions } from './tracing';

interface OtlpSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
}

interface OtlpBody {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
}

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An OTLP/HTTP receiver that keeps what it gets. */
async function startReceiver({ statusCode = 200 } = {}) {
  const spans: (OtlpSpan & { service: string })[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      paths.push(request.url ?? '');
      const body = JSON.parse(Buffer.concat(parts).toString()) as OtlpBody;
      for (const { resource, scopeSpans } of body.resourceSpans) {
        const name = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
        for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service: name })));
      }
      response.writeHead(statusCode, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, paths };
}

async function tracingOf(service: string, options: Partial<TracingOptions> = {}) {
  const { logger, lines } = createLogLines();
  const tracing = createTracing({ service, isEnabled: true, logger, ...options });
  await tracing.ready;
  return { tracing, lines };
}

describe('tracing', () => {
  test('joins the spans of three services into one tree by traceparent', async () => {
    const receiver = await startReceiver();
    const gateway = await tracingOf('gateway', { otlpEndpoint: receiver.url });
    const worker = await tracingOf('provider-worker', { otlpEndpoint: `${receiver.url}/` });
    const ledger = await tracingOf('cost-attribution', { otlpEndpoint: receiver.url });
    const startTimeMs = Date.now() - 1_000;

    const root = gateway.tracing.startSpan('POST /v1/chat/completions', { kind: 'server', startTimeMs });
    const call = worker.tracing.startSpan('chat gpt', {
      kind: 'client',
      parentTraceparent: root?.traceparent,
      attributes: { 'gen_ai.request.model': 'gpt', 'gen_ai.usage.input_tokens': 12, unset: undefined },
    });
    const record = ledger.tracing.startSpan('record', { kind: 'consumer', parentTraceparent: call?.traceparent });
    record?.end({ error: new Error('row refused') });
    call?.end();
    root?.end({ endTimeMs: startTimeMs + 250 });
    await Promise.all([gateway.tracing.shutdown(), worker.tracing.shutdown(), ledger.tracing.shutdown()]);

    await until(() => receiver.spans.length === 3, 'three spans');
    const byService = Object.fromEntries(receiver.spans.map((span) => [span.service, span]));
    const [a, b, c] = [byService['gateway'], byService['provider-worker'], byService['cost-attribution']];
    expect(new Set(receiver.paths)).toEqual(new Set(['/v1/traces']));
    expect(new Set(receiver.spans.map((span) => span.traceId)).size).toBe(1);
    expect(a?.parentSpanId ?? '').toBe('');
    expect(b?.parentSpanId).toBe(a?.spanId);
    expect(c?.parentSpanId).toBe(b?.spanId);
    expect([a?.kind, b?.kind, c?.kind]).toEqual([2, 3, 5]);
    expect(Number(BigInt(a?.endTimeUnixNano ?? 0) - BigInt(a?.startTimeUnixNano ?? 0)) / 1e6).toBeCloseTo(250, 0);
    expect(b?.attributes).toContainEqual({ key: 'gen_ai.usage.input_tokens', value: { intValue: 12 } });
    expect(c?.status).toMatchObject({ code: 2, message: 'row refused' });
  });

  test('a caller decides on the sampling: of its unsampled trace nothing is recorded', async () => {
    const { tracing } = await tracingOf('router', { otlpEndpoint: 'http://127.0.0.1:1' });
    const unsampled = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
    expect(tracing.startSpan('Route', { kind: 'server', parentTraceparent: unsampled })).toBeUndefined();
  });

  test('a worker begins no trace of its own, unless it says so', async () => {
    const { tracing } = await tracingOf('provider-worker', { otlpEndpoint: 'http://127.0.0.1:1' });
    expect(tracing.startSpan('call', { kind: 'client' })).toBeUndefined();
    expect(tracing.startSpan('rollup', { kind: 'internal', isRoot: true })).toBeDefined();
  });

  test('the share of traces that begin is the sample ratio', async () => {
    const { tracing } = await tracingOf('gateway', { otlpEndpoint: 'http://127.0.0.1:1', sampleRatio: 0.25 });
    const begun = Array.from({ length: 4_000 }, () => tracing.startSpan('r', { kind: 'server' })).filter(Boolean);
    // Binomial with n = 4000, p = 0.25: seven standard deviations are 192.
    expect(Math.abs(begun.length - 1_000)).toBeLessThan(192);
  });

  test('a span ends once: what comes later changes and reports nothing', async () => {
    const receiver = await startReceiver();
    const { tracing, lines } = await tracingOf('gateway', { otlpEndpoint: receiver.url });
    const span = tracing.startSpan('r', { kind: 'server' });
    span?.end();
    span?.setAttributes({ late: true });
    span?.end({ error: 'late' });
    await tracing.shutdown();
    expect(receiver.spans).toMatchObject([{ name: 'r', attributes: [], status: { code: 0 } }]);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('a collector that is away costs a line in the log, and does not hold up the end', async () => {
    const { tracing, lines } = await tracingOf('gateway', { otlpEndpoint: 'http://127.0.0.1:1' });
    tracing.startSpan('r', { kind: 'server' })?.end();
    const startedAt = Date.now();
    await tracing.shutdown();
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', msg: 'the last spans are lost' });
  });

  test('a collector that refuses again and again costs one line a minute', async () => {
    const receiver = await startReceiver({ statusCode: 400 });
    const { tracing, lines } = await tracingOf('gateway', { otlpEndpoint: receiver.url });
    const refusedThrice = (): boolean => {
      tracing.startSpan('r', { kind: 'server' })?.end();
      return receiver.paths.length >= 3;
    };
    await until(refusedThrice, 'three exports', 15_000);
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ msg: 'spans could not be exported' }]);
    await tracing.shutdown();
  }, 20_000);

  test('switched off it gives no spans', async () => {
    const { logger } = createLogLines();
    const tracing = createTracing({ service: 'gateway', isEnabled: false, logger });
    expect(tracing.isEnabled).toBe(false);
    expect(tracing.startSpan('r', { kind: 'server' })).toBeUndefined();
    await tracing.shutdown();
  });
});

import { Controller, Get, Inject, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CostlaneError } from '@costlane/domain';
import { bootstrapService, httpPortOf } from './bootstrap-service';
import type { ServiceOptions } from './bootstrap-service';
import { HealthRegistry } from './health';
import { createMetrics } from './metrics';
import { Shutdown } from './shutdown';
import { createLogLines } from './spec-support/log-lines';

const GREETING = Symbol('greeting');

@Controller('greet')
class GreetController {
  constructor(@Inject(GREETING) private readonly greeting: string) {}

  @Get()
  greet(): { text: string } {
    return { text: this.greeting };
  }

  @Get('refused')
  refuse(): void {
    throw new CostlaneError('overloaded', 'Too much.', { retryAfterMs: 2_000 });
  }
}

@Module({ controllers: [GreetController], providers: [{ provide: GREETING, useFactory: () => 'hello' }] })
class AppModule {}

const apps: NestFastifyApplication[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
});

async function start(options: Partial<ServiceOptions> = {}) {
  const { logger, lines } = createLogLines();
  const health = new HealthRegistry();
  const metrics = createMetrics({ service: 'test' });
  const codes: number[] = [];
  const shutdown = new Shutdown({ logger, health, graceMs: 0, exit: (code) => codes.push(code) });
  const app = await bootstrapService({
    name: 'test',
    module: AppModule,
    config: { httpHost: '127.0.0.1', httpPort: 0 },
    logger,
    metrics,
    health,
    shutdown,
    ...options,
  });
  apps.push(app);
  const url = `http://127.0.0.1:${httpPortOf(app)}`;
  return { url, health, shutdown, codes, lines };
}

const get = async (url: string, init?: RequestInit) => {
  const response = await fetch(url, init);
  const text = await response.text();
  const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text;
  return { status: response.status, headers: response.headers, body };
};

describe('a service', () => {
  test('serves Nest controllers with injected values', async () => {
    const { url } = await start();
    expect((await get(`${url}/greet`)).body).toEqual({ text: 'hello' });
  });

  test('is live at once, and ready as its checks say', async () => {
    const { url, health } = await start();
    let isUp = false;
    health.register('redis', () => ({ ok: isUp, detail: 'refused' }));
    expect((await get(`${url}/health/live`)).status).toBe(200);
    const before = await get(`${url}/health/ready`);
    expect(before.status).toBe(503);
    expect(before.body).toMatchObject({ status: 'not_ready', checks: { redis: { ok: false, detail: 'refused' } } });
    isUp = true;
    expect((await get(`${url}/health/ready`)).status).toBe(200);
  });

  test('exports its metrics as Prometheus text', async () => {
    const { url } = await start();
    const { headers, body } = await get(`${url}/metrics`);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body).toContain('process_resident_memory_bytes{service="test"}');
  });

  test('answers an unknown route with the envelope, the code and the request id', async () => {
    const { url } = await start();
    const { status, headers, body } = await get(`${url}/nowhere`);
    expect(status).toBe(404);
    expect(body).toEqual({ success: false, data: null, error: 'Cannot GET /nowhere' });
    expect(headers.get('x-error-code')).toBe('not_found');
    expect(headers.get('x-request-id')).toMatch(/^req_/);
  });

  test("a controller's typed error keeps its status and retry hint", async () => {
    const { url } = await start();
    const { status, headers } = await get(`${url}/greet/refused`);
    expect(status).toBe(429);
    expect(headers.get('x-error-code')).toBe('overloaded');
    expect(headers.get('retry-after')).toBe('2');
  });

  test('an error of a raw route is answered without its text, and logged with it', async () => {
    const { url, lines } = await start({
      beforeListen: (_app, fastify) => {
        fastify.get('/boom', () => {
          throw new Error('secret reason');
        });
      },
    });
    const { status, body, headers } = await get(`${url}/boom`);
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret reason');
    expect(lines).toContainEqual(
      expect.objectContaining({
        requestId: headers.get('x-request-id'),
        err: expect.objectContaining({ message: 'secret reason' }),
      }),
    );
  });

  test.each([
    ['{bad', 'application/json', 400, 'invalid_json'],
    ['<a/>', 'application/xml', 415, 'unsupported_media_type'],
    [JSON.stringify('x'.repeat(200)), 'application/json', 413, 'body_too_large'],
  ])('the body %p as %s is refused with %i %s', async (body, contentType, status, code) => {
    const { url } = await start({
      bodyLimitBytes: 100,
      beforeListen: (_app, fastify) => void fastify.post('/echo', (request, reply) => reply.send(request.body)),
    });
    const reply = await get(`${url}/echo`, { method: 'POST', body, headers: { 'content-type': contentType } });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('x-error-code')).toBe(code);
  });

  test('a service can answer errors in its own way', async () => {
    const { url } = await start({
      errorHandler: (_error, _request, reply) => void reply.code(418).send({ mine: true }),
    });
    expect(await get(`${url}/nowhere`)).toMatchObject({ status: 418, body: { mine: true } });
  });

  test('on shutdown finishes the open request, then exits with 0', async () => {
    let release: () => void = () => undefined;
    let arrived: () => void = () => undefined;
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    const { url, shutdown, codes } = await start({
      beforeListen: (_app, fastify) =>
        void fastify.get('/slow', async () => {
          arrived();
          await new Promise<void>((resolve) => (release = resolve));
          return { done: true };
        }),
    });
    const open = get(`${url}/slow`);
    await hasArrived;
    const over = shutdown.trigger('SIGTERM');
    release();
    expect((await open).body).toEqual({ done: true });
    await over;
    expect(codes).toEqual([0]);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
  });

  test('fails to start on a port in use, with the reason', async () => {
    const { url } = await start();
    const httpPort = Number(new URL(url).port);
    await expect(start({ config: { httpHost: '127.0.0.1', httpPort } })).rejects.toThrow('EADDRINUSE');
  });
});

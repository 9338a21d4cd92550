import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { RouteReply, RouteRequest, RouterServiceClient, RouterServiceService } from '@costlane/contracts';
import { createLogger, createMetrics, createMuxClient, parseConfig } from '@costlane/platform';
import { createPolicyClient, type PolicyClient } from '@costlane/routing-policy';
import { waitFor } from '@costlane/testing';
import { configSchema } from './config';
import { startRouter, type RunningRouter } from './start-router';
import { models, silence, startModelServer } from './testing/model-server';

const logger = createLogger({ service: 'test', level: 'silent' });
const folder = mkdtempSync(path.join(tmpdir(), 'router-'));
const closers: (() => unknown)[] = [];

beforeAll(() => void (process.env['SHUTDOWN_GRACE_MS'] = '0'));
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function router(env: NodeJS.ProcessEnv = {}): Promise<RunningRouter> {
  const ports = { ROUTER_HTTP_PORT: '0', ROUTER_GRPC_PORT: '0' };
  const settings = {
    ...ports,
    LOG_LEVEL: 'silent',
    COSTLANE_DATA_DIR: folder,
    COST_ATTRIBUTION_GRPC_ADDRESS: 'none',
    ...env,
  };
  const running = await startRouter(
    parseConfig(configSchema, { env: settings, directory: '/nonexistent' }),
    () => undefined,
  );
  closers.push(() => running.shutdown.trigger('test'));
  return running;
}

function subscriber(grpcPort: number): PolicyClient {
  const client = createPolicyClient({
    address: `127.0.0.1:${grpcPort}`,
    subscriber: 'gateway/1',
    logger,
    metrics: createMetrics({ service: 'test' }),
    backOff: { firstMs: 10, lastMs: 50 },
  });
  closers.push(() => client.close());
  return client;
}

const get = async (running: RunningRouter, where: string) => {
  const response = await fetch(`http://127.0.0.1:${running.httpPort}${where}`);
  return { status: response.status, text: await response.text() };
};

const subscribers = async (running: RunningRouter, state: string) =>
  new RegExp(`costlane_policy_subscribers\\{state="${state}"[^}]*\\} (\\d+)`).exec(
    (await get(running, '/metrics')).text,
  )?.[1];

const priceFile = (input: string) => {
  const file = path.join(folder, 'prices.json');
  const price = { input_cost_per_1k_tokens: input, output_cost_per_1k_tokens: '0.002' };
  writeFileSync(file, JSON.stringify({ openai: { 'gpt-4o-mini': price } }));
  return file;
};

describe('router service', () => {
  it('streams its policy and knows which version a subscriber has applied', async () => {
    const running = await router();
    const policy = await subscriber(running.grpcPort).ready(5_000);
    expect(policy.defaultModel).toBe('gpt-4o-mini');
    expect(policy.models.get('gpt-4o')?.price?.perMillion.freshInput).toBe('2.5');
    await waitFor(async () => (await subscribers(running, 'current')) === '1');
    const shown = JSON.parse((await get(running, '/internal/policy')).text);
    expect(shown.data).toMatchObject({
      version: policy.version,
      default_model: 'gpt-4o-mini',
      subscribers: [{ subscriber: 'gateway/1', applied_version: policy.version, is_current: true }],
    });
  });

  it('sends a change of the price file within two seconds, and only what has changed', async () => {
    const running = await router({ PRICES_FILE: priceFile('0.001') });
    const client = subscriber(running.grpcPort);
    const first = await client.ready(5_000);
    expect(first.models.get('gpt-4o-mini')?.price?.perMillion.freshInput).toBe('1');
    const startedAt = Date.now();
    priceFile('0.003');
    await waitFor(() => client.current()?.version !== first.version);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(client.current()?.models.get('gpt-4o-mini')?.price?.perMillion.freshInput).toBe('3');
    // A delta leaves the other models as they were, the very objects; a full policy would bring new ones.
    expect(client.current()?.models.get('gpt-4o')).toBe(first.models.get('gpt-4o'));
  });

  it('is followed again after it was stopped and another one took its place', async () => {
    const first = await router();
    const client = subscriber(first.grpcPort);
    await client.ready(5_000);
    await first.shutdown.trigger('test');
    await waitFor(() => client.isStale());
    expect(client.current()?.models.get('o1')?.isEnabled).toBe(true);
    await router({ ROUTER_GRPC_PORT: String(first.grpcPort), MODELS_O1_ENABLED: 'false' });
    await waitFor(() => client.current()?.models.get('o1')?.isEnabled === false);
    expect(client.isStale()).toBe(false);
  });

  it('gives a sign of life to a subscriber that comes back with the current version', async () => {
    const running = await router();
    const { version } = await subscriber(running.grpcPort).ready(5_000);
    const client = new RouterServiceClient(`127.0.0.1:${running.grpcPort}`, credentials.createInsecure());
    const stream = client.watchPolicy();
    stream.on('error', () => undefined);
    stream.write({ subscriber: 'gateway/2', appliedVersion: version, health: [] });
    const update = await new Promise((resolve) => stream.once('data', resolve));
    expect(update).toMatchObject({ version, baseVersion: version, upsertedModels: [], removedModels: [] });
    stream.write({ subscriber: 'gateway/2', appliedVersion: '', health: [] });
    const full = await new Promise((resolve) => stream.once('data', resolve));
    expect(full).toMatchObject({ version, baseVersion: '' });
    await waitFor(async () => (await subscribers(running, 'behind')) === '1');
    stream.cancel();
    client.close();
    await waitFor(async () => (await subscribers(running, 'behind')) === '0');
  });

  it('decides over a plain call and over the multiplexed stream alike', async () => {
    const running = await router({ DEFAULT_MODEL: 'mock-premium' });
    const address = `127.0.0.1:${running.grpcPort}`;
    const client = new RouterServiceClient(address, credentials.createInsecure());
    const mux = createMuxClient({ address, logger, path: RouterServiceService.mux, callTimeoutMs: 2_000 });
    closers.push(
      () => client.close(),
      () => mux.close(),
    );
    const request = RouteRequest.create({ model: 'auto' });
    const plain = await new Promise((resolve, reject) => {
      client.route(request, (error, reply) => (error ? reject(error) : resolve(reply)));
    });
    expect(plain).toMatchObject({ model: 'mock-premium', provider: 'mock', reason: 'default', errorCode: '' });
    await mux.ready(5_000);
    const body = await mux.call('Route', Buffer.from(RouteRequest.encode(request).finish()));
    expect(RouteReply.decode(body)).toEqual(plain);
    await expect(mux.call('Route', Buffer.from([0xff]))).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('serves what a vLLM server lists, and shows neither its address nor its key', async () => {
    const server = await startModelServer(models('llama'));
    closers.push(() => server.close());
    const running = await router({ VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: 'very-secret', MOCK_LLM: 'false' });
    const client = subscriber(running.grpcPort);
    const policy = await client.ready(5_000);
    expect([...policy.models.keys()]).toEqual(['llama']);
    expect(policy.defaultModel).toBe('llama');
    const shown = await get(running, '/internal/policy');
    expect(shown.text).toContain('"provider":"vllm"');
    expect(shown.text).not.toContain('very-secret');
    expect(shown.text).not.toContain(server.baseUrl);
  });

  it('starts without models when the only server is down, and says so', async () => {
    const server = await startModelServer(silence);
    closers.push(() => server.close());
    const running = await router({ VLLM_BASE_URL: server.baseUrl });
    const ready = await get(running, '/health/ready');
    expect([ready.status, JSON.parse(ready.text).status]).toEqual([200, 'degraded']);
    expect(JSON.parse(ready.text).checks.models_vllm).toMatchObject({ ok: false, detail: 'no answer in time' });
  });

  it('lists its models with prices per million tokens', async () => {
    const running = await router();
    const { data } = JSON.parse((await get(running, '/models')).text);
    expect(data.find((model: { name: string }) => model.name === 'gpt-4o-mini')).toMatchObject({
      provider: 'mock',
      tier: 'economy',
      is_enabled: true,
      circuit_breaker_open: false,
      usd_per_million_tokens: { input: '0.15', output: '0.6', cache_read: '0.075' },
    });
  });
});

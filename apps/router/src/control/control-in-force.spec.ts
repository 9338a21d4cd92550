import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { credentials } from '@grpc/grpc-js';
import {
  CatalogServiceClient,
  ControlServiceService,
  type CatalogReply,
  type ChangedControlReply,
  type ChangedControlRequest,
} from '@costlane/contracts';
import { createLogger, createMetrics, HealthRegistry, parseConfig, startGrpcServer } from '@costlane/platform';
import { createPolicyClient } from '@costlane/routing-policy';
import { waitFor } from '@costlane/testing';
import { configSchema } from '../config';
import { startRouter } from '../start-router';
import { createMemoryControl, experimentBody } from './testing/documents';

const logger = createLogger({ service: 'test', level: 'silent' });
const closers: (() => unknown)[] = [];
let folder: string;
beforeAll(() => {
  process.env['SHUTDOWN_GRACE_MS'] = '0';
  folder = mkdtempSync(path.join(tmpdir(), 'router-control-'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(store: ReturnType<typeof createMemoryControl>, port = 0) {
  const unasked = (_call: unknown, callback: (error: Error) => void) => callback(new Error('unasked'));
  const changed = (
    { request }: { request: ChangedControlRequest },
    callback: (error: Error | null, reply?: ChangedControlReply) => void,
  ) =>
    void store.changed(request.sinceVersion).then(
      (reply) => callback(null, reply),
      (error: Error) => callback(error),
    );
  const implementation = { put: unasked, remove: unasked, get: unasked, list: unasked, changed };
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port,
    logger,
    health: new HealthRegistry(),
    services: [
      {
        definition: ControlServiceService as ServiceDefinition,
        implementation: implementation as UntypedServiceImplementation,
      },
    ],
  });
  closers.push(() => server.close({ graceMs: 0 }));
  return server;
}

async function router(env: NodeJS.ProcessEnv) {
  const settings = { ROUTER_HTTP_PORT: '0', ROUTER_GRPC_PORT: '0', LOG_LEVEL: 'silent', COSTLANE_DATA_DIR: folder };
  const config = parseConfig(configSchema, { env: { ...settings, ...env }, directory: '/nonexistent' });
  const running = await startRouter(config, () => undefined);
  closers.push(() => running.shutdown.trigger('test'));
  const client = createPolicyClient({
    address: `127.0.0.1:${running.grpcPort}`,
    subscriber: 'gateway/1',
    logger,
    metrics: createMetrics({ service: 'test' }),
    backOff: { firstMs: 10, lastMs: 50 },
  });
  closers.push(() => client.close());
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${running.httpPort}/health/ready`);
    return [response.status, await response.text()] as const;
  };
  return { running, client, ready };
}

describe('what administrators decide', () => {
  it('is in force at a gateway within two seconds', async () => {
    const store = createMemoryControl();
    store.put('tenant-policy', 'acme', { dataPolicy: 'redact' });
    const { port } = await serve(store);
    const { client } = await router({ COST_ATTRIBUTION_GRPC_ADDRESS: `127.0.0.1:${port}` });
    const first = await client.ready(5_000);
    expect(first.tenants.get('acme')?.dataPolicy).toBe('redact');
    const startedAt = Date.now();
    store.put('tenant-policy', 'acme', { dataPolicy: 'block' });
    store.put('experiment', 'e1', experimentBody);
    await waitFor(() => client.current()?.tenants.get('acme')?.dataPolicy === 'block');
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    await waitFor(() => client.current()?.experiments.has('e1') === true);
    store.remove('experiment', 'e1');
    await waitFor(() => client.current()?.experiments.has('e1') === false);
    // A delta: the models are the very objects of before.
    expect(client.current()?.models.get('gpt-4o')).toBe(first.models.get('gpt-4o'));
  }, 15_000);

  it('is waited for by a router that never read it: no policy, not ready, and both as soon as it comes', async () => {
    const store = createMemoryControl();
    store.put('tenant-policy', 'acme', { dataPolicy: 'block' });
    store.setAway(true);
    const { port } = await serve(store);
    const COSTLANE_DATA_DIR = path.join(folder, 'fresh');
    const { client, ready } = await router({ COSTLANE_DATA_DIR, COST_ATTRIBUTION_GRPC_ADDRESS: `127.0.0.1:${port}` });
    await expect(client.ready(700)).rejects.toMatchObject({ code: 'not_ready' });
    expect((await ready())[0]).toBe(503);
    store.setAway(false);
    expect((await client.ready(5_000)).tenants.get('acme')?.dataPolicy).toBe('block');
    expect((await ready())[0]).toBe(200);
  }, 15_000);
});

describe('the catalog over gRPC', () => {
  it('shows what the HTTP door shows, and gives the errors of approvals', async () => {
    const { running } = await router({ COST_ATTRIBUTION_GRPC_ADDRESS: 'none' });
    const client = new CatalogServiceClient(`127.0.0.1:${running.grpcPort}`, credentials.createInsecure());
    closers.push(() => client.close());
    const shown = await new Promise<CatalogReply>((resolve, reject) =>
      client.show({}, (error, reply) => (error ? reject(error) : resolve(reply))),
    );
    const response = await fetch(`http://127.0.0.1:${running.httpPort}/internal/catalog`);
    expect(JSON.parse(shown.json)).toEqual(((await response.json()) as { data: unknown }).data);
    const code = await new Promise((resolve) =>
      client.approve({ id: 'none' }, (error) => resolve(error?.metadata.get('x-error-code')[0])),
    );
    expect(code).toBe('not_found');
  });
});

import { credentials, status } from '@grpc/grpc-js';
import {
  CacheServiceClient,
  CacheServiceService,
  type InvalidateReply,
  type InvalidateRequest,
} from '@costlane/contracts';
import { createLogger, createMetrics, HealthRegistry, startGrpcServer } from '@costlane/platform';
import { createFillMetrics } from '../fill/fill-metrics';
import { createCacheController } from './cache.controller';

const logger = createLogger({ service: 'test', level: 'silent' });
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function clientFor(invalidate: () => Promise<number>): Promise<CacheServiceClient> {
  const metrics = createFillMetrics(createMetrics({ service: 'test' }));
  const implementation = createCacheController({ store: { invalidate }, metrics, logger, timeoutMs: 50 });
  const services = [{ definition: CacheServiceService, implementation }];
  const health = new HealthRegistry();
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, logger, health, services });
  const client = new CacheServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  closers.push(
    () => server.close({ graceMs: 0 }),
    () => client.close(),
  );
  return client;
}

const call = (client: CacheServiceClient, request: InvalidateRequest): Promise<InvalidateReply> =>
  new Promise((resolve, reject) => {
    client.invalidate(request, (error, reply) => (error ? reject(error) : resolve(reply)));
  });

const everything: InvalidateRequest = { tenantId: 'acme', what: { $case: 'all', value: true } };

describe('cache gRPC', () => {
  it('says how many entries went, and counts them in its stats', async () => {
    const client = await clientFor(async () => 3);
    expect(await call(client, everything)).toEqual({ removedEntries: 3 });
    const stats = await new Promise((resolve) => client.stats({}, (_error, reply) => resolve(reply)));
    expect(stats).toEqual({ filledEntries: 0, skippedEntries: 0, invalidatedEntries: 3 });
  });

  it('refuses a malformed request with the field that is wrong', async () => {
    const client = await clientFor(async () => 3);
    await expect(call(client, { tenantId: 'acme' })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('key, model, tag or all') as string,
    });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('connection lost'))],
    ['does not answer', () => new Promise<number>(() => undefined)],
  ])('is unavailable when Redis %s', async (_what, invalidate) => {
    const client = await clientFor(invalidate);
    await expect(call(client, everything)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

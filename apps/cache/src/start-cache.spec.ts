import { credentials } from '@grpc/grpc-js';
import { CacheServiceClient, completionFields, streamNames, type Completion } from '@costlane/contracts';
import { createLogger, createRedis, parseConfig, type Redis } from '@costlane/platform';
import { createResponseStore } from '@costlane/response-store';
import { redisUrlForTests, waitFor } from '@costlane/testing';
import { configSchema } from './config';
import { startCache, type RunningCache } from './start-cache';
import { testCompletion, testFingerprint } from './testing/test-completion';

const serverUrl = redisUrlForTests();
/** A database of its own: the stream's name is the same for all. */
const redisUrl = serverUrl && Object.assign(new URL(serverUrl), { pathname: '/11' }).href;
const logger = createLogger({ service: 'test', level: 'silent' });

(redisUrl ? describe : describe.skip)('cache service on a real Redis', () => {
  let redis: Redis;
  let running: RunningCache;
  const exit = jest.fn();

  beforeAll(async () => {
    redis = createRedis(redisUrl ?? '', { name: 'test', logger, blocking: true });
    await redis.flushdb();
    const env = { REDIS_URL: redisUrl, CACHE_HTTP_PORT: '0', CACHE_GRPC_PORT: '0', LOG_LEVEL: 'silent' };
    process.env['SHUTDOWN_GRACE_MS'] = '0';
    running = await startCache(parseConfig(configSchema, { env, directory: '/nonexistent' }), exit);
  });

  afterAll(async () => {
    await running.shutdown.trigger('test');
    expect(exit).toHaveBeenCalledWith(0);
    await redis.flushdb();
    redis.disconnect();
  });

  const publish = (...completions: Completion[]) =>
    redis.xadd(streamNames().completions, '*', ...completionFields(completions));
  const store = () => createResponseStore({ redis, maxEntryBytes: 1_000_000 });
  const fresh = (wanted: Parameters<typeof testCompletion>[0]) =>
    testCompletion({ createdAtMs: Date.now(), ...wanted });
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${running.httpPort}/metrics`)).text();
    return Number(new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(text)?.[1]);
  };

  it('puts the answers of the completions stream where gateways look for them', async () => {
    const [first, second] = [testFingerprint('one'), testFingerprint('two')];
    await publish(fresh({ fingerprint: first }), fresh({ fingerprint: second, record: { httpStatus: 500 } }));
    const answer = await waitFor(() => store().find('acme', first));
    expect(answer.body.toString()).toContain('hello');
    expect(answer.header.modelUsed).toBe('gpt-4o');
    expect(await store().find('acme', second)).toBeUndefined();
    expect(await store().find('other', first)).toBeUndefined();
    await waitFor(async () => (await metric('costlane_cache_fill_pending_entries')) === 0);
    expect(await metric('costlane_cache_fill_queue_depth')).toBe(0);
  });

  it('goes on after an entry that cannot be read', async () => {
    await redis.xadd(streamNames().completions, '*', 'm', '{', 'b', '');
    const key = testFingerprint('after the broken one');
    await publish(fresh({ fingerprint: key }));
    expect(await waitFor(() => store().find('acme', key))).toBeDefined();
  });

  it('drops entries on request and does not take back an answer that was asked before', async () => {
    const key = testFingerprint('to be dropped');
    await publish(fresh({ fingerprint: key, tag: 'docs' }));
    await waitFor(() => store().find('acme', key));
    const client = new CacheServiceClient(`127.0.0.1:${running.grpcPort}`, credentials.createInsecure());
    const reply = await new Promise((resolve, reject) => {
      const request = { tenantId: 'acme', what: { $case: 'tag' as const, value: 'docs' } };
      client.invalidate(request, (error, result) => (error ? reject(error) : resolve(result)));
    });
    client.close();
    expect(reply).toEqual({ removedEntries: 1 });
    expect(await store().find('acme', key)).toBeUndefined();

    const later = testFingerprint('behind the late one');
    await publish(
      fresh({ fingerprint: key, tag: 'docs', createdAtMs: Date.now() - 1_000 }),
      fresh({ fingerprint: later }),
    );
    await waitFor(() => store().find('acme', later));
    expect(await store().find('acme', key)).toBeUndefined();
  });

  it('is ready while Redis answers', async () => {
    const response = await fetch(`http://127.0.0.1:${running.httpPort}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ready', checks: { redis: { ok: true } } });
  });
});

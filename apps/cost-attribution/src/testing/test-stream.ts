import { randomBytes } from 'node:crypto';
import { completionFields, streamNames, type CompletionRecord, type StreamNames } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { databaseUrlForTests, redisUrlForTests, waitFor } from '@costlane/testing';

export const quiet = createLogger({ service: 'test', level: 'silent' });

export const describeWithRedis = redisUrlForTests() ? describe : describe.skip;
export const describeWithServers = redisUrlForTests() && databaseUrlForTests() ? describe : describe.skip;

/** Streams of a shard of their own on the real Redis. */
export interface TestStream {
  url: string;
  shard: string;
  redis: Redis;
  names: StreamNames;
  /** Publishes completions, those of one call in one entry. */
  publish(...records: CompletionRecord[]): Promise<string>;
  end(): Promise<void>;
}

export async function startTestStream(): Promise<TestStream> {
  const url = redisUrlForTests();
  if (url === undefined) throw new Error('there is no Redis for tests');
  const shard = `test-${randomBytes(6).toString('hex')}`;
  const names = streamNames(shard);
  const redis = createRedis(url, { name: 'test', logger: quiet });
  await waitFor(() => redis.status === 'ready');
  return {
    url,
    shard,
    redis,
    names,
    publish: async (...records) =>
      String(await redis.xadd(names.completions, '*', ...completionFields(records.map((record) => ({ record }))))),
    async end() {
      const keys = await redis.keys(`costlane:{${shard}}:*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    },
  };
}

/** A record that the ledger takes. */
export function testRecord(requestId: string, changes: Partial<CompletionRecord> = {}): CompletionRecord {
  const createdAtMs = 1_795_219_200_000;
  return {
    v: 1,
    requestId,
    attempt: 'a1',
    tenantId: 'acme',
    endpoint: '/v1/chat/completions',
    provider: 'mock',
    modelAsked: 'gpt-4o',
    modelUsed: 'gpt-4o',
    routeReason: 'requested',
    policyVersion: '1',
    cacheTier: 'miss',
    stream: false,
    usageSource: 'provider',
    paidNanoUsd: 700,
    baselineNanoUsd: 1_000,
    savings: { cache: 0, routing: 200, prefix: 100, batching: 0 },
    priceVersion: 'list-1',
    httpStatus: 200,
    createdAtMs,
    finishedAtMs: createdAtMs + 100,
    latencyMs: 100,
    upstreamCalls: 1,
    ...changes,
  };
}

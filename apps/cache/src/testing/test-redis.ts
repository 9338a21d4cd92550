import { randomUUID } from 'node:crypto';
import { streamNames, type StreamNames } from '@costlane/contracts';
import { createLogger, createRedis, type Redis } from '@costlane/platform';
import { createResponseStore, type ResponseStore } from '@costlane/response-store';
import { testCompletion, testFingerprint } from './test-completion';

export const silent = createLogger({ service: 'spec', level: 'silent' });
export const redisUrl = process.env.REDIS_URL ?? '';
/** Runs where a Redis is given; what it keeps there lies under names of its own. */
export const describeWithRedis = redisUrl === '' ? describe.skip : describe;

export interface TestRedis {
  redis: Redis;
  connect(): Redis;
  names: StreamNames;
  store: ResponseStore;
  /** A tenant that no other test has. */
  tenant(): string;
  /** Stores an answer to a question, as the fill service does; gives its fingerprint. */
  fill(
    tenantId: string,
    text: string,
    more?: { answer?: string; contextHash?: string; model?: string; tag?: string; ttlSeconds?: number },
  ): Promise<string>;
  end(): void;
}

export function testRedis(): TestRedis {
  const open: Redis[] = [];
  const connect = (): Redis => {
    const redis = createRedis(redisUrl, { name: 'spec', logger: silent, blocking: true });
    open.push(redis);
    return redis;
  };
  const redis = connect();
  const store = createResponseStore({ redis, maxEntryBytes: 1_000_000 });
  return {
    redis,
    connect,
    names: streamNames(`spec-${randomUUID()}`),
    store,
    tenant: () => `spec-${randomUUID()}`,
    async fill(tenantId, text, { answer = 'Because.', contextHash = 'c', model = 'm', tag, ttlSeconds = 600 } = {}) {
      const fingerprint = testFingerprint(`${tenantId} ${text} ${contextHash} ${model}`);
      const body = Buffer.from(JSON.stringify({ choices: [{ index: 0, message: { content: answer } }] }));
      const nowMs = Date.now();
      const semantic = { text, contextHash };
      const { fill } = testCompletion({ tenantId, fingerprint, ttlSeconds, tag, createdAtMs: nowMs, semantic, body });
      if (!fill) throw new Error('a completion without a fill');
      const entry = { ...fill.entry, modelAsked: model, modelUsed: model, askedAtMs: nowMs };
      await store.fill([{ fill: { ...fill, entry }, body }]);
      return fingerprint;
    },
    end: () => open.forEach((one) => one.disconnect()),
  };
}

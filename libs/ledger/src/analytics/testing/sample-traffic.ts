import type { CacheTier, CompletionRecord } from '@costlane/contracts';
import { sampleRecord } from '../../testing/sample-record';

const DAY_MS = 86_400_000;
const tiers: CacheTier[] = ['miss', 'miss', 'miss', 'memory', 'exact', 'semantic', 'coalesced'];
const models = [
  ['gpt-4o', 'openai'],
  ['gpt-4o-mini', 'openai'],
  ['claude-sonnet-4', 'anthropic'],
] as const;

export interface TrafficOptions {
  /** UTC midnight of the first day. */
  from: Date;
  days: number;
  requestsPerDay: number;
}

const pick = <T>(all: readonly T[], i: number): T => all[i % all.length] as T;

/**
 * Requests of two tenants in which everything occurs: all tiers, errors, unpriced models, negative savings, users and features with the names of the
 * other tenant's, requests without any of them, both arms, an experiment. The same for the same options.
 */
export function sampleTraffic({ from, days, requestsPerDay }: TrafficOptions): CompletionRecord[] {
  return Array.from({ length: days * requestsPerDay }, (_, i) => {
    const day = Math.floor(i / requestsPerDay);
    const createdAtMs = from.getTime() + day * DAY_MS + Math.floor(((i % requestsPerDay) / requestsPerDay) * DAY_MS);
    return trafficRecord(i, day, createdAtMs);
  });
}

function trafficRecord(i: number, day: number, createdAtMs: number): CompletionRecord {
  const [modelUsed, provider] = pick(models, i);
  const cacheTier = pick(tiers, i * 5 + day);
  const isHit = cacheTier !== 'miss';
  const isFailed = !isHit && i % 17 === 0;
  // Some that fail have cost something by then.
  const isFree = isFailed && i % 34 === 0;
  const list = isFree ? 0 : 1_000_000 + (i % 23) * 40_000 + day * 10_000;
  const prefix = isHit ? 0 : (i % 5) * 20_000 - 30_000;
  const batching = i % 4 === 0 && !isHit ? 50_000 : 0;
  const routing = ((i >> 1) % 3) * 300_000;
  const isPriced = i % 29 !== 0 || isHit;
  const savings =
    isFree || !isPriced
      ? { cache: 0, routing: 0, prefix: 0, batching: 0 }
      : { cache: isHit ? list : 0, routing, prefix, batching };
  const paidNanoUsd = isFree || !isPriced || isHit ? 0 : list - prefix - batching;
  const saved = savings.cache + savings.routing + savings.prefix + savings.batching;
  return sampleRecord({
    requestId: `req_${i}`,
    tenantId: i % 3 === 0 ? 'globex' : 'acme',
    teamId: i % 11 === 0 ? undefined : pick(['search', 'support'], i),
    userId: i % 13 === 0 ? undefined : `user-${i % 7}`,
    keyId: `key-${i % 4}`,
    featureName: i % 10 === 0 ? undefined : pick(['chat', 'summary', '=cmd|calc'], i * 7),
    ...(i % 4 === 0 ? { experimentId: 'exp-1', experimentVariant: pick(['a', 'b'], i / 4) } : {}),
    endpoint: pick(['/v1/chat/completions', '/v1/messages'], i),
    provider,
    modelUsed,
    cacheTier,
    paidNanoUsd,
    baselineNanoUsd: paidNanoUsd + saved,
    savings,
    priceVersion: isPriced ? 'list-2026-11' : undefined,
    httpStatus: isFailed ? 502 : 200,
    ...(isFailed ? { errorCode: 'upstream_error' as const } : {}),
    createdAtMs,
    latencyMs: 100 + (i % 50),
    timeToFirstTokenMs: i % 2 === 0 ? 40 : undefined,
    upstreamCalls: isHit ? 0 : 1,
    ...(i % 20 === 0 ? { isHoldout: true as const } : {}),
  });
}

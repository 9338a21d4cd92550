import type { CacheTier, CompletionRecord } from '@costlane/contracts';
import { testRecord } from '../../testing/test-stream';

const HOUR_MS = 3_600_000;
/** The last full day of the records; `now` of the specs is half a day later. */
export const LAST_DAY = Date.parse('2026-11-26T00:00:00Z');
export const NOW = new Date('2026-11-27T12:00:00Z');
export const DAYS = 40;
/** What the deployment keeps ready. */
export const RESERVED_NANO_USD_PER_HOUR = 1_000_007;
/** What the specs' ledger takes each request to have cost of our own machines. */
export const INFRASTRUCTURE_NANO_USD = 1_000;

const tiers: CacheTier[] = ['miss', 'exact', 'miss', 'semantic'];

const pick = <T>(all: readonly T[], i: number): T => all[i % all.length] as T;

/** Of two tenants over forty days, by two models, users and features with names of their own, one of which a spreadsheet would run. */
export function reportRecords(): CompletionRecord[] {
  return Array.from({ length: DAYS * 12 }, (_, i) => {
    const day = Math.floor(i / 12);
    const createdAtMs = LAST_DAY - (DAYS - 1 - day) * 24 * HOUR_MS + (i % 12) * 2 * HOUR_MS;
    return reportRecord(i, day, createdAtMs);
  });
}

function reportRecord(i: number, day: number, createdAtMs: number): CompletionRecord {
  const cacheTier = pick(tiers, i);
  const isHit = cacheTier !== 'miss';
  const list = 1_000_000 + 37 * i + day * 1_000;
  const savings = { cache: isHit ? list : 0, routing: 500_000, prefix: isHit ? 0 : 10_000, batching: 0 };
  const paidNanoUsd = isHit ? 0 : list - savings.prefix;
  const isAcme = i % 3 !== 0;
  return testRecord(`req_${i}`, {
    tenantId: isAcme ? 'acme' : 'globex',
    teamId: pick(['search', 'support'], i),
    userId: i % 5 === 0 ? undefined : `${isAcme ? 'acme' : 'globex'}-user-${i % 4}`,
    keyId: `key-${i % 2}`,
    featureName: isAcme ? pick(['chat', '=cmd|calc'], i) : pick(['globex-chat', 'chat'], i),
    ...(i % 4 === 0 ? { experimentId: 'exp-1', experimentVariant: pick(['a', 'b'], i / 4) } : {}),
    provider: pick(['openai', 'anthropic'], i),
    modelUsed: pick(['gpt-4o-mini', 'claude-haiku'], i),
    cacheTier,
    usage: {
      freshInputTokens: 100 + (i % 7),
      cacheReadTokens: isHit ? 0 : 50,
      cacheWriteShortTokens: 0,
      cacheWriteLongTokens: 0,
      outputTokens: 20,
      reasoningTokens: 3,
    },
    paidNanoUsd,
    baselineNanoUsd: paidNanoUsd + savings.cache + savings.routing + savings.prefix,
    savings,
    createdAtMs,
    finishedAtMs: createdAtMs + 100,
    upstreamCalls: isHit ? 0 : 1,
  });
}

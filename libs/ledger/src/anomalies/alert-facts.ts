import type { Database } from '../database';

/** What alert rules are judged by, all of it from rollups. Nano-dollars. */
export interface AlertFacts {
  /** Rows of an answer at the most: one that is as long may not be all. */
  readonly limit: number;
  /** Of the running UTC day; tenant `*` is the whole deployment. */
  daySpend(least: bigint): Promise<{ tenantId: string; spentNanoUsd: bigint }[]>;
  userSpend(least: bigint): Promise<{ tenantId: string; userId: string; spentNanoUsd: bigint }[]>;
  /** Of the last full hour and the one under way together; tenants with fewer requests than `leastRequests` an hour are left out. */
  hitRates(leastRequests: number): Promise<{ tenantId: string; requests: number; hits: number }[]>;
}

/** Nobody reads more alerts of one kind. */
const MAX_ROWS = 1_000;

const daySql = (dimension: 'total' | 'user'): string => `
  SELECT tenant_id, value, sum(paid_nano_usd)::text AS spent FROM cost_daily_rollup
  WHERE dimension = '${dimension}' AND bucket = (now() AT TIME ZONE 'UTC')::date ${dimension === 'user' ? `AND value <> ''` : ''}
  GROUP BY tenant_id, value HAVING sum(paid_nano_usd) > $1 ORDER BY sum(paid_nano_usd) DESC LIMIT ${MAX_ROWS}`;

const hitsSql = `
  SELECT tenant_id, sum(requests)::float8 AS requests,
    sum(memory_hits + exact_hits + semantic_hits + coalesced_hits)::float8 AS hits
  FROM cost_hourly_rollup
  WHERE dimension = 'total' AND bucket >= date_trunc('hour', now(), 'UTC') - interval '1 hour'
  GROUP BY tenant_id
  HAVING sum(requests) >= $1::float8 * (1 + extract(epoch FROM now() - date_trunc('hour', now(), 'UTC')) / 3600)
  ORDER BY tenant_id LIMIT ${MAX_ROWS}`;

export function createAlertFacts(database: Database): AlertFacts {
  const spend = (dimension: 'total' | 'user', least: bigint) =>
    database.query<{ tenant_id: string; value: string; spent: string }>(daySql(dimension), [least.toString()]);
  return {
    limit: MAX_ROWS,
    async daySpend(least) {
      const rows = await spend('total', least);
      return rows.map(({ tenant_id: tenantId, spent }) => ({ tenantId, spentNanoUsd: BigInt(spent) }));
    },
    async userSpend(least) {
      const rows = await spend('user', least);
      return rows.map(({ tenant_id: tenantId, value, spent }) => ({
        tenantId,
        userId: value,
        spentNanoUsd: BigInt(spent),
      }));
    },
    async hitRates(leastRequests) {
      type Row = { tenant_id: string; requests: number; hits: number };
      const rows = await database.query<Row>(hitsSql, [leastRequests]);
      return rows.map(({ tenant_id: tenantId, requests, hits }) => ({ tenantId, requests, hits }));
    },
  };
}

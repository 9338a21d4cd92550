import type { Database } from '../database';

export const entryKinds = ['reserve', 'settle', 'release', 'correct'] as const;
export type EntryKind = (typeof entryKinds)[number];

/** One line of the books. Amounts in nano-dollars. */
export interface LedgerEntry {
  id: string;
  at: Date;
  kind: EntryKind;
  /** UTC day of the requests it is about, `YYYY-MM-DD`. */
  day: string;
  tenantId: string;
  requests: number;
  amountNanoUsd: bigint;
  budgetId: string | null;
  subject: string | null;
  lessee: string | null;
  requestId: string | null;
  reference: string | null;
  reason: string | null;
  madeBy: string | null;
}

export interface EntryFilter {
  /** Undefined: all tenants, for who runs the deployment. */
  tenantId?: string;
  kind?: EntryKind;
  /** Days from this one on, `YYYY-MM-DD`. */
  since?: string;
  /** Days before this one. */
  until?: string;
  day?: string;
  reference?: string;
  /** Those that were entered before the one of this id: the next page. */
  beforeId?: string;
  limit: number;
}

const list = `
  SELECT id, at, kind, day::text, tenant_id AS "tenantId", requests::double precision AS requests, amount_nano_usd AS amount,
    budget_id AS "budgetId", subject, lessee, request_id AS "requestId", reference, reason, made_by AS "madeBy"
  FROM ledger_entries
  WHERE ($1::text IS NULL OR tenant_id = $1) AND ($2::text IS NULL OR kind = $2)
    AND ($3::date IS NULL OR day >= $3) AND ($4::date IS NULL OR day < $4)
    AND ($5::date IS NULL OR day = $5) AND ($6::text IS NULL OR reference = $6)
    AND ($7::bigint IS NULL OR id < $7)
  ORDER BY id DESC LIMIT $8`;

type EntryRow = Omit<LedgerEntry, 'amountNanoUsd'> & { amount: string };

/** The latest first. Throws {@link DatabaseError}. */
export async function listEntries(database: Database, filter: EntryFilter): Promise<LedgerEntry[]> {
  const { tenantId, kind, since, until, day, reference, beforeId, limit } = filter;
  const rows = await database.query<EntryRow>(list, [tenantId, kind, since, until, day, reference, beforeId, limit]);
  return rows.map(({ amount, ...row }) => ({ ...row, amountNanoUsd: BigInt(amount) }));
}

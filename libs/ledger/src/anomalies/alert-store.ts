import type { Database, Query } from '../database';

/** How a rule stands for a scope. */
export interface StoredAlert {
  readonly rule: string;
  readonly tenantId: string;
  readonly scope: string;
  readonly severity: string;
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly seenSinceMs: number;
  readonly firingSinceMs?: number;
  readonly resolvedAtMs?: number;
  readonly notifiedAtMs?: number;
}

export interface OutboxMessage<Message = unknown> {
  readonly number: string;
  readonly sink: string;
  readonly message: Message;
  /** From 1. */
  readonly attempts: number;
  readonly ageMs: number;
}

export type OutboxVerdict =
  { state: 'sent' } | { state: 'abandoned'; reason: string } | { state: 'pending'; reason: string; delayMs: number };

export interface AlertStep {
  states: readonly StoredAlert[];
  gone: readonly Pick<StoredAlert, 'rule' | 'tenantId' | 'scope'>[];
  messages: readonly { sink: string; message: unknown }[];
}

/** Where alerts stand and what is on its way to sinks. All throw `DatabaseError`. */
export interface AlertStore {
  /**
   * Reads all states, lets `advance` say what becomes of them, and keeps that with the messages that tell of it, in one transaction of one process at a time. Undefined: another process is at it.
   */
  advance<Step extends AlertStep>(advance: (states: StoredAlert[]) => Step): Promise<Step | undefined>;
  list(filter: { tenantId?: string; isFiringOnly?: boolean; limit: number }): Promise<StoredAlert[]>;
  enqueue(messages: AlertStep['messages']): Promise<void>;
  /** Messages of a sink whose time has come, taken for `leaseMs`: a sender that dies is followed by another one. */
  claim(sink: string, limit: number, leaseMs: number): Promise<OutboxMessage[]>;
  /** Of the `key`s of a message's notices those of which a later message to the same sink tells, too. */
  overtaken(message: Pick<OutboxMessage, 'number' | 'sink'>, keys: readonly string[]): Promise<Set<string>>;
  settle(message: Pick<OutboxMessage, 'number' | 'attempts'>, verdict: OutboxVerdict): Promise<void>;
  /** Deletes what is a week old: sent, given up, or meant for a sink that is configured no more. */
  deleteOld(): Promise<void>;
}

const LOCK = 7_265_011;
const MAX_STATES = 20_000;

interface Row {
  rule: string;
  tenant_id: string;
  scope: string;
  severity: string;
  summary: string;
  labels: Record<string, string>;
  seen_since: Date;
  firing_since: Date | null;
  resolved_at: Date | null;
  notified_at: Date | null;
}

const columns = 'rule, tenant_id, scope, severity, summary, labels, seen_since, firing_since, resolved_at, notified_at';

const putSql = `
  INSERT INTO alert_states (${columns})
  SELECT rule, tenant_id, scope, severity, summary, labels, to_timestamp(seen), to_timestamp(firing), to_timestamp(resolved), to_timestamp(notified)
  FROM jsonb_to_recordset($1) AS s(rule text, tenant_id text, scope text, severity text, summary text, labels jsonb, seen float8, firing float8,
    resolved float8, notified float8)
  ON CONFLICT (rule, tenant_id, scope) DO UPDATE SET severity = EXCLUDED.severity, summary = EXCLUDED.summary, labels = EXCLUDED.labels,
    seen_since = EXCLUDED.seen_since, firing_since = EXCLUDED.firing_since, resolved_at = EXCLUDED.resolved_at, notified_at = EXCLUDED.notified_at`;

const goneSql = `
  DELETE FROM alert_states USING jsonb_to_recordset($1) AS g(rule text, tenant_id text, scope text)
  WHERE alert_states.rule = g.rule AND alert_states.tenant_id = g.tenant_id AND alert_states.scope = g.scope`;

const enqueueSql = `
  INSERT INTO alert_outbox (sink, message)
  SELECT sink, message FROM jsonb_to_recordset($1) AS m(sink text, message jsonb)`;

const claimSql = `
  WITH due AS (
    SELECT number FROM alert_outbox WHERE state = 'pending' AND next_at <= now() AND sink = $1
    ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED
  )
  UPDATE alert_outbox SET attempts = attempts + 1, next_at = now() + $3::float8 * interval '1 millisecond'
  FROM due WHERE alert_outbox.number = due.number
  RETURNING alert_outbox.number, sink, message, attempts, extract(epoch FROM now() - created_at)::float8 * 1000 AS age_ms`;

const overtakenSql = `
  SELECT DISTINCT notice->>'key' AS key FROM alert_outbox, jsonb_array_elements(message->'notices') AS notice
  WHERE sink = $1 AND number > $2 AND notice->>'key' = ANY($3)`;

const settleSql = `
  UPDATE alert_outbox SET state = $3, error = $4, next_at = now() + $5::float8 * interval '1 millisecond'
  WHERE number = $1 AND attempts = $2 AND state = 'pending'`;

export function createAlertStore(database: Database): AlertStore {
  return {
    advance: (advance) => database.transaction((query) => advanceStates(query, advance)),
    async list({ tenantId, isFiringOnly = false, limit }) {
      const sql = `SELECT ${columns} FROM alert_states
        WHERE ($1::text IS NULL OR tenant_id = $1) AND (NOT $2 OR firing_since IS NOT NULL)
        ORDER BY firing_since DESC NULLS LAST, rule, tenant_id, scope LIMIT $3`;
      return (await database.query<Row>(sql, [tenantId ?? null, isFiringOnly, limit])).map(toAlert);
    },
    async enqueue(messages) {
      await database.query(enqueueSql, [JSON.stringify(messages)]);
    },
    async claim(sink, limit, leaseMs) {
      type Claimed = { number: string; sink: string; message: unknown; attempts: number; age_ms: number };
      const rows = await database.query<Claimed>(claimSql, [sink, limit, leaseMs]);
      return rows
        .sort((a, b) => Number(a.number) - Number(b.number))
        .map(({ age_ms: ageMs, ...rest }) => ({ ...rest, ageMs }));
    },
    async overtaken({ number, sink }, keys) {
      const rows = await database.query<{ key: string }>(overtakenSql, [sink, number, keys]);
      return new Set(rows.map(({ key }) => key));
    },
    async settle({ number, attempts }, verdict) {
      const { state } = verdict;
      const reason = state === 'sent' ? null : verdict.reason;
      await database.query(settleSql, [number, attempts, state, reason, state === 'pending' ? verdict.delayMs : 0]);
    },
    async deleteOld() {
      await database.query(`DELETE FROM alert_outbox WHERE created_at < now() - interval '7 days'`);
    },
  };
}

async function advanceStates<Step extends AlertStep>(
  query: Query,
  advance: (states: StoredAlert[]) => Step,
): Promise<Step | undefined> {
  const [lock] = await query<{ is_ours: boolean }>(`SELECT pg_try_advisory_xact_lock(${LOCK}) AS is_ours`);
  if (!lock?.is_ours) return undefined;
  const rows = await query<Row>(
    `SELECT ${columns} FROM alert_states ORDER BY rule, tenant_id, scope LIMIT ${MAX_STATES}`,
  );
  const step = advance(rows.map(toAlert));
  if (step.states.length > 0) await query(putSql, [JSON.stringify(step.states.map(toRecord))]);
  if (step.gone.length > 0) {
    const gone = step.gone.map(({ rule, tenantId, scope }) => ({ rule, tenant_id: tenantId, scope }));
    await query(goneSql, [JSON.stringify(gone)]);
  }
  if (step.messages.length > 0) await query(enqueueSql, [JSON.stringify(step.messages)]);
  return step;
}

const seconds = (epochMs: number | undefined): number | null => (epochMs === undefined ? null : epochMs / 1_000);

const toRecord = (state: StoredAlert) => ({
  rule: state.rule,
  tenant_id: state.tenantId,
  scope: state.scope,
  severity: state.severity,
  summary: state.summary,
  labels: state.labels,
  seen: seconds(state.seenSinceMs),
  firing: seconds(state.firingSinceMs),
  resolved: seconds(state.resolvedAtMs),
  notified: seconds(state.notifiedAtMs),
});

const toAlert = (row: Row): StoredAlert => ({
  rule: row.rule,
  tenantId: row.tenant_id,
  scope: row.scope,
  severity: row.severity,
  summary: row.summary,
  labels: row.labels,
  seenSinceMs: row.seen_since.getTime(),
  ...(row.firing_since ? { firingSinceMs: row.firing_since.getTime() } : {}),
  ...(row.resolved_at ? { resolvedAtMs: row.resolved_at.getTime() } : {}),
  ...(row.notified_at ? { notifiedAtMs: row.notified_at.getTime() } : {}),
});

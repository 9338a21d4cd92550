import type { LeaseGrant, LeaseReply, LeaseRequest, ReserveReply, ReserveRequest } from '@costlane/contracts';
import type { Database } from '../database';
import { asRecorded, dayOf, gatewayOf, toAmount } from './budget-rows';
import { LEASE_TTL_MS, type WantedAccount } from './budget-types';

interface GrantRow {
  ordinal: number;
  /** `asked`: contended, and its holders have to be told. */
  state: 'granted' | 'contended' | 'asked' | 'exhausted' | 'unknown';
  granted: string;
  /** Null: there is no account. */
  posted: string | null;
  leased: string | null;
}

const lease = `
  SELECT * FROM costlane_lease_budgets($1, $2, ${LEASE_TTL_MS}, $3, $4::text[], $5::text[], $6::date[], $7::bigint[], $8::bigint[])`;

/** Asks of one statement: each stands for itself, and locks are held for a short while. */
const ASKS_AT_A_TIME = 500;

/** Each some asks are a transaction. Where a later one fails the earlier ones are granted all the same, and come back when the lessee is closed. */
export async function leaseBudgets(
  database: Database,
  { asks, ...who }: LeaseRequest,
): Promise<{ reply: LeaseReply; wanted: WantedAccount[] }> {
  const reply: LeaseReply = { grants: [], leaseTtlMs: LEASE_TTL_MS };
  const wanted: WantedAccount[] = [];
  for (let from = 0; from < asks.length; from += ASKS_AT_A_TIME) {
    const some = await leaseSome(database, { ...who, asks: asks.slice(from, from + ASKS_AT_A_TIME) });
    reply.grants.push(...some.grants);
    wanted.push(...some.wanted);
  }
  return { reply, wanted };
}

async function leaseSome(
  database: Database,
  { lessee, holdMs, asks }: LeaseRequest,
): Promise<{ grants: LeaseGrant[]; wanted: WantedAccount[] }> {
  const grants: LeaseGrant[] = [];
  const rows = await database.query<GrantRow>(lease, [
    lessee,
    gatewayOf(lessee),
    holdMs,
    asks.map(({ budgetId }) => budgetId),
    asks.map(({ subject }) => asRecorded(subject)),
    asks.map(({ periodStartMs }) => dayOf(periodStartMs)),
    asks.map(({ needNanoUsd }) => needNanoUsd),
    asks.map(({ wantNanoUsd }) => wantNanoUsd),
  ]);
  const wanted: WantedAccount[] = [];
  for (const { ordinal, state, granted, posted, leased } of rows) {
    const ask = asks[ordinal - 1];
    if (!ask) continue;
    const { budgetId, subject, periodStartMs } = ask;
    const account = { budgetId, subject, periodStartMs };
    if (state === 'asked') wanted.push(account);
    const grant: LeaseGrant = {
      state: state === 'asked' ? 'contended' : state,
      grantedNanoUsd: toAmount(granted),
      account:
        posted === null || leased === null
          ? undefined
          : { ...account, postedNanoUsd: toAmount(posted), leasedNanoUsd: toAmount(leased) },
    };
    grants[ordinal - 1] = grant;
  }
  return { grants, wanted };
}

interface ReserveRow {
  outcome: 'reserved' | 'refused' | 'closed';
  budget_id: string | null;
  subject: string | null;
  remaining: string | null;
}

const reserve = `
  SELECT * FROM costlane_reserve_budgets($1, 'epoch'::timestamptz + $2::bigint * interval '1 millisecond', (
    SELECT array_agg((tenant_id, team_id, user_id, key_id, feature_name, day, $1::text, amount)::costlane_spend)
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::bigint[])
      AS given (tenant_id, team_id, user_id, key_id, feature_name, day, amount)))`;

export async function reserveBudgets(
  database: Database,
  { lessee, holdUntilMs, items }: ReserveRequest,
): Promise<ReserveReply | 'closed'> {
  const [row] = await database.query<ReserveRow>(reserve, [
    lessee,
    holdUntilMs,
    items.map(({ tenantId }) => tenantId),
    items.map(({ teamId }) => asRecorded(teamId)),
    items.map(({ userId }) => asRecorded(userId)),
    items.map(({ keyId }) => asRecorded(keyId)),
    items.map(({ featureName }) => asRecorded(featureName)),
    items.map(({ createdAtMs }) => dayOf(createdAtMs)),
    items.map(({ amountNanoUsd }) => amountNanoUsd),
  ]);
  if (row?.outcome === 'closed') return 'closed';
  return {
    isReserved: row?.outcome === 'reserved',
    budgetId: row?.budget_id ?? '',
    subject: row?.subject ?? '',
    remainingNanoUsd: toAmount(row?.remaining ?? '0'),
  };
}

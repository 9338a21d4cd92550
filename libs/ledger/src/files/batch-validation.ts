import type { Database } from '../database';
import { batchColumns, toOpenAiBatch, type OpenAiBatchRow } from './batch-row';
import type { ClaimedBatch, OpenAiBatchError, OpenAiBatchRef } from './batch-types';

// Tenants of whose batches none is being read go first: one with many must not keep all others waiting.
const claim = `
  UPDATE openai_batches SET validator = $1, validator_until = now() + make_interval(secs => $2::double precision / 1000),
    validations = validations + 1
  WHERE number = (
    SELECT number FROM openai_batches b
    WHERE state = 'validating' AND (validator_until IS NULL OR validator_until <= now())
    ORDER BY EXISTS (
      SELECT 1 FROM openai_batches o
      WHERE o.tenant_id = b.tenant_id AND o.state = 'validating' AND o.validator IS NOT NULL AND o.validator_until > now()
    ), number LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING ${batchColumns}`;

export async function claimBatch(
  database: Database,
  validator: string,
  leaseMs: number,
): Promise<ClaimedBatch | undefined> {
  const [row] = await database.query<OpenAiBatchRow>(claim, [validator, leaseMs]);
  return row && { batch: toOpenAiBatch(row), attempt: row.validations };
}

const renew = `
  UPDATE openai_batches SET validator_until = now() + make_interval(secs => $4::double precision / 1000)
  WHERE tenant_id = $1 AND id = $2 AND validator = $3 AND state = 'validating' RETURNING id`;

export async function renewClaim(
  database: Database,
  { tenantId, batchId }: OpenAiBatchRef,
  validator: string,
  leaseMs: number,
): Promise<boolean> {
  return (await database.query(renew, [tenantId, batchId, validator, leaseMs])).length > 0;
}

const release = `
  UPDATE openai_batches SET validator = NULL, validator_until = now() + make_interval(secs => $4::double precision / 1000)
  WHERE tenant_id = $1 AND id = $2 AND validator = $3 AND state = 'validating'`;

export async function releaseBatch(
  database: Database,
  { tenantId, batchId }: OpenAiBatchRef,
  validator: string,
  afterMs: number,
): Promise<void> {
  await database.query(release, [tenantId, batchId, validator, afterMs]);
}

const end = `
  UPDATE openai_batches SET state = $3, errors = $4::jsonb, validator_until = NULL,
    ended_at = CASE WHEN $3 = 'failed' THEN now() END
  WHERE tenant_id = $1 AND id = $2 AND state = 'validating' RETURNING id`;

/**
 * Whoever has read the whole file may say how that ended, though its claim may have run out meanwhile: all of them read the same bytes.
 * False: it has ended otherwise.
 */
export async function endValidation(
  database: Database,
  { tenantId, batchId }: OpenAiBatchRef,
  state: 'submitted' | 'failed',
  errors?: readonly OpenAiBatchError[],
): Promise<boolean> {
  const rows = await database.query(end, [tenantId, batchId, state, errors && JSON.stringify(errors)]);
  return rows.length > 0;
}

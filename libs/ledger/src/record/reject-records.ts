import { createHash } from 'node:crypto';
import type { CompletionRecord } from '@costlane/contracts';
import type { Database } from '../database';
import { arrayLiteral } from './array-literal';
import { cleanText } from './clean-text';
import { NAME_LIMIT, TEXT_LIMIT } from './request-columns';

export interface Rejection {
  record: CompletionRecord;
  reason: string;
}

const RECORD_LIMIT = 16_000;

/** What is kept of a record that cannot be stored: whatever else a malformed one carries might be somebody's words. */
export const recordFields: readonly (keyof CompletionRecord)[] = [
  'v',
  'requestId',
  'attempt',
  'tenantId',
  'teamId',
  'userId',
  'keyId',
  'featureName',
  'experimentId',
  'experimentVariant',
  'endpoint',
  'provider',
  'modelAsked',
  'modelUsed',
  'routeReason',
  'policyVersion',
  'route',
  'isStale',
  'cacheTier',
  'cacheSimilarity',
  'stream',
  'usage',
  'usageSource',
  'paidNanoUsd',
  'baselineNanoUsd',
  'savings',
  'priceVersion',
  'priceAssumptions',
  'httpStatus',
  'errorCode',
  'createdAtMs',
  'finishedAtMs',
  'latencyMs',
  'timeToFirstTokenMs',
  'upstreamCalls',
  'otherCalls',
  'traceparent',
  'promptHash',
  'isHoldout',
  'budgetLessee',
];

const insertRejected = `
  WITH written AS (
    INSERT INTO rejected_completions (digest, request_id, tenant_id, reason, record)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    ON CONFLICT (digest) DO NOTHING
    RETURNING 1
  )
  SELECT count(*)::integer AS count FROM written`;

/** Keeps what the ledger cannot take, each once, and resolves with how many of them are new. */
export async function rejectRecords(database: Database, rejections: readonly Rejection[]): Promise<number> {
  if (rejections.length === 0) return 0;
  const kept = rejections.map(({ record, reason }) => ({ record, reason, json: plainJson(record) }));
  const [row] = await database.query<{ count: number }>(insertRejected, [
    arrayLiteral(kept.map(({ json }) => createHash('sha256').update(json).digest('hex'))),
    arrayLiteral(kept.map(({ record }) => plainText(record.requestId))),
    arrayLiteral(kept.map(({ record }) => plainText(record.tenantId))),
    arrayLiteral(kept.map(({ reason }) => cleanText(reason, TEXT_LIMIT))),
    arrayLiteral(kept.map(({ json }) => cleanText(json, RECORD_LIMIT))),
  ]);
  return row?.count ?? 0;
}

const plainText = (value: unknown): string => (typeof value === 'string' ? cleanText(value, NAME_LIMIT) : '');

/** The record as JSON, which writes NUL as an escape, with its texts cut. */
function plainJson(record: CompletionRecord): string {
  const known = Object.fromEntries(recordFields.map((field) => [field, record[field]]));
  return JSON.stringify(known, (_key, value: unknown) =>
    typeof value === 'string' && value.length > TEXT_LIMIT ? cleanText(value, TEXT_LIMIT) : value,
  );
}

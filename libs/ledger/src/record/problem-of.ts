import type { CompletionRecord } from '@costlane/contracts';
import { usageAxes, type TokenUsage } from '@costlane/domain';

/** Largest number of milliseconds that is a date, in ECMAScript and (a little later) in Postgres. */
const MAX_TIME_MS = 8.64e15;
const MAX_INT4 = 2_147_483_647;
/** Below this four amounts can be added without leaving the safe integers. */
const PLAIN_SUM_LIMIT = 2 ** 50;

/**
 * Why the ledger cannot take this record, as a sentence that holds no values but amounts; undefined when it can. The table checks
 * the same and more; to ask here first keeps a flood of bad records from being sorted out by the database one by one.
 */
export function problemOf(record: CompletionRecord): string | undefined {
  return problemOfIdentity(record) ?? problemOfCounts(record) ?? problemOfMoney(record);
}

function problemOfIdentity(record: CompletionRecord): string | undefined {
  if (!isText(record.requestId)) return 'requestId is missing';
  if (!isText(record.attempt)) return 'attempt is missing';
  if (!isText(record.tenantId)) return 'tenantId is missing';
  if (!isTime(record.createdAtMs)) return 'createdAtMs is not a time';
  if (!isTime(record.finishedAtMs)) return 'finishedAtMs is not a time';
  return undefined;
}

function problemOfCounts(record: CompletionRecord): string | undefined {
  if (!isCount(record.httpStatus)) return 'httpStatus is not a whole number';
  if (!isCount(record.upstreamCalls)) return 'upstreamCalls is not a whole number';
  if (!Number.isFinite(record.latencyMs)) return 'latencyMs is not a number';
  if (!Number.isFinite(record.timeToFirstTokenMs ?? 0)) return 'timeToFirstTokenMs is not a number';
  return record.usage ? problemOfUsage(record.usage) : undefined;
}

function problemOfUsage(usage: TokenUsage): string | undefined {
  for (const axis of usageAxes) if (!isCount(usage[axis])) return `usage.${axis} is not a whole number`;
  for (const [name, tokens] of Object.entries(usage.modality ?? {}))
    if (!isCount(tokens)) return `usage.modality.${name} is not a whole number`;
  return undefined;
}

function problemOfMoney({ paidNanoUsd, baselineNanoUsd, savings }: CompletionRecord): string | undefined {
  if (!savings) return 'savings are missing';
  const { cache, routing, prefix, batching } = savings;
  if (![paidNanoUsd, baselineNanoUsd, cache, routing, prefix, batching].every(Number.isSafeInteger))
    return 'an amount is not a whole number of nano-dollars';
  if (paidNanoUsd < 0 || baselineNanoUsd < 0) return `paid ${paidNanoUsd} or baseline ${baselineNanoUsd} is negative`;
  if (sumsToNothing([baselineNanoUsd, -paidNanoUsd, -cache, -routing, -prefix, -batching])) return undefined;
  return (
    `savings do not add up: baseline ${baselineNanoUsd} - paid ${paidNanoUsd} is not ` +
    `cache ${cache} + routing ${routing} + prefix ${prefix} + batching ${batching}`
  );
}

function sumsToNothing(amounts: readonly number[]): boolean {
  if (amounts.every((amount) => Math.abs(amount) < PLAIN_SUM_LIMIT)) return amounts.reduce((a, b) => a + b) === 0;
  return amounts.reduce((sum, amount) => sum + BigInt(amount), 0n) === 0n;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isTime = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TIME_MS;
const isCount = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INT4;

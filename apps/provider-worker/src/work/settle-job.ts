import type {
  CacheFill,
  CompletionRecord,
  JobHeader,
  ReplyHeader,
  SavingsNanoUsd,
  UsageSource,
} from '@costlane/contracts';
import { attributeSavings, errorTable, type CostlaneError, type ModelPrice, type TokenUsage } from '@costlane/domain';

/** What a run of a job came to, whichever way it ended. */
export interface RunOutcome {
  usage?: TokenUsage;
  usageSource: UsageSource;
  serviceTier?: string;
  modelUsed?: string;
  finishReason?: string;
  latencyMs: number;
  timeToFirstTokenMs?: number;
  upstreamCalls: number;
  status: number;
  contentType: string;
  error?: CostlaneError;
  isCacheable: boolean;
}

export interface Settled {
  reply: ReplyHeader;
  record: CompletionRecord;
  fill?: CacheFill;
}

const NO_SAVINGS: SavingsNanoUsd = { cache: 0, routing: 0, prefix: 0, batching: 0 };

interface Money {
  paidNanoUsd: number;
  baselineNanoUsd: number;
  savings: SavingsNanoUsd;
  priceVersion?: string;
}

/** Cost and savings of a run. Without usage nothing was delivered and nothing is owed; without a price the record says so by having no version. */
function priceRun(outcome: RunOutcome, price: ModelPrice | undefined): Money {
  if (!outcome.usage || !price) {
    return { paidNanoUsd: 0, baselineNanoUsd: 0, savings: NO_SAVINGS, priceVersion: price?.priceVersion };
  }
  const { paidNanoUsd, baselineNanoUsd, savings } = attributeSavings({
    usage: outcome.usage,
    usedPrice: price,
    serviceTier: outcome.serviceTier,
  });
  return { paidNanoUsd, baselineNanoUsd, savings, priceVersion: price.priceVersion };
}

/** Turns the outcome of a run into what the client, the ledger and the cache get. Pure. */
export function settleJob(
  header: JobHeader,
  attempt: string,
  outcome: RunOutcome,
  price: ModelPrice | undefined,
  nowMs: number,
): Settled {
  const money = priceRun(outcome, price);
  const { error } = outcome;
  const status = error ? errorTable[error.code].httpStatus : outcome.status;
  const modelUsed = outcome.modelUsed ?? header.upstreamModel;
  const reply: ReplyHeader = {
    status,
    contentType: outcome.contentType,
    errorCode: error?.code,
    retryAfterMs: error?.retryAfterMs,
    provider: header.provider,
    modelUsed,
    usage: outcome.usage,
    usageSource: outcome.usageSource,
    paidNanoUsd: money.paidNanoUsd,
    baselineNanoUsd: money.baselineNanoUsd,
    savings: money.savings,
    priceVersion: money.priceVersion,
    upstreamLatencyMs: outcome.latencyMs,
    upstreamCalls: outcome.upstreamCalls,
    finishReason: outcome.finishReason,
  };
  return {
    reply,
    record: recordOf(header, attempt, outcome, money, { status, modelUsed, nowMs }),
    fill: error || !outcome.isCacheable ? undefined : fillOf(header, outcome, money, { modelUsed, nowMs }),
  };
}

function recordOf(
  header: JobHeader,
  attempt: string,
  outcome: RunOutcome,
  money: Money,
  { status, modelUsed, nowMs }: { status: number; modelUsed: string; nowMs: number },
): CompletionRecord {
  return {
    v: 1,
    requestId: header.requestId,
    attempt,
    tenantId: header.tenantId,
    teamId: header.teamId,
    userId: header.userId,
    keyId: header.keyId,
    featureName: header.featureName,
    experimentId: header.experimentId,
    endpoint: header.endpoint,
    provider: header.provider,
    modelAsked: header.modelAsked,
    modelUsed,
    routeReason: header.routeReason,
    policyVersion: header.policyVersion,
    cacheTier: 'miss',
    stream: header.stream,
    usage: outcome.usage,
    usageSource: outcome.usageSource,
    ...money,
    httpStatus: status,
    errorCode: outcome.error?.code,
    createdAtMs: header.createdAtMs,
    finishedAtMs: nowMs,
    latencyMs: Math.max(0, nowMs - header.createdAtMs),
    timeToFirstTokenMs: outcome.timeToFirstTokenMs,
    upstreamCalls: outcome.upstreamCalls,
    traceparent: header.traceparent,
  };
}

function fillOf(
  header: JobHeader,
  outcome: RunOutcome,
  money: Money,
  { modelUsed, nowMs }: { modelUsed: string; nowMs: number },
): CacheFill | undefined {
  if (header.fingerprint === undefined || !header.cacheTtlSeconds) return undefined;
  return {
    tenantId: header.tenantId,
    fingerprint: header.fingerprint,
    ttlSeconds: header.cacheTtlSeconds,
    tag: header.cacheTag,
    expectsJson: header.expectsJson,
    audit: header.audit,
    entry: {
      v: 1,
      form: header.stream ? 'sse' : 'json',
      provider: header.provider,
      modelAsked: header.model,
      modelUsed,
      usage: outcome.usage,
      baselineNanoUsd: money.baselineNanoUsd,
      priceVersion: money.priceVersion,
      askedAtMs: header.createdAtMs,
      createdAtMs: nowMs,
      semantic: header.semantic,
    },
  };
}

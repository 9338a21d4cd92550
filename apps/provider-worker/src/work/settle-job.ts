import {
  factsOfJob,
  promptOfJob,
  type CacheFill,
  type CompletionRecord,
  type Job,
  type JobHeader,
  type ReplyHeader,
} from '@costlane/contracts';
import { errorTable } from '@costlane/domain';
import { priceRun, type PricedRun, type RunPrices } from './price-run';
import type { RunOutcome } from './run-outcome';

export interface Settled {
  reply: ReplyHeader;
  record: CompletionRecord;
  fill?: CacheFill;
}

/** What every part of a settlement says alike. */
interface Facts {
  status: number;
  provider: string;
  modelUsed: string;
  nowMs: number;
}

/** Turns the outcome of a run into what the client, the ledger and the cache get. Pure. Throws `MoneyError` as {@link priceRun} does. */
export function settleJob(
  job: Pick<Job, 'header' | 'body'>,
  attempt: string,
  outcome: RunOutcome,
  prices: RunPrices,
  nowMs: number,
): Settled {
  const { header } = job;
  const money = priceRun(outcome, prices);
  const { error } = outcome;
  const status = error ? errorTable[error.code].httpStatus : outcome.status;
  const { provider, upstreamModel } = outcome.target ?? header;
  const modelUsed = outcome.modelUsed ?? upstreamModel;
  const facts: Facts = { status, provider, modelUsed, nowMs };
  const reply: ReplyHeader = {
    status,
    contentType: outcome.contentType,
    errorCode: error?.code,
    retryAfterMs: error?.retryAfterMs,
    provider,
    modelUsed,
    usage: outcome.usage,
    usageSource: outcome.usageSource,
    paidNanoUsd: money.paidNanoUsd,
    baselineNanoUsd: money.baselineNanoUsd,
    askAgainNanoUsd: money.askAgainNanoUsd === money.baselineNanoUsd ? undefined : money.askAgainNanoUsd,
    savings: money.savings,
    priceVersion: money.priceVersion,
    upstreamLatencyMs: outcome.latencyMs,
    upstreamCalls: outcome.upstreamCalls,
    finishReason: outcome.finishReason,
    routeSteps: stepsOf(outcome),
  };
  return {
    reply,
    record: recordOf(job, attempt, outcome, money, facts),
    fill: error || !outcome.isCacheable ? undefined : fillOf(header, outcome, money, facts),
  };
}

function recordOf(
  { header, body }: Pick<Job, 'header' | 'body'>,
  attempt: string,
  outcome: RunOutcome,
  money: PricedRun,
  { status, provider, modelUsed, nowMs }: Facts,
): CompletionRecord {
  const steps = stepsOf(outcome);
  return {
    ...factsOfJob(header, nowMs),
    attempt,
    provider,
    modelUsed,
    route: header.route && (steps ? { ...header.route, steps } : header.route),
    cacheTier: 'miss',
    usage: outcome.usage,
    usageSource: outcome.usageSource,
    paidNanoUsd: money.paidNanoUsd,
    baselineNanoUsd: money.baselineNanoUsd,
    savings: money.savings,
    priceVersion: money.priceVersion,
    priceAssumptions: money.priceAssumptions,
    otherCalls: money.otherCalls,
    httpStatus: status,
    errorCode: outcome.error?.code,
    timeToFirstTokenMs: outcome.timeToFirstTokenMs,
    upstreamCalls: outcome.upstreamCalls,
    prompt: promptOfJob(header, body),
  };
}

function fillOf(
  header: JobHeader,
  outcome: RunOutcome,
  { baselineNanoUsd, askAgainNanoUsd, priceVersion }: PricedRun,
  { provider, modelUsed, nowMs }: Facts,
): CacheFill | undefined {
  if (header.fingerprint === undefined || !header.cacheTtlSeconds) return undefined;
  return {
    tenantId: header.tenantId,
    fingerprint: header.fingerprint,
    ttlSeconds: header.cacheTtlSeconds,
    tag: header.cacheTag,
    expectsJson: header.expectsJson,
    audit: header.audit,
    isStaleKept: header.isStaleKept,
    entry: {
      v: 1,
      form: header.stream ? 'sse' : 'json',
      provider,
      modelAsked: header.cacheModel ?? header.model,
      modelUsed,
      usage: outcome.usage,
      baselineNanoUsd,
      askAgainNanoUsd: askAgainNanoUsd === baselineNanoUsd ? undefined : askAgainNanoUsd,
      priceVersion,
      askedAtMs: header.createdAtMs,
      createdAtMs: nowMs,
      semantic: header.semantic,
    },
  };
}

const stepsOf = ({ steps }: RunOutcome) => (steps && steps.length > 0 ? [...steps] : undefined);

import type { CompletionRecord, Job, JobHeader } from '@costlane/contracts';

/** A job with ordinary values where a test does not care. */
export function sampleJob(header: Partial<JobHeader> = {}, job: Partial<Omit<Job, 'header'>> = {}): Job {
  const full = sampleJobHeader(header);
  return {
    taskType: 'inference.complete',
    priority: 'standard',
    idempotencyKey: full.requestId,
    createdAt: new Date(full.createdAtMs).toISOString(),
    body: Buffer.from('{"model":"m","messages":[{"role":"user","content":"hi"}]}'),
    ...job,
    header: full,
  };
}

export function sampleJobHeader(header: Partial<JobHeader> = {}): JobHeader {
  return {
    v: 1,
    requestId: 'req_1',
    tenantId: 'acme',
    replyTo: 'g1',
    endpoint: '/v1/chat/completions',
    dialect: 'openai.chat',
    provider: 'mock',
    modelAsked: 'm',
    model: 'm',
    upstreamModel: 'm',
    routeReason: 'requested',
    policyVersion: '1-test',
    stream: false,
    deadlineAtMs: Date.now() + 60_000,
    createdAtMs: Date.now(),
    ...header,
  };
}

/** A finished request of no cost with ordinary values where a test does not care. */
export function sampleRecord(record: Partial<CompletionRecord> = {}): CompletionRecord {
  return {
    v: 1,
    requestId: 'req_1',
    attempt: 'a1',
    tenantId: 'acme',
    endpoint: '/v1/chat/completions',
    provider: 'mock',
    modelAsked: 'm',
    modelUsed: 'm',
    routeReason: 'requested',
    policyVersion: '1-test',
    cacheTier: 'miss',
    stream: false,
    usageSource: 'none',
    paidNanoUsd: 0,
    baselineNanoUsd: 0,
    savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
    httpStatus: 200,
    createdAtMs: 1_700_000_000_000,
    finishedAtMs: 1_700_000_000_100,
    latencyMs: 100,
    upstreamCalls: 1,
    ...record,
  };
}

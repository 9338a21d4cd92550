import type { CompletionRecord } from './completion';
import type { JobHeader } from './job';

type FactsOfJob = Pick<
  CompletionRecord,
  | 'v'
  | 'requestId'
  | 'tenantId'
  | 'teamId'
  | 'userId'
  | 'keyId'
  | 'featureName'
  | 'experimentId'
  | 'experimentVariant'
  | 'endpoint'
  | 'modelAsked'
  | 'routeReason'
  | 'policyVersion'
  | 'stream'
  | 'createdAtMs'
  | 'finishedAtMs'
  | 'latencyMs'
  | 'traceparent'
  | 'promptHash'
  | 'isHoldout'
  | 'budgetLessee'
>;

/** What the record of a job says of it however it ended, at `nowMs` (epoch milliseconds): who asked, for what, and how long it took. */
export const factsOfJob = (header: JobHeader, nowMs: number): FactsOfJob => ({
  v: 1,
  requestId: header.recordId ?? header.requestId,
  tenantId: header.tenantId,
  teamId: header.teamId,
  userId: header.userId,
  keyId: header.keyId,
  featureName: header.featureName,
  experimentId: header.experimentId,
  experimentVariant: header.experimentVariant,
  endpoint: header.endpoint,
  modelAsked: header.modelAsked,
  routeReason: header.routeReason,
  policyVersion: header.policyVersion,
  stream: header.stream,
  createdAtMs: header.recordedAtMs ?? header.createdAtMs,
  finishedAtMs: nowMs,
  latencyMs: Math.max(0, nowMs - header.createdAtMs),
  traceparent: header.traceparent,
  promptHash: header.promptHash,
  isHoldout: header.isHoldout,
  budgetLessee: header.budgetLessee,
});

import { createHash } from 'node:crypto';
import type { CacheFill, Completion, CompletionRecord, SemanticAudit } from '@costlane/contracts';
import type { SemanticQuestion } from '@costlane/domain';

export interface TestCompletion {
  record?: Partial<CompletionRecord>;
  /** Given as undefined: the request wants no caching. */
  fill?: CacheFill | undefined;
  tenantId?: string;
  fingerprint?: string;
  ttlSeconds?: number;
  createdAtMs?: number;
  form?: 'json' | 'sse';
  tag?: string;
  expectsJson?: true;
  semantic?: SemanticQuestion;
  audit?: SemanticAudit;
  body?: Buffer;
}

export const testFingerprint = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A finished, successful request whose answer may be cached, with what a test wants otherwise. */
export function testCompletion(wanted: TestCompletion = {}): Completion {
  const { tenantId = 'acme', createdAtMs = 1_700_000_000_000, form = 'json' } = wanted;
  const record: CompletionRecord = {
    v: 1,
    requestId: 'req-1',
    attempt: 'a',
    tenantId,
    endpoint: '/v1/chat/completions',
    provider: 'mock',
    modelAsked: 'gpt-4o',
    modelUsed: 'gpt-4o',
    routeReason: 'requested',
    policyVersion: '1-x',
    cacheTier: 'miss',
    stream: form === 'sse',
    usageSource: 'provider',
    paidNanoUsd: 10,
    baselineNanoUsd: 10,
    savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
    httpStatus: 200,
    createdAtMs: createdAtMs - 100,
    finishedAtMs: createdAtMs,
    latencyMs: 100,
    upstreamCalls: 1,
    ...wanted.record,
  } as CompletionRecord;
  const fill: CacheFill = {
    tenantId,
    fingerprint: wanted.fingerprint ?? testFingerprint('question'),
    ttlSeconds: wanted.ttlSeconds ?? 3_600,
    ...(wanted.tag === undefined ? {} : { tag: wanted.tag }),
    ...(wanted.expectsJson ? { expectsJson: true as const } : {}),
    ...(wanted.audit ? { audit: wanted.audit } : {}),
    entry: {
      v: 1,
      form,
      provider: 'mock',
      modelAsked: 'gpt-4o',
      modelUsed: 'gpt-4o',
      baselineNanoUsd: 10,
      askedAtMs: createdAtMs - 100,
      createdAtMs,
      ...(wanted.semantic ? { semantic: wanted.semantic } : {}),
    },
  };
  const body = wanted.body ?? Buffer.from('{"choices":[{"message":{"content":"hello"}}]}');
  return 'fill' in wanted ? { record, fill: wanted.fill, body } : { record, fill, body };
}

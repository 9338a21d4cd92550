import type { RouteDecision } from '@costlane/domain';
import type { AnswerEnd, AnswerListener, WholeAnswer } from '../core/answer';
import type { InferenceRequest } from '../core/inference-request';

/** A request with ordinary values where a test does not care. */
export function sampleRequest(request: Partial<InferenceRequest> = {}): InferenceRequest {
  return {
    requestId: 'req_1',
    caller: { tenantId: 'acme', role: 'member', rateLimitPerMinute: 0 },
    endpoint: '/v1/chat/completions',
    dialect: 'openai.chat',
    modelAsked: 'm',
    stream: false,
    fingerprint: 'f00',
    upstreamBody: (model) => Buffer.from(`{"model":"${model}"}`),
    useCache: true,
    needs: () => ({}),
    useSemanticCache: true,
    cacheTtlSeconds: 60,
    priority: 'standard',
    createdAtMs: Date.now(),
    deadlineAtMs: Date.now() + 60_000,
    ...request,
  };
}

export const sampleDecision: RouteDecision = {
  model: {
    name: 'm',
    provider: 'mock',
    upstreamModel: 'm-up',
    isEnabled: true,
    tier: 'standard',
    isBreakerOpen: false,
    contextTokens: 0,
    maxOutputTokens: 0,
  },
  reason: 'requested',
  strategy: 'static',
  route: 'explicit',
  explanation: 'the request names it',
  tier: 'economy',
  candidates: [{ model: 'm', provider: 'mock' }],
  fallbacks: [],
  isConfidenceChecked: false,
  cacheModel: 'm',
  policyVersion: '1',
};

/** A listener that writes down what it is told: `head`, the chunks' text, then the end. */
export function recordingListener() {
  const heard: string[] = [];
  const ends: (AnswerEnd | WholeAnswer)[] = [];
  const listener: AnswerListener = {
    whole(answer) {
      heard.push(`whole ${answer.form} ${answer.header.errorCode ?? answer.body.toString()}`);
      ends.push(answer);
    },
    head: () => void heard.push('head'),
    chunk: (bytes) => void heard.push(bytes.toString()),
    end(end) {
      heard.push(`end ${end.header.errorCode ?? 'ok'}`);
      ends.push(end);
    },
  };
  return { listener, heard, ends };
}

import type { ReplyHeader } from '@costlane/contracts';
import { chooseModel, CostlaneError, emptyUsage, type RouteDecision, type RoutingPolicy } from '@costlane/domain';
import type { AnswerEnd, AnswerListener } from '../core/answer';
import type { Inference } from '../core/inference';
import type { InferenceRequest } from '../core/inference-request';
import type { RequestObserver } from '../observe/request-observer';

export const decision: RouteDecision = {
  model: {
    name: 'gpt-4o-mini',
    provider: 'mock',
    upstreamModel: 'gpt-4o-mini-up',
    isEnabled: true,
    tier: 'economy',
    isBreakerOpen: false,
    contextTokens: 128_000,
    maxOutputTokens: 16_384,
  },
  reason: 'requested',
  strategy: 'static',
  route: 'explicit',
  explanation: 'the request names it',
  tier: 'economy',
  candidates: [{ model: 'gpt-4o-mini', provider: 'mock' }],
  fallbacks: [],
  isConfidenceChecked: false,
  cacheModel: 'gpt-4o-mini',
  policyVersion: '1-test',
};

export function header(more: Partial<ReplyHeader> = {}): ReplyHeader {
  return {
    status: 200,
    contentType: 'application/json',
    provider: 'mock',
    modelUsed: 'gpt-4o-mini-up',
    usage: { ...emptyUsage, freshInputTokens: 8, cacheReadTokens: 2, outputTokens: 5, reasoningTokens: 1 },
    usageSource: 'provider',
    paidNanoUsd: 1_200,
    baselineNanoUsd: 2_000,
    savings: { cache: 0, routing: 500, prefix: 300, batching: 0 },
    priceVersion: 'test',
    upstreamLatencyMs: 5,
    upstreamCalls: 1,
    ...more,
  };
}

export const end = (more: Partial<AnswerEnd> = {}): AnswerEnd => ({
  header: header(),
  tier: 'miss',
  paidNanoUsd: 1_200,
  savedNanoUsd: 800,
  ageSeconds: 0,
  decision,
  ...more,
});

export const completion = (content: string | null, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content, ...more } }] }));

export const chunk = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;

export interface Asked {
  request: InferenceRequest;
  listener: AnswerListener;
  decision: RouteDecision;
  hasLeft: boolean;
}

/** An inference whose answers the spec gives by hand; `onAsk` may give them at once. */
export function scriptedInference(onAsk: (asked: Asked) => void = () => undefined, policy?: RoutingPolicy) {
  const asked: Asked[] = [];
  const inference: Inference = {
    route(features) {
      const { modelAsked } = features;
      if (modelAsked === 'no-such-model')
        throw new CostlaneError('model_not_found', 'The model "no-such-model" is not known here.', { field: 'model' });
      if (!policy) return decision;
      const chosen = chooseModel(policy, features);
      if (!chosen.ok) throw chosen.error;
      return chosen.value;
    },
    answer(request, decision, listener) {
      const one: Asked = { request, listener, decision, hasLeft: false };
      asked.push(one);
      onAsk(one);
      return () => (one.hasLeft = true);
    },
    inFlight: () => 0,
  };
  return { inference, asked };
}

/** Answers with this text at once, in the form that was asked for. */
export const answerWith =
  (text: string) =>
  ({ listener, request }: Asked): void => {
    if (!request.stream) return listener.whole({ ...end(), form: 'json', body: completion(text) });
    listener.head(header(), 'miss');
    listener.chunk(Buffer.from(chunk(text)));
    listener.end(end());
  };

export interface ObservedEvents {
  ended: AnswerEnd[];
  left: number;
  refused: { endpoint: string; code: string }[];
}

export function recordingObserver(): { observer: RequestObserver; events: ObservedEvents } {
  const events: ObservedEvents = { ended: [], left: 0, refused: [] };
  const observer: RequestObserver = {
    begin: () => ({
      end: (ended) => void events.ended.push(ended),
      left: () => void events.left++,
      broke: () => undefined,
    }),
    refused: (endpoint, code) => void events.refused.push({ endpoint, code }),
    hitRate: () => 0.25,
    answered: () => events.ended.length,
    meanLatencyMs: () => 12.3456,
  };
  return { observer, events };
}

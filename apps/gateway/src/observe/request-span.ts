import { promptTokensOf, type ErrorCode, type RouteDecision } from '@costlane/domain';
import { genAiProviderName, type Span, type Tracing } from '@costlane/platform';
import type { AnswerEnd } from '../core/answer';
import type { InferenceRequest } from '../core/inference-request';

/** Doors that are not a POST to their path. */
const otherNames: Record<string, string> = {
  'grpc:Complete': 'costlane.v1.InferenceService/Complete',
  'grpc:StreamComplete': 'costlane.v1.InferenceService/StreamComplete',
  '/v1/stream': 'WS /v1/stream',
};

/** The name of a door's server spans: one a door, never what a caller wrote. */
export const spanNameOf = (endpoint: string): string => otherNames[endpoint] ?? `POST ${endpoint}`;

/**
 * The server span of a request: OpenTelemetry's attributes for generative AI. What was asked and answered is no attribute, as prompts
 * must not leave by this way.
 */
export function startRequestSpan(
  tracing: Tracing,
  request: InferenceRequest,
  decision: RouteDecision,
  parentTraceparent: string | undefined,
): Span | undefined {
  return tracing.startSpan(spanNameOf(request.endpoint), {
    kind: 'server',
    parentTraceparent,
    startTimeMs: request.createdAtMs,
    attributes: {
      'gen_ai.operation.name': 'chat',
      // Whoever names no model asks for the one that the policy chose.
      'gen_ai.request.model': request.modelAsked === '' ? decision.model.name : request.modelAsked,
      'gen_ai.provider.name': genAiProviderName(decision.model.provider),
      'costlane.endpoint': request.endpoint,
      'costlane.request_id': request.requestId,
    },
  });
}

/** Ends a request's span with what is known of the answer. */
export function endRequestSpan(span: Span, { header, tier, paidNanoUsd }: AnswerEnd): void {
  const { usage, errorCode } = header;
  span.setAttributes({
    'gen_ai.response.model': header.modelUsed || undefined,
    'gen_ai.usage.input_tokens': usage && promptTokensOf(usage),
    'gen_ai.usage.output_tokens': usage && usage.outputTokens + usage.reasoningTokens,
    'costlane.cache': tier,
    'costlane.cost_nano_usd': paidNanoUsd,
    'http.response.status_code': header.status,
  });
  if (errorCode) failSpan(span, errorCode);
  else span.end();
}

/** Ends a span as failed, with the code alone: an error's message may quote what was asked. */
export function failSpan(span: Span, code: ErrorCode): void {
  span.setAttributes({ 'error.type': code });
  span.end({ error: code });
}

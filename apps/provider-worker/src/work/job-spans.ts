import type { Job } from '@costlane/contracts';
import { promptTokensOf, type ErrorCode } from '@costlane/domain';
import { genAiProviderName, type Span, type Tracing } from '@costlane/platform';
import type { FinishedRun } from './run-job';

type TracedJob = Pick<Job, 'header' | 'priority'>;

/** Two spans of a sampled request: its wait between the gateway and here, which ends now, and the provider calls. */
export function startCallSpan(tracing: Tracing, job: TracedJob, startedAtMs: number): Span | undefined {
  const { header } = job;
  if (header.traceparent === undefined) return undefined;
  traceQueue(tracing, job, startedAtMs);
  return tracing.startSpan(`chat ${header.upstreamModel}`, {
    kind: 'client',
    parentTraceparent: header.traceparent,
    startTimeMs: startedAtMs,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': genAiProviderName(header.provider),
      'gen_ai.request.model': header.upstreamModel,
    },
  });
}

export function endCallSpan(span: Span, { reply }: FinishedRun): void {
  const { usage } = reply;
  span.setAttributes({
    'gen_ai.response.model': reply.modelUsed || undefined,
    'error.type': reply.errorCode,
    'gen_ai.usage.input_tokens': usage && promptTokensOf(usage),
    'gen_ai.usage.output_tokens': usage && usage.outputTokens + usage.reasoningTokens,
  });
  span.end({ error: reply.errorCode });
}

/** The wait of a sampled request in the queue. */
export function traceQueue(
  tracing: Tracing,
  { header, priority }: TracedJob,
  endTimeMs: number,
  error?: ErrorCode,
): void {
  if (header.traceparent === undefined) return;
  tracing
    .startSpan('queue', {
      kind: 'consumer',
      parentTraceparent: header.traceparent,
      startTimeMs: header.createdAtMs,
      attributes: {
        'messaging.system': 'redis',
        'costlane.priority': priority,
        'costlane.request_id': header.requestId,
        'error.type': error,
      },
    })
    ?.end({ error, endTimeMs });
}

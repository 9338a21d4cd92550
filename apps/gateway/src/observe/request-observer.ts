import type { RouteDecision } from '@costlane/domain';
import { countedReason, isErrorCode, promptTokensOf } from '@costlane/domain';
import type { Logger, Metrics, Tracing } from '@costlane/platform';
import type { AnswerEnd } from '../core/answer';
import type { InferenceRequest } from '../core/inference-request';
import { endRequestSpan, failSpan, spanNameOf, startRequestSpan } from './request-span';

export interface ObservedRequest {
  end(end: AnswerEnd): void;
  /** The client went before its answer was complete. */
  left(): void;
  /** Asking failed inside the gateway; the door still reports the error as refused. */
  broke(error: unknown): void;
}

/** What operators see of requests: rates, errors, latency, hits, tokens and money; a span where tracing samples it. */
export interface RequestObserver {
  begin(request: InferenceRequest, decision: RouteDecision, parentTraceparent: string | undefined): ObservedRequest;
  /** A request that was turned away before anything was asked. */
  refused(endpoint: string, code: string, error: unknown, parentTraceparent?: string): void;
  hitRate(): number;
  answered(): number;
  meanLatencyMs(): number;
}

const USD_PER_NANO = 1e-9;

export function createRequestObserver(options: {
  metrics: Metrics;
  logger: Logger;
  tracing: Tracing;
}): RequestObserver {
  const { logger, tracing } = options;
  const counters = createCounters(options.metrics);
  let answered = 0;
  let hits = 0;
  let latencySumMs = 0;
  /** Errors whose request has a span already. */
  const traced = new WeakSet<object>();

  options.metrics.gauge({
    name: 'costlane_cache_hit_rate',
    help: 'Share of answered requests that no provider was asked for, since the start',
    collect() {
      this.set(answered === 0 ? 0 : hits / answered);
    },
  });

  return {
    begin(request, decision, parentTraceparent) {
      const span = tracing.isEnabled ? startRequestSpan(tracing, request, decision, parentTraceparent) : undefined;
      if (span) request.traceparent = span.traceparent;
      const startedAt = performance.now();
      let isOver = false;
      return {
        end(end) {
          isOver = true;
          const latencyMs = performance.now() - startedAt;
          answered++;
          latencySumMs += latencyMs;
          if (end.tier !== 'miss') hits++;
          counters.answered(request.endpoint, end, latencyMs);
          if (span) endRequestSpan(span, end);
          if (end.header.errorCode) {
            logger.info(
              { requestId: request.requestId, errorCode: end.header.errorCode, latencyMs: Math.round(latencyMs) },
              'request failed',
            );
          }
        },
        left() {
          // An answer that was complete but not read to its end is counted as answered.
          if (isOver) return;
          isOver = true;
          counters.left(request.endpoint);
          if (span) failSpan(span, 'cancelled');
        },
        broke(error) {
          isOver = true;
          if (!span) return;
          failSpan(span, 'internal');
          if (typeof error === 'object' && error !== null) traced.add(error);
        },
      };
    },
    refused(endpoint, code, error, parentTraceparent) {
      const known = isErrorCode(code) ? code : 'internal';
      counters.refused(endpoint, known);
      if (tracing.isEnabled && !(typeof error === 'object' && error !== null && traced.has(error))) {
        const span = tracing.startSpan(spanNameOf(endpoint), { kind: 'server', parentTraceparent });
        if (span) failSpan(span, known);
      }
      if (code === 'internal') logger.error({ err: error, endpoint }, 'a request failed inside the gateway');
    },
    hitRate: () => (answered === 0 ? 0 : hits / answered),
    answered: () => answered,
    meanLatencyMs: () => (answered === 0 ? 0 : latencySumMs / answered),
  };
}

/** Counters with their labels bound beforehand: a look-up by label costs more than the increment. */
function createCounters(metrics: Metrics) {
  const requests = metrics.boundCounter({
    name: 'llm_proxy_request_total',
    help: 'Requests by door and outcome (ok, an error code, or cancelled)',
    labelNames: ['endpoint', 'outcome'],
  });
  const latency = metrics.boundHistogram({
    name: 'llm_proxy_latency_seconds',
    help: 'Time from the request to the end of the answer, by cache tier',
    labelNames: ['tier'],
  });
  const cacheResults = metrics.boundCounter({
    name: 'costlane_cache_results_total',
    help: 'Answers by where they came from: memory, exact, semantic, coalesced, or miss',
    labelNames: ['tier'],
  });
  const cost = metrics.counter({ name: 'llm_proxy_cost_total', help: 'US dollars paid to providers' });
  const saved = metrics.counter({
    name: 'costlane_saved_usd_total',
    help: 'US dollars not paid, against the baseline',
  });
  const inputTokens = metrics.counter({
    name: 'llm_proxy_token_count_input_total',
    help: 'Prompt tokens of answered requests',
  });
  const outputTokens = metrics.counter({
    name: 'llm_proxy_token_count_output_total',
    help: 'Completion tokens of answered requests',
  });
  const cachedTokens = metrics.counter({
    name: 'costlane_provider_cached_tokens_total',
    help: 'Prompt tokens that the provider read from its own cache',
  });
  const routing = metrics.boundCounter({
    name: 'costlane_routing_decisions_total',
    help: 'Routing decisions by reason',
    labelNames: ['reason'],
  });
  const holdout = metrics.counter({
    name: 'costlane_holdout_requests_total',
    help: 'Answered requests that went out as they came, to measure what the others save',
  });
  const memo = <T>(make: (name: string) => T): ((name: string) => T) => {
    const bound = new Map<string, T>();
    return (name) => {
      let value = bound.get(name);
      if (value === undefined) bound.set(name, (value = make(name)));
      return value;
    };
  };
  const okOf = memo((endpoint) => requests.with({ endpoint, outcome: 'ok' }));
  const latencyOf = memo((tier) => latency.with({ tier }));
  const resultsOf = memo((tier) => cacheResults.with({ tier }));
  const routingOf = memo((reason) => routing.with({ reason }));
  return {
    answered(endpoint: string, end: AnswerEnd, latencyMs: number): void {
      const { header, tier } = end;
      if (header.errorCode) requests.with({ endpoint, outcome: header.errorCode }).inc();
      else okOf(endpoint).inc();
      latencyOf(tier).observe(latencyMs / 1000);
      resultsOf(tier).inc();
      if (end.decision) routingOf(countedReason(end.decision.reason)).inc();
      if (end.decision?.isHoldout) holdout.inc();
      if (end.paidNanoUsd > 0) cost.inc(end.paidNanoUsd * USD_PER_NANO);
      if (end.savedNanoUsd > 0) saved.inc(end.savedNanoUsd * USD_PER_NANO);
      if (!header.usage) return;
      inputTokens.inc(promptTokensOf(header.usage));
      outputTokens.inc(header.usage.outputTokens + header.usage.reasoningTokens);
      if (header.usage.cacheReadTokens > 0) cachedTokens.inc(header.usage.cacheReadTokens);
    },
    left: (endpoint: string): void => requests.with({ endpoint, outcome: 'cancelled' }).inc(),
    refused: (endpoint: string, code: string): void => requests.with({ endpoint, outcome: code }).inc(),
  };
}

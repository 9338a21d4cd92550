import { createLogger, createMetrics, type Span, type SpanAttributes, type SpanOptions } from '@costlane/platform';
import { decision, end, header } from '../testing/scripted-inference';
import { sampleRequest } from '../testing/sample-request';
import { createRequestObserver } from './request-observer';

interface Recorded {
  name: string;
  options: SpanOptions;
  attributes: SpanAttributes;
  ends: unknown[];
}

const logger = createLogger({ service: 'spec', level: 'silent' });
const callers = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const own = `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01`;

function observe({ isEnabled = true } = {}) {
  const spans: Recorded[] = [];
  const startSpan = jest.fn((name: string, options: SpanOptions = {}): Span => {
    const span: Recorded = { name, options, attributes: { ...options.attributes }, ends: [] };
    spans.push(span);
    return {
      traceparent: own,
      setAttributes: (attributes) => void Object.assign(span.attributes, attributes),
      end: (options) => void span.ends.push(options?.error),
    };
  });
  const metrics = createMetrics({ service: 'spec' });
  const tracing = { isEnabled, ready: Promise.resolve(), startSpan, shutdown: () => Promise.resolve() };
  const observer = createRequestObserver({ metrics, logger, tracing });
  const outcomes = async (): Promise<Record<string, number>> => {
    const { values } = (await metrics.registry.getSingleMetric('llm_proxy_request_total')?.get()) ?? { values: [] };
    return Object.fromEntries(values.map(({ labels, value }) => [String(labels['outcome']), value]));
  };
  return { observer, spans, startSpan, outcomes };
}

describe('the span of a request', () => {
  it('joins the caller’s trace, is handed on, and ends with model, tokens, cost and tier', () => {
    const { observer, spans } = observe();
    const request = sampleRequest({ modelAsked: '' });
    observer.begin(request, decision, callers).end(end({ tier: 'memory', paidNanoUsd: 0 }));
    expect(request.traceparent).toBe(own);
    expect(spans).toMatchObject([
      {
        name: 'POST /v1/chat/completions',
        options: { kind: 'server', parentTraceparent: callers, startTimeMs: request.createdAtMs },
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': decision.model.provider,
          'gen_ai.request.model': decision.model.name,
          'gen_ai.response.model': header().modelUsed,
          'gen_ai.usage.input_tokens': 10,
          'gen_ai.usage.output_tokens': 6,
          'costlane.cache': 'memory',
        },
        ends: [undefined],
      },
    ]);
  });

  it('ends as failed with the error’s code, and with nothing that the error says', () => {
    const { observer, spans } = observe();
    const failed = header({ errorCode: 'upstream_timeout' });
    observer.begin(sampleRequest(), decision, callers).end(end({ header: failed }));
    observer.refused('grpc:Complete', 'invalid_request', new Error('Field "prompt": secret words'), callers);
    expect(spans.map(({ name, ends }) => [name, ...ends])).toEqual([
      ['POST /v1/chat/completions', 'upstream_timeout'],
      ['costlane.v1.InferenceService/Complete', 'invalid_request'],
    ]);
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['upstream_timeout', 'invalid_request']);
    expect(JSON.stringify(spans)).not.toContain('secret');
  });

  it('ends when the client leaves, but once: an answer that was complete stays answered', async () => {
    const { observer, spans, outcomes } = observe();
    observer.begin(sampleRequest(), decision, callers).left();
    const complete = observer.begin(sampleRequest(), decision, callers);
    complete.end(end());
    complete.left();
    expect(spans.map(({ ends }) => ends)).toEqual([['cancelled'], [undefined]]);
    expect(await outcomes()).toEqual({ ok: 1, cancelled: 1 });
  });

  it('ends when asking breaks, and the refusal that follows is no second span', async () => {
    const { observer, spans, outcomes } = observe();
    const error = new Error('broken');
    observer.begin(sampleRequest(), decision, callers).broke(error);
    observer.refused('/v1/chat/completions', 'internal', error, callers);
    expect(spans.map(({ ends }) => ends)).toEqual([['internal']]);
    expect(await outcomes()).toEqual({ internal: 1 });
  });

  it('is not asked for while tracing is off', () => {
    const { observer, startSpan } = observe({ isEnabled: false });
    const request = sampleRequest();
    observer.begin(request, decision, callers).end(end());
    observer.refused('/v1/inference', 'invalid_request', undefined, callers);
    expect(startSpan).not.toHaveBeenCalled();
    expect(request.traceparent).toBeUndefined();
  });
});

describe('the counter of routing decisions', () => {
  it('has one label for all variants of experiments: their names are the tenants’', async () => {
    const metrics = createMetrics({ service: 'spec' });
    const tracing = {
      isEnabled: false,
      ready: Promise.resolve(),
      startSpan: jest.fn(),
      shutdown: () => Promise.resolve(),
    };
    const observer = createRequestObserver({ metrics, logger, tracing });
    for (const reason of ['experiment:brief', 'experiment:long', 'requested'])
      observer.begin(sampleRequest(), decision, undefined).end(end({ decision: { ...decision, reason } }));
    const counted = await metrics.registry.getSingleMetric('costlane_routing_decisions_total')?.get();
    expect(counted?.values.map(({ labels, value }) => [labels['reason'], value])).toEqual([
      ['experiment', 2],
      ['requested', 1],
    ]);
  });
});

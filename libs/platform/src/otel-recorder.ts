import { DiagLogLevel, ROOT_CONTEXT, SpanKind as OtelKind, SpanStatusCode, diag, trace } from '@opentelemetry/api';
import type { Context, Span as OtelSpan } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger';
import { formatTraceparent, parseTraceparent } from './traceparent';
import type { Span, SpanKind, SpanOptions, SpanRecorder, TracingOptions } from './tracing';

const kinds: Record<SpanKind, OtelKind> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

const DEFAULT_ENDPOINT = 'http://localhost:4318';
const EXPORT_INTERVAL_MS = 1_000;
const EXPORT_TIMEOUT_MS = 5_000;
const SHUTDOWN_LIMIT_MS = 3_000;
/** Spans that wait for export; those above are dropped, a slow collector must not take our memory. */
const MAX_QUEUED_SPANS = 4_096;

/** Records spans and sends them in batches over OTLP/HTTP (JSON). */
export function createOtelRecorder({ service, otlpEndpoint, logger }: TracingOptions): SpanRecorder {
  reportExportErrors(logger);
  const url = `${(otlpEndpoint ?? DEFAULT_ENDPOINT).replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const processor = new BatchSpanProcessor(exporter, {
    scheduledDelayMillis: EXPORT_INTERVAL_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    maxQueueSize: MAX_QUEUED_SPANS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'costlane' }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('costlane');
  return {
    start: (name, options) => {
      const { kind = 'internal', attributes, startTimeMs } = options;
      return wrap(
        tracer.startSpan(name, { kind: kinds[kind], attributes, startTime: startTimeMs }, parentContext(options)),
      );
    },
    shutdown: () => withinLimit(provider.shutdown(), logger),
  };
}

function parentContext({ parentTraceparent }: SpanOptions): Context {
  const parent = parseTraceparent(parentTraceparent);
  if (!parent) return ROOT_CONTEXT;
  const { traceId, spanId } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true });
}

function wrap(span: OtelSpan): Span {
  const { traceId, spanId } = span.spanContext();
  // The SDK complains about whatever comes to an ended span, which would look like a failed export.
  let isEnded = false;
  return {
    traceparent: formatTraceparent({ traceId, spanId, isSampled: true }),
    setAttributes: (attributes) => {
      if (!isEnded) span.setAttributes(attributes);
    },
    end: ({ error, endTimeMs } = {}) => {
      if (isEnded) return;
      isEnded = true;
      if (error !== undefined) {
        const message = error instanceof Error ? error.message : String(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message });
      }
      span.end(endTimeMs);
    },
  };
}

/** The last spans are worth a moment, not the end of an orderly shutdown. */
async function withinLimit(shutdown: Promise<void>, logger: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not sent in ${SHUTDOWN_LIMIT_MS} ms`)), SHUTDOWN_LIMIT_MS);
  });
  try {
    await Promise.race([shutdown, limit]);
  } catch (error) {
    logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the last spans are lost');
  } finally {
    clearTimeout(timer);
  }
}

/** One line a minute at the most: a collector that is away must not fill the log. */
function reportExportErrors(logger: Logger): void {
  let lastMs = -Infinity;
  const warn = (message: string) => {
    if (Date.now() - lastMs < 60_000) return;
    lastMs = Date.now();
    logger.warn({ reason: message.slice(0, 200) }, 'spans could not be exported');
  };
  const ignore = () => undefined;
  const sink = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(sink, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

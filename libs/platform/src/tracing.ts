import type { Logger } from './logger';
import { parseTraceparent } from './traceparent';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

export interface SpanOptions {
  kind?: SpanKind;
  /** `traceparent` of the caller; the span joins its trace and its sampling decision. */
  parentTraceparent?: string;
  attributes?: SpanAttributes;
  /** Epoch milliseconds; default now. */
  startTimeMs?: number;
  /** Whether a trace may begin here. Default: only for `server`, so that a worker makes no trace out of an unsampled request. */
  isRoot?: boolean;
}

export interface Span {
  /** To hand on to the next hop. */
  readonly traceparent: string;
  setAttributes(attributes: SpanAttributes): void;
  /** Ends the span, once. With `error` it is marked as failed. */
  end(options?: { error?: unknown; endTimeMs?: number }): void;
}

export interface Tracing {
  readonly isEnabled: boolean;
  /** Resolves when spans are recorded: the SDK is loaded in the background. */
  readonly ready: Promise<void>;
  /** Undefined when tracing is off or this trace is not sampled: then there is nothing to do and nothing to hand on. */
  startSpan(name: string, options?: SpanOptions): Span | undefined;
  /** Sends what is still here; gives up after a few seconds. */
  shutdown(): Promise<void>;
}

export interface TracingOptions {
  service: string;
  isEnabled: boolean;
  /** Base URL of an OTLP/HTTP receiver; `/v1/traces` is added. Default http://localhost:4318. */
  otlpEndpoint?: string;
  /** Share of traces to record, 0 to 1, decided where a trace begins; default 1. */
  sampleRatio?: number;
  logger: Logger;
}

/** What {@link createTracing} needs of a span recorder, so that the SDK is loaded by those alone who want it. */
export interface SpanRecorder {
  start(name: string, options: SpanOptions): Span;
  shutdown(): Promise<void>;
}

const off: Tracing = {
  isEnabled: false,
  ready: Promise.resolve(),
  startSpan: () => undefined,
  shutdown: () => Promise.resolve(),
};

/** Spans by hand over OpenTelemetry's SDK, which is imported only when tracing is enabled. */
export function createTracing(options: TracingOptions): Tracing {
  if (!options.isEnabled) return off;
  const { logger, sampleRatio = 1 } = options;
  let recorder: SpanRecorder | undefined;
  const ready = import('./otel-recorder').then(
    ({ createOtelRecorder }) => void (recorder = createOtelRecorder(options)),
    (err: unknown) => logger.error({ err }, 'tracing could not be loaded, no spans are recorded'),
  );
  return {
    isEnabled: true,
    ready,
    startSpan: (name, spanOptions = {}) => {
      if (!recorder || !isSampled(spanOptions, sampleRatio)) return undefined;
      return recorder.start(name, spanOptions);
    },
    shutdown: async () => {
      await ready;
      await recorder?.shutdown();
    },
  };
}

/** A parent's word counts; without one the dice are thrown where a trace may begin. */
function isSampled({ kind, parentTraceparent, isRoot = kind === 'server' }: SpanOptions, ratio: number): boolean {
  const parent = parseTraceparent(parentTraceparent);
  if (parent) return parent.isSampled;
  return isRoot && Math.random() < ratio;
}

/** Providers whose name in OpenTelemetry's conventions for generative AI is not ours. */
const genAiNames: Readonly<Record<string, string>> = { google: 'gcp.gemini' };

/** `gen_ai.provider.name` of a provider (OpenTelemetry semantic conventions, GenAI, November 2026). */
export const genAiProviderName = (provider: string): string =>
  Object.hasOwn(genAiNames, provider) ? (genAiNames[provider] ?? provider) : provider;

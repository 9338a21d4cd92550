import { CostlaneError } from '@costlane/domain';
import type { DeadlineSweep, Deadlined } from '@costlane/resilience';
import type { Dispatcher } from 'undici';
import { elapsedMs, type AttemptContext, type AttemptFailure, type AttemptOutcome } from '../attempt';
import type { ProviderRequest, ProviderSink, ProviderUsageSource } from '../provider';
import { chatFormat, type AnswerFormat } from './answer-format';
import { estimateUsage } from './estimate-usage';
import { mapErrorAnswer, type MappedFailure } from './map-error';
import { mapTransportError, type AnswerProgress } from './map-transport-error';
import { StreamDelivery } from './stream-delivery';
import { withWriteLifetime } from './write-lifetime';

export interface CallSettings {
  provider: string;
  apiKey: string | undefined;
  maxResponseBytes: number;
  deadlines: DeadlineSweep;
}

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** Error bodies are read so far. */
const MAX_ERROR_BYTES = 64 * 1024;
/** A provider that had less time than this before the deadline is not to blame for missing it. */
const FAIR_WAIT_MS = 10_000;
const JSON_TYPE = 'application/json';

const ended = new Error('the call has ended');

/**
 * One call of a model (a chat completion, where no other format is given) over one connection, as undici's handler: no stream objects and no closures per call. Settles
 * once, by whichever comes first: the answer's end, a fault in it, the connection, the deadline or the signal.
 */
export class ChatCall implements Dispatcher.DispatchHandler, Deadlined {
  readonly deadlineAtMs: number;
  sweepIndex = -1;
  private readonly begunAtMs = performance.now();
  private settle: ((outcome: AttemptOutcome) => void) | undefined;
  private controller: Controller | undefined;
  private status = 0;
  private headers: Headers = {};
  private chunks: Buffer[] = [];
  private size = 0;
  private stream: StreamDelivery | undefined;

  constructor(
    private readonly request: ProviderRequest,
    private readonly sink: ProviderSink,
    private readonly context: AttemptContext,
    private readonly settings: CallSettings,
    private readonly format: AnswerFormat = chatFormat,
  ) {
    this.deadlineAtMs = request.deadlineAtMs;
  }

  /** Sends the request; the outcome comes when the call has settled. */
  start(send: (handler: ChatCall) => void): Promise<AttemptOutcome> {
    return new Promise((resolve) => {
      this.settle = resolve;
      this.request.signal.addEventListener('abort', this);
      this.settings.deadlines.watch(this);
      send(this);
    });
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller;
    // It was given up while it waited for a connection.
    if (!this.settle) controller.abort(ended);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers): void {
    // What comes before 200 announces the answer and is none.
    if (status < 200 || !this.settle) return;
    this.status = status;
    this.headers = headers;
    if (!this.isSuccess()) return;
    this.context.onAnswering?.();
    if (!this.request.stream) return;
    const contentType = this.header('content-type') ?? '';
    const scanner = contentType.startsWith('text/event-stream') ? this.format.createScanner?.() : undefined;
    if (!scanner) {
      this.fail(this.malformed('answered a request for a stream with something else'));
      return;
    }
    const onSinkError = (error: unknown): void => this.sinkFailed(error);
    this.stream = new StreamDelivery({ status, contentType }, this.sink, controller, onSinkError, scanner);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (!this.settle) return;
    if (this.stream) {
      if (!this.stream.push(chunk)) this.streamAtFault();
      return;
    }
    this.size += chunk.length;
    if (this.size <= (this.isSuccess() ? this.settings.maxResponseBytes : MAX_ERROR_BYTES)) this.chunks.push(chunk);
    else if (this.isSuccess()) this.fail(this.malformed('sent an answer that is too large'));
  }

  onResponseEnd(): void {
    if (!this.settle) return;
    if (this.stream) this.endStream();
    else if (this.isSuccess()) this.endBody();
    else this.fail(this.mapAnswer(this.body(), this.status));
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (!this.settle) return;
    if (this.stream) {
      this.stream.finish();
      // Everything had come: what happened to the connection afterwards is nobody's concern.
      if (this.stream.scanner.isDone) return this.endStream();
    }
    this.fail(mapTransportError(this.settings.provider, error, this.progress()));
  }

  onDeadline(): void {
    if (this.stream?.scanner.isDone) {
      // The answer is whole; only the provider's end of the connection is missing.
      this.endStream();
      this.controller?.abort(ended);
      return;
    }
    const { provider } = this.settings;
    const message = this.stream?.hasDelivered
      ? `The deadline passed while ${provider} was still answering.`
      : `${provider} did not answer before the deadline.`;
    const code = this.stream?.hasDelivered ? 'deadline_exceeded' : 'upstream_timeout';
    const verdict = performance.now() - this.begunAtMs >= FAIR_WAIT_MS ? 'failure' : 'neutral';
    this.fail({ error: new CostlaneError(code, message), isRetryable: false, verdict });
  }

  /** The request's signal has been aborted. */
  handleEvent(): void {
    const error = new CostlaneError('cancelled', 'The request was cancelled.');
    this.fail({ error, isRetryable: false, verdict: 'neutral' });
  }

  private sinkFailed(cause: unknown): void {
    const error = new CostlaneError('internal', 'Costlane failed to pass the answer on.', { cause });
    this.fail({ error, isRetryable: false, verdict: 'neutral' });
  }

  private endBody(): void {
    const body = this.body();
    const read = this.format.readBody(body);
    if (read.kind === 'error') return this.fail(this.mapAnswer(body, undefined));
    if (read.kind === 'malformed') return this.fail(this.malformed('sent an answer that is not valid JSON'));
    const { usage, modelUsed, serviceTier, finishReason, characters, isWhole } = read.facts;
    this.finish({
      ok: true,
      status: this.status,
      contentType: this.header('content-type') ?? JSON_TYPE,
      body,
      modelUsed,
      usage: usage ?? estimateUsage(this.request.body.length, characters),
      usageSource: usage ? 'provider' : 'estimated',
      serviceTier,
      finishReason,
      latencyMs: elapsedMs(this.context.startedAtMs),
      upstreamCalls: this.context.upstreamCalls,
      isCacheable: isWhole,
    });
  }

  private endStream(): void {
    const { stream } = this;
    if (!stream) return;
    stream.finish();
    const { scanner } = stream;
    if (scanner.fault) return this.streamAtFault();
    // Some servers leave `[DONE]` out; an answer whose choices have ended is good, but too odd to give out again.
    if (!scanner.isDone && scanner.finishReasons.length === 0) {
      return this.fail(mapTransportError(this.settings.provider, undefined, 'stream'));
    }
    this.finish({
      ok: true,
      status: this.status,
      contentType: this.header('content-type') ?? '',
      ...this.streamFacts(stream),
      finishReason: scanner.finishReasons[0],
      latencyMs: elapsedMs(this.context.startedAtMs),
      upstreamCalls: this.context.upstreamCalls,
      isCacheable: scanner.isWhole,
    });
  }

  private streamAtFault(): void {
    const fault = this.stream?.scanner.fault;
    if (fault?.kind === 'error') this.fail(this.mapAnswer(fault.body, undefined));
    else this.fail(this.malformed('sent an event that is not valid JSON'));
  }

  private streamFacts(stream: StreamDelivery) {
    const { scanner, firstContentAtMs } = stream;
    const usageSource: ProviderUsageSource = scanner.usage ? 'provider' : 'estimated';
    return {
      modelUsed: scanner.modelUsed,
      serviceTier: scanner.serviceTier,
      usage: scanner.usage ?? estimateUsage(this.request.body.length, scanner.characters),
      usageSource,
      deliveredChars: scanner.characters,
      timeToFirstTokenMs:
        firstContentAtMs === undefined
          ? undefined
          : Math.round((firstContentAtMs - this.context.startedAtMs) * 10) / 10,
    };
  }

  private fail({ error, isRetryable, verdict, retryAfterMs, body }: MappedFailure): void {
    const { stream } = this;
    const failure: AttemptFailure = {
      ok: false,
      error,
      retryAfterMs,
      status: this.status > 0 ? this.status : undefined,
      body,
      usageSource: 'none',
      latencyMs: elapsedMs(this.context.startedAtMs),
      upstreamCalls: this.context.upstreamCalls,
      hasDelivered: stream?.hasDelivered ?? false,
      isRetryable,
      verdict,
    };
    // What has been delivered has to be paid, whatever became of the rest.
    this.finish(stream?.hasDelivered ? { ...failure, ...this.streamFacts(stream) } : failure);
    if (this.controller) this.controller.abort(ended);
  }

  private finish(outcome: AttemptOutcome): void {
    const { settle } = this;
    if (!settle) return;
    this.settle = undefined;
    this.settings.deadlines.unwatch(this);
    this.request.signal.removeEventListener('abort', this);
    settle(withWriteLifetime(outcome, this.request.body));
  }

  private mapAnswer(body: Buffer, status: number | undefined): MappedFailure {
    return mapErrorAnswer({
      provider: this.settings.provider,
      status,
      body,
      retryAfter: this.header('retry-after'),
      retryAfterMs: this.header('retry-after-ms'),
      shouldRetry: this.header('x-should-retry'),
      apiKey: this.settings.apiKey,
      nowMs: Date.now(),
    });
  }

  private malformed(what: string): MappedFailure {
    const error = new CostlaneError('upstream_malformed', `${this.settings.provider} ${what}.`);
    return { error, isRetryable: true, verdict: 'failure' };
  }

  private progress(): AnswerProgress {
    if (this.stream) return 'stream';
    return this.status > 0 ? 'body' : 'nothing';
  }

  private isSuccess(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  private body(): Buffer {
    const [first] = this.chunks;
    return this.chunks.length === 1 && first ? first : Buffer.concat(this.chunks);
  }

  private header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }
}

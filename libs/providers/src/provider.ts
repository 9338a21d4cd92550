import type { Dialect, Priority } from '@costlane/contracts';
import type { CostlaneError, ErrorCode, TokenUsage } from '@costlane/domain';
import type { CancelSignal } from '@costlane/resilience';

/** One call to a model, as every provider takes it. */
export interface ProviderRequest {
  requestId: string;
  /** Wire dialect of `body` and of the answer; one that the provider does not take is refused with `invalid_request`. */
  dialect: Dialect;
  /** Default standard. */
  priority?: Priority;
  /** Model as the provider names it; circuit breakers are kept per model. */
  upstreamModel: string;
  stream: boolean;
  /** Ready to send; never changed, never logged. */
  body: Buffer;
  /** Epoch milliseconds. The call, its retries included, is over by then (late by a sweep of 20 ms at most). */
  deadlineAtMs: number;
  /** The caller has said how much time there is: a slower and cheaper service tier may be used. */
  isDeadlineExplicit?: boolean;
  /**
   * So many other models may be asked when this one has no answer. Where there are any it is not waited for beyond what is usual, nor asked again
   * after a wait.
   */
  othersLeft?: number;
  /** Nobody else has an answer: asked although its circuit is open. */
  isLastResort?: boolean;
  /** Aborts the upstream call within a tick. An `AbortSignal`, or the cheaper `Cancellation`. */
  signal: CancelSignal;
  traceparent?: string;
}

/** Where a streamed answer goes. Nothing is called for an answer that is not streamed, or fails before its first event. */
export interface ProviderSink {
  /** Once, before the first chunk. */
  head(head: { status: number; contentType: string }): void;
  /**
   * Server-sent events as the provider sent them, always whole events, so that an error event can follow anywhere.
   * False asks for a pause until the callback given to `onResume` is called; what is on its way still comes.
   */
  chunk(bytes: Buffer): boolean;
  /** Takes a callback for one resumption. A sink without it is never paused for. */
  onResume?(callback: () => void): void;
}

/** `provider`: as reported. `estimated`: counted by us, because the answer brought no usage. `none`: nothing is owed. */
export type ProviderUsageSource = 'provider' | 'estimated' | 'none';

/** A request to the provider whose answer nobody got, but which may have to be paid. */
export interface ProviderLeg {
  reason: 'hedge' | 'retry';
  /** Which of the provider's deployments was asked. */
  deployment?: string;
  usage?: TokenUsage;
  usageSource: ProviderUsageSource;
  latencyMs: number;
  errorCode?: ErrorCode;
}

/** How a model does at a provider just now, as this process sees it. */
export interface ModelHealth {
  /** As the provider calls it. */
  model: string;
  isBreakerOpen: boolean;
  retryAfterMs?: number;
  inFlight: number;
  /** Calls that may be in flight at once. */
  limit: number;
  firstTokenP50Ms?: number;
  tokensPerSecond?: number;
  /** Of the calls of the last minute. */
  errorShare?: number;
}

export interface ProviderSuccess {
  ok: true;
  status: number;
  contentType: string;
  /** The whole answer, as it came; absent for a streamed one, which went to the sink. */
  body?: Buffer;
  /** Model that the answer names. */
  modelUsed?: string;
  usage?: TokenUsage;
  usageSource: ProviderUsageSource;
  /** Tier that the answer names: what is to be paid follows it, not the one asked for. */
  serviceTier?: string;
  finishReason?: string;
  /** From the start of the call to the first content of a streamed answer, retries included. */
  timeToFirstTokenMs?: number;
  latencyMs: number;
  /** Requests sent to the provider, retries included. */
  upstreamCalls: number;
  /** The answer is whole and valid and may be given again to the same request. */
  isCacheable: boolean;
  /** Bytes of text in a streamed answer, for estimates. */
  deliveredChars?: number;
  otherLegs?: ProviderLeg[];
}

export interface ProviderFailure {
  ok: false;
  /** Its message may be shown to the client. */
  error: CostlaneError;
  retryAfterMs?: number;
  /** The provider's status, where it answered at all. */
  status?: number;
  /** The provider's error body (credentials removed), where the client is to see it: a 4xx of its own making. */
  body?: Buffer;
  /** What has to be paid all the same: of a stream that broke off. */
  usage?: TokenUsage;
  usageSource: ProviderUsageSource;
  deliveredChars?: number;
  timeToFirstTokenMs?: number;
  modelUsed?: string;
  serviceTier?: string;
  latencyMs: number;
  upstreamCalls: number;
  /** Some chunk has reached the sink: the call can no longer be made again unseen. */
  hasDelivered: boolean;
  otherLegs?: ProviderLeg[];
}

export type ProviderOutcome = ProviderSuccess | ProviderFailure;

export interface ProviderAdapter {
  readonly name: string;
  /** Makes the call, with retries and circuit breaker. Never rejects: every failure is an outcome. */
  execute(request: ProviderRequest, sink: ProviderSink): Promise<ProviderOutcome>;
  /** The models asked lately. */
  health?(): ModelHealth[];
  /** Ends calls in flight and closes the connections. */
  close(): Promise<void>;
}

import type { Priority } from '@costlane/contracts';

/** How one provider is reached. Comes from operators only, never from a request. */
export interface ProviderConfig {
  /** Name in routes, records and metrics. */
  name: string;
  kind: 'openai-compatible' | 'anthropic' | 'google' | 'cohere';
  /** With the version path: `https://api.openai.com/v1`; Anthropic's, Google's and Cohere's without it: `https://api.anthropic.com`. */
  baseUrl: string;
  /** Sent as a bearer token (to Anthropic as `x-api-key`, to Google as `x-goog-api-key`); never logged and removed from what the provider says. */
  apiKey?: string;
  /** Several accounts or addresses of it. Default: one, of `baseUrl` and `apiKey`. */
  deployments?: readonly DeploymentConfig[];
  /** Hosts, addresses and ranges that may be called by plain http and on private networks. This machine always may. */
  allowedHosts?: readonly string[];
  /** Connections kept to each deployment; each carries one call at a time. Default 1,024. */
  connections?: number;
  /** Default 5,000. */
  connectTimeoutMs?: number;
  /** Idle time after which a connection is closed, unless the provider names a shorter one. Default 30,000. */
  keepAliveMs?: number;
  /** Answers that are not streamed may be so large. Default 32 MiB. */
  maxResponseBytes?: number;
  retry?: RetryConfig;
  breaker?: BreakerConfig;
  concurrency?: ConcurrencyConfig;
  hedge?: HedgeConfig;
  /** A streamed answer has to begin within this time, or the attempt is given up and made elsewhere. Default 0: no bound but the deadline. */
  firstTokenTimeoutMs?: number;
  /** With so much time left a request may go to the flex tier, where the provider has one (`choose-service-tier.ts`). Default 0: never. */
  flexMinMs?: number;
}

/** One of several accounts or addresses of a provider. */
export interface DeploymentConfig {
  /** In metrics, logs and records. */
  name: string;
  /** Default: the provider's. */
  baseUrl?: string;
  /** Default: the provider's, where the base URL is the provider's too: a key goes to nobody but whom it is for. */
  apiKey?: string;
  /** Its share of the calls beside the others' weights. Default 1. */
  weight?: number;
  /** The upstream models that it serves. Default: all. */
  models?: readonly string[];
}

/** Calls in flight to one model at one deployment (`AdaptiveLimit` of `resilience`). */
export interface ConcurrencyConfig {
  /** Default 256. */
  initialLimit?: number;
  /** Default 1,024. */
  maxLimit?: number;
  /** Default 128. */
  maxQueue?: number;
  /** Default 30,000. */
  maxWaitMs?: number;
}

export interface HedgeConfig {
  /** Of the requests. Default 0.02. */
  maxShare?: number;
  /** Whose streams are asked for a second time when the first token is late; never batch. Default express. */
  priorities?: readonly Priority[];
}

export interface RetryConfig {
  /** Retries per request in the long run, and how many are there to begin with. Default 0.1 and 10. */
  ratio?: number;
  reserve?: number;
  /** Wait before the retry, where the provider names none. Default 200, drawn between a quarter and the whole of it. */
  baseDelayMs?: number;
  /** A provider that asks for a longer wait is not retried: the client is told to come back. Default 15,000. */
  maxDelayMs?: number;
}

export interface BreakerConfig {
  /** Failures in a row of one model at one deployment. Default 5. */
  failureThreshold?: number;
  /** Default 5,000. */
  openMs?: number;
}

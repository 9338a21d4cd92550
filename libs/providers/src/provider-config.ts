/** How one provider is reached. Comes from operators only, never from a request. */
export interface ProviderConfig {
  /** Name in routes, records and metrics. */
  name: string;
  kind: 'openai-compatible' | 'anthropic' | 'google' | 'cohere';
  /** With the version path: `https://api.openai.com/v1`; Anthropic's, Google's and Cohere's without it: `https://api.anthropic.com`. */
  baseUrl: string;
  /** Sent as a bearer token (to Anthropic as `x-api-key`, to Google as `x-goog-api-key`); never logged and removed from what the provider says. */
  apiKey?: string;
  /** Connections kept to the provider; each carries one call at a time. Default 1,024. */
  connections?: number;
  /** Default 5,000. */
  connectTimeoutMs?: number;
  /** Idle time after which a connection is closed, unless the provider names a shorter one. Default 30,000. */
  keepAliveMs?: number;
  /** Answers that are not streamed may be so large. Default 32 MiB. */
  maxResponseBytes?: number;
  retry?: RetryConfig;
  breaker?: BreakerConfig;
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
  /** Failures in a row of one model. Default 5. */
  failureThreshold?: number;
  /** Default 5,000. */
  openMs?: number;
}

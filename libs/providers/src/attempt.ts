import type { LookupFunction } from 'node:net';
import type { CallVerdict, DeadlineSweep } from '@costlane/resilience';
import type { ProviderConfig } from './provider-config';
import type { ProviderFailure, ProviderRequest, ProviderSink, ProviderSuccess } from './provider';

/** What the layer that retries tells one attempt, so that its outcome can be handed on as it is. */
export interface AttemptContext {
  /** When the whole call began, on the `performance.now()` clock. */
  readonly startedAtMs: number;
  /** Requests to the provider so far, this one included. */
  readonly upstreamCalls: number;
  /** To be called when the provider has begun to answer well: the end of a long stream is too late for a probe's verdict. */
  readonly onAnswering?: () => void;
}

/** A failed attempt, with what decides on another one. */
export interface AttemptFailure extends ProviderFailure {
  /** The same call may succeed if it is made again. */
  isRetryable: boolean;
  verdict: CallVerdict;
}

export type AttemptOutcome = ProviderSuccess | AttemptFailure;

/** One request to a provider: what a provider has to implement; retries and breakers come from around it. */
export interface ProviderTransport {
  /** Never rejects and always ends: by the deadline, or within a tick of the signal. */
  attempt(request: ProviderRequest, sink: ProviderSink, context: AttemptContext): Promise<AttemptOutcome>;
  close(): Promise<void>;
}

/** What every transport shares with the others of its process. */
export interface TransportDeps {
  deadlines: DeadlineSweep;
  /** For every connection (`connect: { lookup }` of undici): gives out addresses that calls may go to, and no others. */
  lookup?: LookupFunction;
}

/** How a kind of provider makes its transport, for one address and key. */
export type CreateTransport = (config: ProviderConfig, deps: TransportDeps) => ProviderTransport;

/** Milliseconds since a reading of `performance.now()`, in tenths: finer than the network, and short in JSON. */
export const elapsedMs = (sinceMs: number): number => Math.round((performance.now() - sinceMs) * 10) / 10;

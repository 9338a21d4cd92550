import type { LookupFunction } from 'node:net';
import { CostlaneError, err, type Result } from '@costlane/domain';
import type { ProviderConfig } from '../provider-config';
import type { CallFailure } from './call-failure';

export interface BatchesDeps {
  /** Gives out addresses that connections may go to, and no others. */
  readonly lookup?: LookupFunction;
  /** Wait before the first retry of a poll. Default 500. */
  readonly baseDelayMs?: number;
}

/** @throws when it is no http(s) URL. */
export function baseUrlOf({ name, baseUrl }: ProviderConfig, exampleUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new Error(`provider ${name}: the base URL must be an http(s) URL such as ${exampleUrl}`);
}

export function orThrow<T>(result: Result<T, CallFailure>): T {
  if (result.ok) return result.value;
  throw result.error.error;
}

/** What the provider does not know is not there, whatever else it says about it. */
export function orNotFound<T>(result: Result<T, CallFailure>, provider: string): Result<T, CallFailure> {
  if (result.ok || result.error.status !== 404) return result;
  return err({ ...result.error, error: new CostlaneError('not_found', `${provider} does not know this batch.`) });
}

/** The provider has said that it will not, and why. */
export const isRefused = ({ status = 500 }: CallFailure): boolean => status >= 400 && status < 500 && status !== 404;

/** An id of the provider's, as it may stand in a path. */
export function checkedId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,200}$/.test(id)) return id;
  throw new CostlaneError('not_found', 'That is no id of a batch.');
}

import { isObject } from './json-object';

/** The code of a system, TLS or undici error; of several addresses tried, the first's. Empty when there is none. */
export function errorCodeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const own = codeOf(error);
  if (own !== '') return own;
  if (error instanceof AggregateError) return error.errors.map(errorCodeOf).find((code) => code !== '') ?? '';
  return error.cause === undefined ? '' : errorCodeOf(error.cause);
}

function codeOf(error: unknown): string {
  const code = isObject(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code : '';
}

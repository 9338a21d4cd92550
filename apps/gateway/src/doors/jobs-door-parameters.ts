import { CostlaneError } from '@costlane/domain';

/** Of a query string, as Fastify gives it. */
export type Query = Record<string, unknown>;

/** A whole number of the query. @throws CostlaneError `invalid_request` that says what would be right */
export function numberIn(query: Query, name: string, min: number, max: number): number | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw invalid(name, `a whole number from ${min} to ${max}`);
  return value;
}

export function oneOfIn<T extends string>(query: Query, name: string, known: readonly T[]): T | undefined {
  const value = query[name];
  if (value === undefined || known.includes(value as T)) return value as T | undefined;
  throw invalid(name, known.join(', '));
}

export function textIn(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(name, 'given once');
}

const invalid = (name: string, right: string): CostlaneError =>
  new CostlaneError('invalid_request', `Parameter "${name}" has to be ${right}.`, { field: name });

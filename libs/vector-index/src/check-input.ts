import { CostlaneError } from '@costlane/domain';
import type { IndexIdentity, VectorQuery, VectorRecord } from './vector-index';

/** More matches than this are never asked for. */
export const MAX_LIMIT = 1_000;
/** How far the square of a unit vector's length may be off, from rounding. */
const LENGTH_TOLERANCE = 2e-3;

function squareOf(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i] ?? 0;
    sum += value * value;
  }
  return sum;
}

function checkVector(vector: Float32Array, { dimension }: IndexIdentity, field: string): number {
  if (vector.length !== dimension)
    throw new CostlaneError('invalid_request', `a vector needs ${dimension} numbers, not ${vector.length}`, { field });
  const square = squareOf(vector);
  if (square === 0 || Math.abs(square - 1) < LENGTH_TOLERANCE) return square;
  throw new CostlaneError('invalid_request', 'a vector has to be of unit length', { field });
}

/** Throws `invalid_request` naming the record. An adapter checks all records before it writes the first. */
export function checkRecord({ vector, expiresAtMs }: VectorRecord, i: number, identity: IndexIdentity): void {
  const field = `records[${i}].vector`;
  if (checkVector(vector, identity, field) === 0)
    throw new CostlaneError('invalid_request', 'a vector of zeros has no direction to be found by', { field });
  if (Number.isNaN(expiresAtMs))
    throw new CostlaneError('invalid_request', 'has to be a time', { field: `records[${i}].expiresAtMs` });
}

/** Throws `invalid_request` naming the query. Gives whether it can find anything: one with a vector of zeros cannot. */
export function checkQuery({ vector, limit }: VectorQuery, i: number, identity: IndexIdentity): boolean {
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_LIMIT)
    throw new CostlaneError('invalid_request', `has to be a whole number up to ${MAX_LIMIT}`, {
      field: `queries[${i}].limit`,
    });
  return checkVector(vector, identity, `queries[${i}].vector`) > 0 && limit > 0;
}

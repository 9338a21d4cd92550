import { CostlaneError } from '@costlane/domain';

export type JsonObject = Record<string, unknown>;

/** Refuses a request whose field cannot be done: an answer as if it had not been set would be worse. */
export function refuseField(field: string, why: string): never {
  throw new CostlaneError('invalid_request', `Field "${field}": ${why}`, { field });
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null is how many clients write a field that is not set. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

export const objectAt = (value: unknown, field: string): JsonObject =>
  isObject(value) ? value : refuseField(field, 'has to be an object.');

export const textAt = (value: unknown, field: string): string =>
  typeof value === 'string' ? value : refuseField(field, 'has to be a string.');

export const listAt = (value: unknown, field: string): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : refuseField(field, 'has to be a list.');

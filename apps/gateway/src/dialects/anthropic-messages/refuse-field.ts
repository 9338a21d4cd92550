import { CostlaneError } from '@costlane/domain';

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field's value; undefined for null, which is how clients write a field that is not set. */
export const given = (object: JsonObject, key: string): unknown => object[key] ?? undefined;

/** @throws CostlaneError `invalid_request` naming the field: an answer as if it had not been set would be worse. */
export function refuseField(field: string, why: string): never {
  throw new CostlaneError('invalid_request', `Field "${field}": ${why}`, { field });
}

export const objectAt = (value: unknown, field: string): JsonObject =>
  isObject(value) ? value : refuseField(field, 'must be an object.');

export const textAt = (value: unknown, field: string): string =>
  typeof value === 'string' ? value : refuseField(field, 'must be a text.');

export const listAt = (value: unknown, field: string): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : refuseField(field, 'must be a list.');

/** Refuses what is set beside the known keys. */
export function refuseUnknown(object: JsonObject, known: ReadonlySet<string>, at: string): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined || known.has(key)) continue;
    refuseField(
      `${at}.${key}`,
      'has no translation for the provider of this model; leave it out, or ask a Claude model.',
    );
  }
}

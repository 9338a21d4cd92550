import { CostlaneError } from '@costlane/domain';
import { isObject, type JsonObject } from '../openai-compatible/json-object';

/** Refuses a request whose field cannot be said to the provider: a request that is answered as if it had not been set is worse. */
export function refuse(field: string, why: string): never {
  throw new CostlaneError('invalid_request', `Field "${field}": ${why}`, { field });
}

/** Refuses what is set beside the known keys; null is how many clients write a field that is not set. */
export function refuseUnknown(object: JsonObject, known: ReadonlySet<string>, at: string): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined || known.has(key)) continue;
    refuse(
      at === '' ? key : `${at}.${key}`,
      "is not a field that can be translated for this model's provider; leave it out.",
    );
  }
}

export function objectAt(value: unknown, field: string): JsonObject {
  return isObject(value) ? value : refuse(field, 'must be an object.');
}

export function textAt(value: unknown, field: string): string {
  return typeof value === 'string' ? value : refuse(field, 'must be a text.');
}

export function listAt(value: unknown, field: string): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : refuse(field, 'must be a list.');
}

/** A field's value; undefined for null. */
export const given = (object: JsonObject, key: string): unknown => object[key] ?? undefined;

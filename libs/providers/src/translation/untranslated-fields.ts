import { isObject, type JsonObject } from '../openai-compatible/json-object';
import { refuse } from './refuse';

/** Fields without a translation by name, each with the values of it that ask for nothing and need none. */
export type UntranslatedFields = Readonly<
  Record<string, readonly [asksNothing: (value: unknown) => boolean, why: string]>
>;

export const isZero = (value: unknown): boolean => value === 0;
export const isFalse = (value: unknown): boolean => value === false;
export const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;
export const isTextOnly = (value: unknown): boolean => Array.isArray(value) && value.every((each) => each === 'text');
export const always = (): boolean => true;
export const never = (): boolean => false;

/** Refuses every field of a request that has no translation and asks for something. */
export function refuseUntranslated(
  body: JsonObject,
  translated: ReadonlySet<string>,
  untranslated: UntranslatedFields,
): void {
  for (const [field, value] of Object.entries(body)) {
    if (value === null || translated.has(field)) continue;
    const known = Object.hasOwn(untranslated, field) ? untranslated[field] : undefined;
    if (!known) {
      refuse(field, "is not a field that can be translated for this model's provider; leave it out.");
    }
    const [asksNothing, why] = known;
    if (!asksNothing(value)) refuse(field, why);
  }
}

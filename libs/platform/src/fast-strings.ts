const LOADS = 1_000;

/**
 * Gives V8 its fast road back to the methods of strings. A class that extends `String` (the Redis client has one) turns the properties of
 * `String.prototype` into a dictionary: from then on every `charCodeAt`, `slice` and `includes` of the whole process is looked up and called
 * instead of compiled in, four times slower in loops over characters. They become fast again when V8 sees them loaded through an object often
 * enough to take notes, which it does not where they are loaded from plain strings. Costs some microseconds; changes nothing else.
 */
export function restoreFastStrings(): void {
  const text: unknown = Object('text');
  for (let load = 0; load < LOADS; load++) loadMethod(text as string);
}

const loadMethod = (text: string): unknown => text.charCodeAt;

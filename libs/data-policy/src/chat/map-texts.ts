/**
 * Sees a text of a body and says what is to stand in its place. `label`: the name that the text has in its surroundings (of a tool's
 * argument), which tells what a bare number is.
 */
export type TextMapper = (text: string, label?: string) => string;

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object with one field mapped: itself where the field is absent or stays the same, a copy otherwise. */
export function mapField(object: JsonObject, field: string, map: (value: unknown) => unknown): JsonObject {
  const value = object[field];
  if (value === undefined || value === null) return object;
  const mapped = map(value);
  return mapped === value ? object : { ...object, [field]: mapped };
}

/** The list with each element mapped: itself where all stay the same; what is not a list is left alone. */
export function mapItems(value: unknown, map: (item: unknown) => unknown): unknown {
  if (!Array.isArray(value)) return value;
  let copy: unknown[] | undefined;
  for (let i = 0; i < value.length; i++) {
    const mapped = map(value[i]);
    if (mapped !== value[i]) (copy ??= [...(value as unknown[])])[i] = mapped;
  }
  return copy ?? value;
}

/** Maps a string; anything else is left alone. */
export const mapString =
  (mapper: TextMapper, label?: string) =>
  (value: unknown): unknown =>
    typeof value === 'string' ? mapper(value, label) : value;

const MAX_DEPTH = 64;

/** Maps all strings and numbers of a JSON value, with their names; a number that changes becomes a string. Deeper than 64 levels is left alone. */
export function mapJson(value: unknown, mapper: TextMapper, label?: string, depth = 0): unknown {
  if (typeof value === 'string') return mapper(value, label);
  if (typeof value === 'number') {
    const written = String(value);
    const mapped = mapper(written, label);
    return mapped === written ? value : mapped;
  }
  if (depth >= MAX_DEPTH) return value;
  if (Array.isArray(value)) return mapItems(value, (item) => mapJson(item, mapper, label, depth + 1));
  if (!isObject(value)) return value;
  let result: JsonObject = value;
  for (const key of Object.keys(value)) result = mapField(result, key, (item) => mapJson(item, mapper, key, depth + 1));
  return result;
}

/** Maps JSON that travels as a string (a tool call's arguments); written anew only where something in it changes. */
export function mapJsonText(mapper: TextMapper): (value: unknown) => unknown {
  return (value) => {
    if (typeof value !== 'string') return value;
    let parsed: unknown;
    try {
      parsed = JSON.parse(value);
    } catch {
      return mapper(value);
    }
    if (typeof parsed !== 'object' || parsed === null) return mapper(value);
    const mapped = mapJson(parsed, mapper);
    return mapped === parsed ? value : JSON.stringify(mapped);
  };
}

/** Maps content that is a string or a list of parts. */
export const mapContent =
  (mapper: TextMapper, mapPart: (part: JsonObject) => JsonObject) =>
  (value: unknown): unknown =>
    typeof value === 'string' ? mapper(value) : mapItems(value, (part) => (isObject(part) ? mapPart(part) : part));

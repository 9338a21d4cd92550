import { isObject, type JsonObject } from './chat-request';
import { SeededRandom } from './seeded-random';
import { writeText, writeWord } from './write-text';

/** Recursive schemas end here: deeper levels become null. */
const deepestLevel = 8;

/** The answer to `response_format: json_object`. */
export function writeJsonObject(seed: number, tokens?: number): string {
  const random = new SeededRandom(seed);
  const confidence = Math.round(random.next() * 100) / 100;
  return JSON.stringify({
    answer: writeText(seed, tokens),
    confidence,
    topics: [writeWord(random), writeWord(random)],
  });
}

/** JSON text that follows a schema (types, enum, const, properties, items, anyOf, local $ref) and depends on the seed. */
export function writeJsonForSchema(seed: number, schema: unknown): string {
  const root = isObject(schema) ? schema : { type: 'object' };
  return JSON.stringify(writeValue(root, root, new SeededRandom(seed), 0));
}

function writeValue(schema: unknown, root: JsonObject, random: SeededRandom, level: number): unknown {
  if (!isObject(schema) || level > deepestLevel) return null;
  if (typeof schema['$ref'] === 'string') return writeValue(resolve(schema['$ref'], root), root, random, level + 1);
  if (schema['const'] !== undefined) return schema['const'];
  const choices = schema['enum'];
  if (Array.isArray(choices) && choices.length > 0) return choices[random.nextInteger(choices.length)];
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return writeValue(alternatives[0], root, random, level + 1);
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type ?? (schema['properties'] ? 'object' : 'null')) {
    case 'object':
      return writeObject(schema, root, random, level);
    case 'array':
      return writeArray(schema, root, random, level);
    case 'string':
      return writeString(schema, random);
    case 'integer':
      return Math.round(writeNumber(schema, random));
    case 'number':
      return writeNumber(schema, random);
    case 'boolean':
      return random.next() < 0.5;
    default:
      return null;
  }
}

function writeObject(schema: JsonObject, root: JsonObject, random: SeededRandom, level: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const written = Object.entries(properties).map(([key, value]) => [key, writeValue(value, root, random, level + 1)]);
  return Object.fromEntries(written);
}

function writeArray(schema: JsonObject, root: JsonObject, random: SeededRandom, level: number): unknown[] {
  const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 1;
  const most = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : 100;
  const length = Math.min(Math.max(least, 1), most, 100);
  return Array.from({ length }, () => writeValue(schema['items'], root, random, level + 1));
}

function writeString(schema: JsonObject, random: SeededRandom): string {
  if (schema['format'] === 'date') return '2026-01-15';
  if (schema['format'] === 'date-time') return '2026-01-15T12:00:00Z';
  return writeWord(random);
}

function writeNumber(schema: JsonObject, random: SeededRandom): number {
  const least = typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
  const most = typeof schema['maximum'] === 'number' ? schema['maximum'] : least + 100;
  return least + random.nextInteger(Math.floor(most - least) + 1);
}

function resolve(reference: string, root: JsonObject): unknown {
  if (!reference.startsWith('#')) return undefined;
  let target: unknown = root;
  for (const step of reference.slice(1).split('/').filter(Boolean))
    target = isObject(target) ? target[step] : undefined;
  return target;
}

type Json = Record<string, unknown>;
export type ExpandedSchema = boolean | Json;

/** Places a schema may have once its references are filled in: beyond that it is not checked. */
const MAX_NODES = 1_000;
const MAX_DEPTH = 32;

/** Keywords that can be checked at a cost that grows with schema and answer alone: no patterns, no comparing of every item with every other. */
const plainKeywords = new Set([
  'type',
  'enum',
  'const',
  'required',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'nullable',
]);
/** Keywords that hold a list of schemas, and what they become: of loosened alternatives more than one may fit. */
const listKeywords = new Map([
  ['anyOf', 'anyOf'],
  ['oneOf', 'anyOf'],
  ['allOf', 'allOf'],
  ['prefixItems', 'prefixItems'],
]);

/**
 * A caller's JSON schema as it may be compiled: of the keywords those above, references filled in, so that none can lead elsewhere or go
 * round; what refers to itself is checked once and any value allowed below. The result may allow more than the schema, never less.
 * Undefined for one that is too large.
 */
export function expandSchema(schema: unknown): ExpandedSchema | undefined {
  const expansion = new Expansion(schema);
  try {
    return expansion.expand(schema, 0, []);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

class TooLarge extends Error {}

class Expansion {
  private nodes = 0;

  constructor(private readonly root: unknown) {}

  /** `within`: the references that are being filled in. */
  expand(schema: unknown, depth: number, within: readonly string[]): ExpandedSchema {
    if (++this.nodes > MAX_NODES || depth > MAX_DEPTH) throw new TooLarge();
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) return true;
    const { $ref: ref } = schema;
    if (typeof ref === 'string') return this.referred(ref, depth, within);
    const expanded: Json = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (plainKeywords.has(keyword)) expanded[keyword] = value;
      const list = listKeywords.get(keyword);
      if (list !== undefined && Array.isArray(value) && value.length > 0 && !('anyOf' in expanded && list === 'anyOf'))
        expanded[list] = value.map((each) => this.expand(each, depth + 1, within));
    }
    this.addStructure(expanded, schema, (each) => this.expand(each, depth + 1, within));
    return expanded;
  }

  private addStructure(expanded: Json, schema: Json, below: (each: unknown) => ExpandedSchema): void {
    const { properties, additionalProperties, patternProperties, items, not } = schema;
    if (isObject(properties))
      expanded['properties'] = Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, below(each)]),
      );
    // What a pattern allows would be taken for additional.
    if (additionalProperties !== undefined && patternProperties === undefined)
      expanded['additionalProperties'] = below(additionalProperties);
    // A list here is the older form of `prefixItems`.
    if (items !== undefined && !Array.isArray(items)) expanded['items'] = below(items);
    // The opposite of what was loosened would be stricter than the schema.
    if (isPlain(not)) expanded['not'] = not;
  }

  private referred(ref: string, depth: number, within: readonly string[]): ExpandedSchema {
    if (within.includes(ref)) return true;
    const target = resolveLocal(this.root, ref);
    return target === undefined ? true : this.expand(target, depth + 1, [...within, ref]);
  }
}

/** A schema of plain keywords only, which expanding does not change. */
const isPlain = (schema: unknown): boolean =>
  isObject(schema) && Object.keys(schema).every((keyword) => plainKeywords.has(keyword));

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a reference within the document (`#/$defs/name`) leads to; undefined for any other. */
function resolveLocal(root: unknown, ref: string): unknown {
  if (ref !== '#' && !ref.startsWith('#/')) return undefined;
  let at = root;
  for (const step of ref
    .slice(2)
    .split('/')
    .filter((part) => part !== '')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

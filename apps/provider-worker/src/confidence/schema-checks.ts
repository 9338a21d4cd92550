import Ajv2020 from 'ajv/dist/2020';
import { LRUCache } from 'lru-cache';
import { expandSchema } from './expand-schema';

/** A schema longer than this is not checked. */
const MAX_SCHEMA_CHARACTERS = 64 * 1024;
/** Every part of an answer may have to be compared with every part of the schema: beyond this product an answer is not checked. */
const MAX_WORK = 500_000_000;

export interface SchemaChecks {
  /** Whether the value of this JSON text fits the schema; true where that cannot be told. */
  fits(schema: unknown, value: unknown, valueCharacters: number): boolean;
}

interface Compiled {
  validate(value: unknown): boolean;
  schemaCharacters: number;
}

const unchecked: Compiled = { validate: () => true, schemaCharacters: 0 };

/** Compiles callers' schemas, each once, and keeps the latest `max`. What they may hold is bounded by {@link expandSchema}. */
export function createSchemaChecks({ max = 200 } = {}): SchemaChecks {
  const compiled = new LRUCache<string, Compiled>({ max });
  let ajv: Ajv2020 | undefined;

  const compile = (schema: unknown): Compiled => {
    const expanded = expandSchema(schema);
    if (expanded === undefined || expanded === true) return unchecked;
    if (expanded === false) return { ...unchecked, validate: () => false };
    ajv ??= new Ajv2020({ strict: false, logger: false, addUsedSchema: false, multipleOfPrecision: 6 });
    try {
      const validate = ajv.compile(expanded);
      // Ajv would keep every schema that it ever saw.
      ajv.removeSchema(expanded);
      return { validate: (value) => validate(value), schemaCharacters: JSON.stringify(expanded).length };
    } catch {
      // Not a schema: the provider was asked with it all the same, and knows what it made of it.
      return unchecked;
    }
  };

  return {
    fits(schema, value, valueCharacters) {
      const text = JSON.stringify(schema);
      if (text === undefined || text.length > MAX_SCHEMA_CHARACTERS) return true;
      let known = compiled.get(text);
      if (!known) compiled.set(text, (known = compile(schema)));
      return known.schemaCharacters * valueCharacters > MAX_WORK || known.validate(value);
    },
  };
}

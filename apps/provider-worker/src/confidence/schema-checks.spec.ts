import { expandSchema } from './expand-schema';
import { createSchemaChecks } from './schema-checks';

const fits = (schema: unknown, value: unknown): boolean =>
  createSchemaChecks().fits(schema, value, JSON.stringify(value).length);

describe('schema checks', () => {
  it.each<[unknown, unknown, boolean]>([
    [{ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }, { a: 'x' }, true],
    [{ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }, { a: 'x', b: 1 }, false],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, ['a', 'c'], false],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, null, true],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 1, false],
    [{ oneOf: [{ type: 'string' }, { type: 'number' }] }, true, false],
    [{ $ref: '#/$defs/n', $defs: { n: { type: 'integer', minimum: 1 } } }, 0, false],
    [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'integer' } } }, 'x', false],
    [{ not: { type: 'string' } }, 'x', false],
    [{ type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] }, ['a', 'b'], false],
    [{ type: 'number', multipleOf: 0.1 }, 0.3, true],
    [{ type: ['string', 'null'] }, null, true],
    [false, 1, false],
  ])('of schema %j and value %j says %s', (schema, value, expected) => expect(fits(schema, value)).toBe(expected));

  it('checks what refers to itself once, and allows any value below', () => {
    const tree = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          required: ['kids'],
          properties: { kids: { type: 'array', items: { $ref: '#/$defs/node' } } },
        },
      },
    };
    expect(fits(tree, { kids: [{ kids: [] }] })).toBe(true);
    expect(fits(tree, { kids: 1 })).toBe(false);
  });

  it.each<[string, unknown, unknown]>([
    ['patterns', { type: 'string', pattern: '^(a+)+$' }, 'b'],
    ['formats', { type: 'string', format: 'email' }, 'no'],
    ['the comparing of all items', { type: 'array', uniqueItems: true }, [1, 1]],
    [
      'additional properties beside patterned ones',
      { patternProperties: { '^x': {} }, additionalProperties: false },
      { x1: 1 },
    ],
    ['references elsewhere', { $ref: 'https://example.com/schema.json' }, 1],
    ['references that lead nowhere', { $ref: '#/$defs/none' }, 1],
    ['the older form of a list of items', { type: 'array', items: [{ type: 'string' }] }, [1]],
    ['what is no schema', { type: 'no such type' }, 1],
    ['a list in the place of a schema', [1, 2], 1],
    ['names of what is required that are none', { required: [{ a: 1 }] }, {}],
  ])('passes over %s', (_, schema, value) => expect(fits(schema, value)).toBe(true));

  it('never sends for a schema, and runs nothing that stands in one', () => {
    const evil = `x"];globalThis.isBroken=true;//`;
    const schema = {
      type: 'object',
      properties: { [evil]: { const: evil } },
      required: [evil],
      enum: undefined,
      [evil]: 1,
      $id: evil,
    };
    expect(fits(schema, { [evil]: evil })).toBe(true);
    expect(fits(schema, { [evil]: 'other' })).toBe(false);
    expect('isBroken' in globalThis).toBe(false);
  });

  it('is in time with schemas that would take for ever', () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `d${i}`,
        { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
      ]),
    );
    expect(expandSchema({ $ref: '#/$defs/d0', $defs: { ...doubling, d40: { type: 'string' } } })).toBeUndefined();
    const branching = {
      anyOf: [{ properties: { a: { $ref: '#' } } }, { properties: { a: { $ref: '#' } }, required: ['b'] }],
    };
    let deep: unknown = 1;
    for (let i = 0; i < 60; i++) deep = { a: deep };
    expect(fits(branching, deep)).toBe(true);
    let nested: unknown = {};
    for (let i = 0; i < 100; i++) nested = { items: nested };
    expect(expandSchema(nested)).toBeUndefined();
  });

  it('leaves a great schema, and a great answer to a great schema, unchecked', () => {
    const great = { enum: ['x'.repeat(70_000)] };
    expect(fits(great, 'y')).toBe(true);
    const checks = createSchemaChecks();
    const schema = { enum: Array.from({ length: 1_000 }, (_, i) => `value ${i}`) };
    expect(checks.fits(schema, 'none', 6)).toBe(false);
    expect(checks.fits(schema, 'none', 60_000_000)).toBe(true);
  });

  it('holds no more compiled schemas than its bound, and compiles one anew when it is asked for again', () => {
    const checks = createSchemaChecks({ max: 2 });
    for (let round = 0; round < 2; round++)
      for (let n = 0; n < 5; n++) expect(checks.fits({ const: n }, n + 1, 1)).toBe(false);
  });
});

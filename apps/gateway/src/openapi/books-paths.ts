import {
  checkQuerySchema,
  correctionSchema,
  entriesQuerySchema,
  reconcileQuerySchema,
  rollupSchema,
} from '../admin/books-schema';
import { envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';

const tags = ['admin'];
const anyObject: JsonObject = { type: 'object', additionalProperties: true };
const integer: JsonObject = { type: 'integer' };
const text: JsonObject = { type: 'string' };
const ok = (description: string, properties?: JsonObject, status = 200): JsonObject => ({
  [status]: {
    description,
    content: json(envelopeOf(properties ? { type: 'object', properties } : anyObject)),
  },
  ...errors(ref('Error'), 400, 401, 403, 413, 503),
});

/** The fields of a query, from the schema that it is read with. */
function inQuery(schema: Parameters<typeof schemaOf>[0]): JsonObject[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: JsonObject;
    required?: string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: of,
  }));
}

/** Doors to the books: rollups, checks, entries, corrections, reconciliation. */
export const booksPaths: JsonObject = {
  '/admin/rollup': {
    post: {
      operationId: 'rollUp',
      tags,
      summary:
        'Bring what has changed into the rollups, or make those of a range anew; what takes longer is left to the next run',
      requestBody: { required: false, content: json(schemaOf(rollupSchema, 'input')) },
      responses: ok('What was done.', {
        hours: integer,
        days: integer,
        summaries: integer,
        rows_changed: integer,
        detail_gone: integer,
        hours_of_range: { type: ['integer', 'null'] },
        is_complete: { type: 'boolean' },
        lag_seconds: { type: 'number' },
      }),
    },
  },
  '/admin/ledger/check': {
    get: {
      operationId: 'checkLedger',
      tags,
      summary: 'Whether the books add up: records, entries and rollups, to the nano-dollar',
      parameters: inQuery(checkQuerySchema),
      responses: ok('The check; is_balanced says it in a word, problems in sentences.'),
    },
  },
  '/admin/ledger/entries': {
    get: {
      operationId: 'listLedgerEntries',
      tags,
      summary: 'Entries of the ledger, which is only ever appended to',
      parameters: inQuery(entriesQuerySchema),
      responses: ok('The entries.', { entries: { type: 'array', items: anyObject } }),
    },
  },
  '/admin/ledger/corrections': {
    post: {
      operationId: 'correctLedger',
      tags,
      summary:
        'Enter a correction by hand, where an invoice differs; the same reference of a tenant’s day has effect once',
      requestBody: { required: true, content: json(schemaOf(correctionSchema, 'input')) },
      responses: ok('It is entered, now or before.', { is_new: { type: 'boolean' }, entry: anyObject }, 201),
    },
  },
  '/admin/ledger/reconcile': {
    post: {
      operationId: 'reconcileLedger',
      tags,
      summary: 'Set a provider’s usage or cost export against the books, by day, model and token class',
      parameters: inQuery(reconcileQuerySchema),
      requestBody: { required: true, content: { ...json(anyObject), 'text/csv': { schema: text } } },
      responses: ok('The report.', {
        verdict: { enum: ['matches', 'differs'] },
        export_kind: text,
        from: text,
        to: text,
        tolerance_percent: { type: 'number' },
        notes: { type: 'array', items: text },
        totals: anyObject,
        compared: integer,
        differing: integer,
        only_ours: integer,
        only_theirs: integer,
        days: { type: 'array', items: anyObject },
      }),
    },
  },
};

import { envelopeOf, errors, json, ref, type JsonObject } from './parts';

const failures = errors(ref('Error'), 400, 401, 403, 429, 503);
const inQuery = (name: string, description: string, schema: JsonObject = { type: 'string' }): JsonObject => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});
const choice = (name: string, description: string, values: readonly string[]): JsonObject =>
  inQuery(name, description, { enum: values });

const moment = 'A date or an RFC 3339 time at a full hour, UTC';
const scope: JsonObject[] = [
  inQuery('from', `${moment}; default 30 days before "to"`),
  inQuery('to', `${moment}, no longer included; default the end of today`),
];
const always: JsonObject[] = [
  inQuery('tenant_id', 'Whose figures; default all that the key administers'),
  choice('format', 'Default json', ['json', 'csv']),
];
const byTime = (otherwise: string): JsonObject =>
  choice('interval', `By which rows are told apart; default ${otherwise}`, ['none', 'day', 'hour']);
const limit = inQuery('limit', 'Groups at the most; default 100', { type: 'integer', minimum: 1, maximum: 10_000 });
const order = inQuery(
  'order',
  'paid (default), cost, baseline, infrastructure, savings, net_savings, requests, tokens, errors or name, with .asc or .desc',
);

const report = (operationId: string, summary: string, ...parameters: JsonObject[]): JsonObject => ({
  get: {
    operationId,
    tags: ['analytics'],
    summary,
    parameters: [...parameters, ...always],
    responses: {
      200: {
        description: 'The report. Amounts are exact decimal strings of dollars.',
        content: { ...json(envelopeOf({ type: 'object', additionalProperties: true })), 'text/csv': {} },
      },
      ...failures,
    },
  },
});

const groupings = 'user team tenant feature key model provider endpoint experiment tier arm'.split(' ');

/** Doors to reports of costs and savings. */
export const analyticsPaths: JsonObject = {
  '/analytics/summary': report('readSummary', 'All headline figures of a period and of the one before', ...scope),
  '/analytics/costs': report(
    'readCosts',
    'Costs, savings, hits, errors and latency by user, model and the like, by day or hour',
    ...scope,
    choice('group_by', 'Default model', groupings),
    byTime('none'),
    order,
    limit,
  ),
  '/analytics/savings': report(
    'readSavings',
    'What was saved, by cause, net of what it costs',
    ...scope,
    byTime('none'),
  ),
  '/analytics/roi': report(
    'readRoi',
    'What optimisation saves against what it costs to run, per call',
    ...scope,
    choice('group_by', 'Default feature', ['feature', 'experiment']),
    order,
    limit,
  ),
  '/analytics/forecast': report(
    'readForecast',
    'What will have been paid by the end of a period, with intervals from past errors',
    choice('period', 'Default month', ['month', 'week', 'day']),
    inQuery('budget_usd', 'A limit to set it against'),
    choice('group_by', 'Default total', ['total', 'team', 'user', 'feature', 'key', 'model', 'provider', 'endpoint']),
    inQuery('value', 'Which one of group_by'),
  ),
  '/analytics/unit-economics': report(
    'readUnitEconomics',
    'What a user, a call of a feature, a request and a thousand tokens cost',
    ...scope,
    byTime('day'),
  ),
  '/analytics/movers': report(
    'readMovers',
    'Whose payments changed most against the period before; new and gone ones too',
    ...scope,
    choice('group_by', 'Default user', ['user', 'team', 'feature', 'model', 'key', 'provider', 'endpoint', 'tenant']),
    limit,
  ),
  '/analytics/what-if': report(
    'readWhatIf',
    'What would have been paid with caching, routing, the prefix tier, batching or all of them off',
    ...scope,
    choice('without', 'Default all', ['all', 'cache', 'routing', 'prefix', 'batching']),
    choice('interval', 'Default day', ['day', 'hour']),
  ),
  '/analytics/holdout': report(
    'readHoldout',
    'What optimisation saves, measured against the users who are held out of it, with an interval, beside what is computed from list prices',
    ...scope,
  ),
  '/analytics/focus': report(
    'exportFocus',
    'Charges by day, tenant and model as FOCUS 1.2, as a stream; CSV by default',
    ...scope,
    choice('detail', 'By model (default), or by model, endpoint and user', ['model', 'user']),
  ),
};

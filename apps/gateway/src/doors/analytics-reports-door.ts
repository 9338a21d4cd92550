import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CostlaneError } from '@costlane/domain';
import type { AdminServices } from '../admin/admin-clients';
import { readTenant, reachFinder } from '../admin/admin-request';
import { tenantInReach } from '../auth/admin-reach';
import type { Authenticator } from '../auth/authenticator';
import type { AnalyticsQuestion } from './analytics-client';

export interface AnalyticsReportsDoorDeps {
  authenticator: Pick<Authenticator, 'authenticateAdmin'>;
  services: Pick<AdminServices, 'analytics'>;
}

/** Served under `/analytics/<name>`. */
export const reportNames = [
  'summary',
  'costs',
  'savings',
  'roi',
  'forecast',
  'unit-economics',
  'movers',
  'what-if',
  'holdout',
] as const;

const MAX_PARAMETERS = 20;
const COMMON_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' };

/**
 * `GET /analytics/<report>` as JSON or CSV, and `GET /analytics/focus`, an export that streams. A tenant's administrator sees its own tenant, the
 * deployment's names one or sees all.
 */
export function registerAnalyticsReportsDoor(fastify: FastifyInstance, deps: AnalyticsReportsDoorDeps): void {
  const { authenticator, services } = deps;
  const reach = reachFinder(authenticator);
  const questionOf = async (request: FastifyRequest, report: string): Promise<AnalyticsQuestion> => {
    const within = await reach(request);
    const { tenant_id: named, ...parameters } = readQuery(request.query);
    const tenantId = tenantInReach(within, named === undefined ? undefined : readTenant(named));
    return { report, ...(tenantId === undefined ? {} : { tenantId }), parameters };
  };
  for (const report of reportNames)
    fastify.get(`/analytics/${report}`, async (request, reply) => {
      const question = await questionOf(request, report);
      const { format, ...parameters } = question.parameters;
      if (readFormat(format, 'json') === 'csv') return sendExport(deps, reply, question, 'csv');
      const json = await services.analytics.report({ ...question, parameters });
      return reply.headers(COMMON_HEADERS).type(TYPES.json).send(`{"success":true,"data":${json},"error":null}`);
    });
  fastify.get('/analytics/focus', async (request, reply) => {
    const question = await questionOf(request, 'focus');
    return sendExport(deps, reply, question, readFormat(question.parameters['format'], 'csv'));
  });
}

async function sendExport(
  { services }: AnalyticsReportsDoorDeps,
  reply: FastifyReply,
  question: AnalyticsQuestion,
  format: 'json' | 'csv',
): Promise<FastifyReply> {
  const leaving = new AbortController();
  reply.raw.once('close', () => leaving.abort());
  const pieces = await services.analytics.export(question, leaving.signal);
  return reply
    .headers({
      ...COMMON_HEADERS,
      'content-disposition': `attachment; filename="costlane-${question.report}.${format}"`,
    })
    .type(TYPES[format])
    .send(Readable.from(pieces, { objectMode: false }));
}

/** Each parameter once, as text. Throws `invalid_request` that names the one that is not. */
function readQuery(query: unknown): Record<string, string> {
  const parameters = Object.entries(query as Record<string, unknown>);
  if (parameters.length > MAX_PARAMETERS)
    throw new CostlaneError('invalid_request', `There are more than ${MAX_PARAMETERS} parameters.`);
  for (const [name, value] of parameters)
    if (typeof value !== 'string') {
      const message = `Parameter "${name.slice(0, 100)}" has to be given once.`;
      throw new CostlaneError('invalid_request', message, { field: name.slice(0, 100) });
    }
  return Object.fromEntries(parameters) as Record<string, string>;
}

function readFormat(format: string | undefined, otherwise: 'json' | 'csv'): 'json' | 'csv' {
  if (format === undefined) return otherwise;
  if (format === 'json' || format === 'csv') return format;
  throw new CostlaneError('invalid_request', 'Parameter "format" has to be json or csv.', { field: 'format' });
}

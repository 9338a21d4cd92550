import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { tenantInReach } from '../auth/admin-reach';
import { readShape } from '../dialects/costlane/read-request';
import { bodyOf, requireDeployment, type ReachFinder } from './admin-request';
import type { BooksAdmin } from './books-door-client';
import {
  checkQuerySchema,
  correctionSchema,
  entriesQuerySchema,
  nanoUsdText,
  reconcileQuerySchema,
  rollupSchema,
} from './books-schema';

export interface BooksDoorDeps {
  reach: ReachFinder;
  books: BooksAdmin;
}

const EXPORT_LIMIT_BYTES = 16 * 1024 * 1024;
const csvTypes = ['text/csv', 'text/plain', 'application/octet-stream'];
const MADE_BY = 'the deployment’s administrator';

/**
 * `/admin/rollup` and `/admin/ledger/…`: rollups, checks, entries, corrections, and a provider's own figures against ours. What is about all tenants, or
 * changes the books, is for the deployment's administrator.
 */
export function registerBooksDoor(fastify: FastifyInstance, deps: BooksDoorDeps): void {
  const { reach, books } = deps;

  fastify.post('/admin/rollup', async (request) => {
    requireDeployment(await reach(request), 'Rollups are made of all tenants at once');
    const { since = '', until = '' } = readShape(rollupSchema, hasBody(request) ? bodyOf(request) : {});
    return successEnvelope(await books.rollup({ tenantId: '', since, until }));
  });

  fastify.get('/admin/ledger/check', async (request, reply) => {
    const within = await reach(request);
    const asked = readShape(checkQuerySchema, request.query);
    const tenantId = tenantInReach(within, asked.tenant_id) ?? '';
    const check = await books.check({ tenantId, since: asked.since ?? '', until: '' });
    return reply.header('cache-control', 'no-store').send(successEnvelope(check));
  });

  fastify.get('/admin/ledger/entries', async (request, reply) => {
    const within = await reach(request);
    const {
      tenant_id: asked,
      since = '',
      until = '',
      kind = '',
      limit = 0,
      before_id: beforeId = '',
    } = readShape(entriesQuerySchema, request.query);
    const tenantId = tenantInReach(within, asked) ?? '';
    const entries = await books.entries({ tenantId, since, until, kind, limit, beforeId });
    return reply.header('cache-control', 'no-store').send(successEnvelope(entries));
  });

  fastify.post('/admin/ledger/corrections', async (request, reply) => {
    requireDeployment(await reach(request), 'A correction changes the books');
    const { tenant_id: tenantId, amount_usd: amount, ...rest } = readShape(correctionSchema, bodyOf(request));
    const correction = { tenantId, amountNanoUsd: nanoUsdText(amount), by: MADE_BY, ...rest };
    return reply.code(201).send(successEnvelope(await books.correct(correction)));
  });

  registerReconciliation(fastify, deps);
}

/** In a scope of its own: no other door takes CSV. Who asks is found out before a body of megabytes is read. */
function registerReconciliation(fastify: FastifyInstance, { reach, books }: BooksDoorDeps): void {
  const onRequest = async (request: FastifyRequest): Promise<void> =>
    requireDeployment(await reach(request), 'A provider’s figures are of all tenants');
  void fastify.register((scope, _options, done) => {
    scope.addContentTypeParser(csvTypes, { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.post('/admin/ledger/reconcile', { bodyLimit: EXPORT_LIMIT_BYTES, onRequest }, async (request) => {
      const { provider, ...options } = readShape(reconcileQuerySchema, request.query);
      const text = ((request.body as Buffer | undefined) ?? '').toString('utf8');
      const usageJson = JSON.stringify({ ...options, export: text });
      return successEnvelope(await books.reconcile({ provider, usageJson }));
    });
    done();
  });
}

const hasBody = ({ body }: FastifyRequest): boolean => Buffer.isBuffer(body) && body.length > 0;

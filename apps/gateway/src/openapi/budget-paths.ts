import { budgetScopes } from '@costlane/domain';
import { budgetReplySchema, budgetSchema } from '../admin/budgets-door-schema';
import { envelopeOf, errors, json, ref, schemaOf, type JsonObject } from './parts';

const tags = ['admin'];
const failures = errors(ref('Error'), 400, 401, 403, 404, 503);
const budget = schemaOf(budgetReplySchema, 'output');
const ok = (description: string, data: JsonObject): JsonObject => ({ description, content: json(envelopeOf(data)) });
const inQuery = (name: string, schema: JsonObject): JsonObject => ({ name, in: 'query', required: false, schema });

/** Doors of administration for budgets. */
export const budgetPaths: JsonObject = {
  '/admin/budgets': {
    post: {
      operationId: 'putBudget',
      tags,
      summary: 'Set a budget, or change the one that is there. In force at every gateway within 1 s',
      description:
        'There is one budget of a tenant, scope, scope_id and period. A new one begins with what its period has cost so far.',
      requestBody: { required: true, content: json(schemaOf(budgetSchema, 'input')) },
      responses: { 200: ok('It is changed.', budget), 201: ok('It is made.', budget), ...failures },
    },
    get: {
      operationId: 'listBudgets',
      tags,
      summary: 'Budgets, and how their accounts stand in the present periods',
      parameters: [
        inQuery('tenant_id', { type: 'string' }),
        inQuery('scope', { type: 'string', enum: [...budgetScopes] }),
      ],
      responses: {
        200: ok('The budgets.', { type: 'object', properties: { budgets: { type: 'array', items: budget } } }),
        ...failures,
      },
    },
  },
  '/admin/budgets/{id}': {
    delete: {
      operationId: 'removeBudget',
      tags,
      summary: 'Take a budget away',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      responses: { 200: ok('It is removed.', budget), ...failures },
    },
  },
};

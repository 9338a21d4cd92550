import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';

const doors = {
  inference: 'POST /v1/inference',
  batch: 'POST /v1/batch',
  jobs: 'POST /v1/jobs',
  openai_chat: 'POST /v1/chat/completions',
  openai_responses: 'POST /v1/responses',
  openai_embeddings: 'POST /v1/embeddings',
  openai_completions: 'POST /v1/completions',
  openai_models: 'GET /v1/models',
  openai_files: 'POST /v1/files',
  openai_batches: 'POST /v1/batches',
  anthropic_messages: 'POST /v1/messages',
  websocket: 'WS /v1/stream',
  feedback: 'POST /v1/feedback',
  grpc: 'costlane.v1.InferenceService',
  chat_page: 'GET /chat',
  dashboard: 'GET /dashboard',
  models: 'GET /models',
  health: 'GET /health',
  settings: 'GET /config',
  complexity: 'POST /debug/estimate-complexity',
  metrics: 'GET /metrics',
  documentation: 'GET /docs',
  openapi: 'GET /openapi.json',
  admin:
    '/admin/keys, /admin/cache/invalidate, /admin/tenants/:id/policy, /admin/experiments, /admin/catalog, /admin/rollup, /admin/ledger/check',
  analytics:
    'GET /analytics/summary, /costs, /savings, /roi, /forecast, /unit-economics, /movers, /what-if, /focus, /experiments/:id',
};

/** `GET /`: what is here. */
export function registerHomeDoor(fastify: FastifyInstance, grpcPort: number): void {
  fastify.get('/', () =>
    successEnvelope({ name: 'Costlane gateway', doors: { ...doors, grpc: `${doors.grpc} on port ${grpcPort}` } }),
  );
}

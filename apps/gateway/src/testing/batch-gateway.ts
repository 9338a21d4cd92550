import type { JobRef } from '@costlane/ledger';
import { startJobsFixture } from './jobs-fixture';
import { testGateway } from './test-gateway';

/** A batch as `/v1/batch` shows it. */
export interface ShownBatch {
  batch_id: string;
  status: string;
  counts: Record<string, number>;
  results?: Record<string, unknown>[] | null;
  [name: string]: unknown;
}

export const ndjson = { 'content-type': 'application/x-ndjson' };
export const linesOf = (...items: unknown[]): string => items.map((item) => JSON.stringify(item)).join('\n');
/** What a door of ours answers. */
export const envelope = (text: string): string => JSON.stringify({ success: true, data: { text }, error: null });
export const refOf = ({ batch_id: jobId }: ShownBatch): JobRef => ({ tenantId: 'default', jobId });

/** `/v1/batch` before jobs on a database of its own. */
export async function startBatchGateway() {
  const fixture = await startJobsFixture();
  const gateway = testGateway({ jobs: fixture.jobs });
  const { fastify } = gateway;
  return {
    fixture,
    gateway,
    async post(payload: unknown, headers: Record<string, string> = {}, query = '') {
      const response = await fastify.inject({
        method: 'POST',
        url: `/v1/batch${query}`,
        headers: { 'content-type': 'application/json', ...headers },
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      });
      const { data, error } = response.json<{ data: ShownBatch; error: string | null }>();
      return { response, data, error };
    },
    async get(url: string) {
      const response = await fastify.inject({ method: 'GET', url });
      const isDocument = !String(response.headers['content-type']).includes('ndjson');
      return { response, data: isDocument ? response.json<{ data: ShownBatch }>().data : undefined };
    },
    waiting: (jobId: string) => fixture.store.read({ tenantId: 'default', jobId }, { states: ['pending'] }),
    count: async (): Promise<number> => (await fixture.jobs.list('default', { limit: 1_000 })).length,
    /** Jobs that were begun and never accepted, as far as they are still there. */
    async traces() {
      const found = await Promise.all(fixture.begun.map((ref) => fixture.store.get(ref)));
      return found.filter((job) => job !== undefined && job.sealedAtMs === undefined);
    },
    async close() {
      await fastify.close();
      await fixture.close();
    },
  };
}

// What a healthy Costlane says about itself: health, settings, descriptions, metrics, the ledger's records.
import { bodyOf, excerpt, expect, expectStatus, expectText, findSecrets } from './smoke-client.mjs';

const metricNames = [
  'llm_proxy_request_total',
  'llm_proxy_cost_total',
  'llm_proxy_token_count_input_total',
  'llm_proxy_latency_seconds',
  'cache_hit_rate',
  'latency_seconds',
  'queue_depth',
  'routing_decisions',
];
const ledgerTimeoutMs = 10_000;

/** How many requests the gateway says that it has answered, over all labels. */
export async function requestTotal(client) {
  const { text } = await client.get('/metrics');
  const samples = text.split('\n').filter((line) => /^llm_proxy_request_total[{ ]/.test(line));
  return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** The records that the cost-attribution service wrote, or null where it cannot be reached or does not say. */
export async function recordTotal(address) {
  try {
    const response = await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(2_000) });
    const lines = (await response.text())
      .split('\n')
      .filter((line) => /^costlane_ledger_\w*(records|written)\w*_total[{ ]/.test(line));
    return lines.length === 0 ? null : lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  } catch {
    return null;
  }
}

/** Asked before any work: is it there, and does it describe itself? */
export const statusChecks = [
  ['the process is alive', async ({ client }) => expectStatus(await client.get('/health/live'), 200)],
  [
    'every dependency is ready',
    async ({ client }) => {
      const answer = await client.get('/health/ready');
      expectStatus(answer, 200);
      const { checks: parts = {} } = bodyOf(answer);
      const broken = Object.entries(parts).filter(([, part]) => part.ok === false);
      expect(broken.length === 0, `not ready: ${broken.map(([name]) => name).join(', ')}`);
      return Object.keys(parts).join(', ');
    },
  ],
  [
    '/health sums up the system',
    async ({ client }) => {
      const answer = await client.get('/health');
      expectStatus(answer, 200);
      const health = bodyOf(answer);
      expectText(health.status, 'status');
      expect(typeof health.services === 'object' && health.services !== null, 'services is missing');
      return health.status;
    },
  ],
  [
    '/config shows the settings and no secret',
    async ({ client }) => {
      const answer = await client.get('/config');
      expectStatus(answer, 200);
      const secrets = findSecrets(bodyOf(answer));
      expect(secrets.length === 0, `something that looks like a secret stands in ${secrets.join(', ')}`);
    },
  ],
  [
    '/openapi.json describes the doors',
    async ({ client }) => {
      const answer = await client.get('/openapi.json');
      expectStatus(answer, 200);
      expect(/^3\./.test(answer.json?.openapi ?? ''), 'it is not an OpenAPI 3 document');
      for (const door of ['/v1/inference', '/v1/chat/completions'])
        expect(answer.json.paths?.[door], `${door} is not described`);
    },
  ],
  [
    '/docs is a page',
    async ({ client }) => {
      const answer = await client.get('/docs');
      expectStatus(answer, 200);
      expect(/<html/i.test(answer.text), `it is not HTML: ${excerpt(answer.text)}`);
    },
  ],
];

/** Asked after the doors were tried: was it counted? */
export const bookkeepingChecks = [
  [
    '/metrics has the names that operators look for, and counts',
    async ({ client, requestsBefore }) => {
      const answer = await client.get('/metrics');
      expectStatus(answer, 200);
      const missing = metricNames.filter((name) => !answer.text.includes(name));
      expect(missing.length === 0, `missing: ${missing.join(', ')}`);
      const requests = await requestTotal(client);
      expect(requests > requestsBefore, `llm_proxy_request_total stayed at ${requests}`);
      return `${requests} requests so far`;
    },
  ],
  [
    'the ledger got its records',
    async ({ costAttributionUrl, recordsBefore }) => {
      if (recordsBefore === null || recordsBefore === undefined)
        return { skipped: 'cost-attribution is not reachable from here' };
      const deadline = Date.now() + ledgerTimeoutMs;
      let records = recordsBefore;
      while (records <= recordsBefore && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        records = (await recordTotal(costAttributionUrl)) ?? records;
      }
      expect(records > recordsBefore, `no new record within ${ledgerTimeoutMs / 1000} s`);
      return `${records - recordsBefore} new records`;
    },
  ],
];

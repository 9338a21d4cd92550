import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LookUpRequest } from '@costlane/contracts';
import { createBatchingEmbedder, createHttpEmbedder, type Embedder } from '@costlane/embedding';
import { createMetrics } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { createEmbeddedIndex } from '@costlane/vector-index';
import { configSchema } from '../config';
import { testCompletion } from '../testing/test-completion';
import { describeWithRedis, redisUrl, silent, testRedis, type TestRedis } from '../testing/test-redis';
import { vectorOf, wordEmbedder, wordVerifier } from '../testing/word-models';
import { createSemantic, type Semantic } from './create-semantic';

describeWithRedis('the semantic tier, put together', () => {
  let test: TestRedis;
  const open: Semantic[] = [];
  beforeAll(() => (test = testRedis()));
  afterEach(async () => {
    for (const one of open.splice(0)) await one.stop();
  });
  afterAll(() => test.end());

  async function replica(embedder: Embedder = wordEmbedder(), env: Record<string, string> = {}): Promise<Semantic> {
    const settings = configSchema.parse({ CACHE_SIMILARITY_THRESHOLD: '0.8', CACHE_AUDIT_SHARE: '0', ...env }).semantic;
    const { modelId, dimension } = embedder;
    const semantic = createSemantic({
      settings,
      redis: test.redis,
      redisUrl,
      store: test.store,
      embedder,
      index: createEmbeddedIndex({ identity: { modelId, dimension } }),
      verifier: wordVerifier,
      logger: silent,
      metrics: createMetrics({ service: 'spec' }),
    });
    open.push(semantic);
    await semantic.start();
    return semantic;
  }

  const request = (tenantId: string, text: string): LookUpRequest => ({
    tenantId,
    text,
    contextHash: 'c',
    model: 'm',
    minSimilarity: 0,
    requestId: '',
  });
  const hitAt = (semantic: Semantic, tenantId: string, text: string): Promise<string> =>
    waitFor(async () => (await semantic.lookUps.lookUp(request(tenantId, text))).fingerprint, { timeoutMs: 10_000 });

  /** Stores an answer and tells this replica, as the fill service does. */
  async function fill(semantic: Semantic, tenantId: string, text: string): Promise<string> {
    const fingerprint = await test.fill(tenantId, text);
    const { fill: stored, body } = testCompletion({ tenantId, fingerprint, semantic: { text, contextHash: 'c' } });
    const entry = { ...stored!.entry, modelAsked: 'm' };
    await semantic.onStored([{ fill: { ...stored!, entry }, body: body! }], true);
    return fingerprint;
  }

  it('finds at one replica what another one stored, then and after both were started anew', async () => {
    const tenantId = test.tenant();
    const [one, other] = [await replica(), await replica()];
    await other.lookUps.lookUp(request(tenantId, 'anything'));
    const fingerprint = await fill(one, tenantId, 'who wrote war and peace');
    expect(await hitAt(other, tenantId, 'war and peace who wrote')).toBe(fingerprint);
    const later = await replica();
    expect(await hitAt(later, tenantId, 'and who wrote war peace')).toBe(fingerprint);
  });

  it('forgets at every replica what is invalidated, and what all tenants lose at once', async () => {
    const [tenantId, second] = [test.tenant(), test.tenant()];
    const [one, other] = [await replica(), await replica()];
    for (const tenant of [tenantId, second]) {
      await fill(one, tenant, 'who wrote hamlet');
      for (const semantic of [one, other]) await hitAt(semantic, tenant, 'hamlet who wrote');
    }
    await test.store.invalidate({ kind: 'cache', tenantId, all: true });
    const entries = (tenant: string) => [one, other].map(({ neighbourhood }) => neighbourhood.entries(tenant));
    await waitFor(() => entries(tenantId).every((count) => count === 0), { timeoutMs: 1_000 });
    expect(entries(second)).toEqual([1, 1]);
  });

  it('holds a tenant to the limit that was set at another replica', async () => {
    const tenantId = test.tenant();
    const [one, other] = [await replica(), await replica()];
    await other.lookUps.lookUp(request(tenantId, 'x'));
    expect(await one.setLimit(tenantId, 0.1)).toBe(0.1);
    await waitFor(() => other.guard.limitOf(tenantId) === 0.1);
    expect(await one.setLimit(tenantId, null)).toBe(0.02);
    await waitFor(() => other.guard.limitOf(tenantId) === 0.02);
  });

  describe('with an embedding server', () => {
    let server: Server;
    let behaviour: 'answers' | 'hangs' | 'fails' = 'answers';
    const held: ServerResponse[] = [];
    beforeAll((done) => {
      server = createServer((incoming, response) => {
        let body = '';
        incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
        incoming.on('end', () => {
          if (behaviour === 'hangs') return void held.push(response);
          if (behaviour === 'fails') return void response.writeHead(500).end('{}');
          const { input } = JSON.parse(body) as { input: string[] };
          const data = input.map((text, index) => ({ index, embedding: [...vectorOf(text)] }));
          response.setHeader('content-type', 'application/json').end(JSON.stringify({ data, model: 'words' }));
        });
      }).listen(0, '127.0.0.1', done);
    });
    afterAll((done) => {
      server.closeAllConnections();
      server.close(done);
    });

    it('is a miss while the server hangs or fails, in bounded time, and finds again when it is back', async () => {
      const tenantId = test.tenant();
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      const http = createHttpEmbedder({ baseUrl, model: 'words', dimension: 64, timeoutMs: 300 });
      const semantic = await replica(createBatchingEmbedder(http), {
        EMBEDDING_PROVIDER: 'http',
        EMBEDDING_BASE_URL: baseUrl,
        EMBEDDING_DIMENSION: '64',
      });
      const fingerprint = await fill(semantic, tenantId, 'who wrote ulysses');
      expect(await hitAt(semantic, tenantId, 'ulysses who wrote')).toBe(fingerprint);
      for (const [trouble, outcome] of [
        ['hangs', 'late'],
        ['fails', 'failed'],
      ] as const) {
        behaviour = trouble;
        const begunAtMs = performance.now();
        const reply = await semantic.lookUps.lookUp(request(tenantId, `wrote ulysses who ${trouble}`));
        expect([reply.fingerprint, reply.outcome]).toEqual(['', outcome]);
        expect(performance.now() - begunAtMs).toBeLessThan(2_000);
      }
      behaviour = 'answers';
      expect(await hitAt(semantic, tenantId, 'wrote who ulysses')).toBe(fingerprint);
    });
  });
});

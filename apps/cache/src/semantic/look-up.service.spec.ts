import type { LookUpRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { createLogger, createMetrics, type Redis } from '@costlane/platform';
import { testEntry } from '../testing/test-entry';
import { vectorOf, wordEmbedder, wordVerifier } from '../testing/word-models';
import type { FalseHitGuard } from './false-hit-guard';
import { createLookUpService, type LookUpOptions } from './look-up.service';
import type { Neighbourhood, Neighbours } from './neighbourhood';
import { createSemanticMetrics } from './semantic-metrics';

const logger = createLogger({ service: 'spec', level: 'silent' });

/** A Redis whose pipeline answers at once; what was set is kept. */
function pipelineOnly(exists = 1) {
  const set: unknown[][] = [];
  const pipeline = {
    exists: () => pipeline,
    set: (...args: unknown[]) => (set.push(args), pipeline),
    exec: async () => [[null, exists]],
  };
  return { set, redis: { pipeline: () => pipeline } as unknown as Redis };
}

function setup(over: Partial<LookUpOptions> = {}, neighbours: Partial<Neighbours> = {}, exists = 1) {
  const kept = testEntry({ text: 'What is the capital of France' });
  const touched: string[] = [];
  const removed: unknown[] = [];
  const searches: number[] = [];
  const neighbourhood: Neighbourhood = {
    kind: 'embedded',
    async find(queries) {
      searches.push(queries.length);
      return queries.map(({ vector, minSimilarity }) => {
        const similarity = vectorOf(kept.text).reduce((sum, x, at) => sum + x * (vector[at] ?? 0), 0);
        const candidate = { similarity, entry: kept, timesAsked: 0 };
        return { isLoading: false, candidates: similarity >= minSimilarity ? [candidate] : [], ...neighbours };
      });
    },
    onFilled: async () => undefined,
    touch: (entry) => void touched.push(entry.fingerprint),
    remove: async (tenantId, selection) => void removed.push([tenantId, selection]),
    clear: async () => undefined,
    reload: () => undefined,
    entries: () => 1,
    close: async () => undefined,
  };
  const guard: FalseHitGuard = {
    admit: (_tenant, probability) => probability >= 0.9,
    audited: () => undefined,
    limit: () => undefined,
    limitOf: () => 0.02,
    isWorthAudit: () => false,
    isOff: () => false,
    statuses: () => [],
  };
  const metrics = createMetrics({ service: 'spec' });
  const redis = pipelineOnly(exists);
  const embedder = wordEmbedder();
  const service = createLookUpService({
    embedder,
    verifier: wordVerifier,
    isDense: false,
    neighbourhood,
    guard,
    prepare: (_tenant, text) => ({ text }),
    redis: redis.redis,
    metrics: createSemanticMetrics(metrics),
    logger,
    minSimilarity: 0.5,
    maxAgeMs: 60_000,
    minTimesAsked: 0,
    auditShare: 0,
    keepsPairs: false,
    staleAfterMs: 10_000,
    ...over,
  });
  const ask = (text: string, more: Partial<LookUpRequest> = {}) =>
    service.lookUp({
      tenantId: 'acme',
      text,
      contextHash: 'c',
      model: 'm',
      minSimilarity: 0,
      requestId: 'req_1',
      ...more,
    });
  return { ask, kept, touched, removed, searches, set: redis.set, embedder, registry: metrics.registry };
}

describe('looking questions up', () => {
  it('finds the answer to the same question in other words, and says how like and how probable', async () => {
    const { ask, kept, touched } = setup();
    const reply = await ask('the capital of France is what');
    expect(reply).toMatchObject({ fingerprint: kept.fingerprint, outcome: 'hit', probability: 1, isAudited: false });
    expect(reply.similarity).toBeGreaterThan(0.99);
    expect(touched).toEqual([kept.fingerprint]);
  });

  it('gives nothing for a question that is less like than the gate, which a request can raise and not lower', async () => {
    const { ask } = setup({ minSimilarity: 0.999 });
    expect(await ask('What is the capital of Italy', { minSimilarity: 0.1 })).toMatchObject({
      outcome: 'empty',
      fingerprint: '',
    });
    const open = setup({ minSimilarity: 0.1 });
    expect((await open.ask('What is the capital of France please')).outcome).not.toBe('empty');
    expect((await open.ask('What is the capital of France please', { minSimilarity: 0.9999 })).outcome).toBe('empty');
  });

  it('is not gone on with for those who have stopped waiting, also when many come at once', async () => {
    let judged = 0;
    const slow: LookUpOptions['verifier'] = {
      ...wordVerifier,
      judge(asked, kept, similarity) {
        judged++;
        for (const untilMs = performance.now() + 20; performance.now() < untilMs;);
        return wordVerifier.judge(asked, kept, similarity);
      },
    };
    const { ask } = setup({ verifier: slow, staleAfterMs: 50 });
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask('the capital of France is what')));
    expect(judged).toBeLessThan(6);
    expect(replies.filter(({ outcome }) => outcome === 'late').length).toBe(20 - judged);
  });

  it('gives nothing where the guard wants more, and counts why', async () => {
    const { ask, registry } = setup({ minSimilarity: 0 });
    expect(await ask('What is the capital city of France')).toMatchObject({ outcome: 'improbable', fingerprint: '' });
    expect(await ask('What is the capital of France 2')).toMatchObject({ outcome: 'vetoed', fingerprint: '' });
    const text = await registry.metrics();
    expect(text).toMatch(/costlane_semantic_cache_lookups_total\{[^}]*outcome="improbable"[^}]*\} 1/);
    expect(text).toMatch(/costlane_semantic_cache_vetoes_total\{[^}]*reason="number"[^}]*\} 1/);
  });

  it('gives nothing while a tenant’s audits are not known, or nothing was found while its questions are read', async () => {
    const guard = { admit: () => undefined, limitOf: () => 0.02 } as unknown as FalseHitGuard;
    expect((await setup({ guard }).ask('What is the capital of France')).outcome).toBe('loading');
    expect((await setup({}, { candidates: [], isLoading: true }).ask('Why')).outcome).toBe('loading');
  });

  it('embeds and searches the questions of a tick together', async () => {
    const { ask, searches } = setup();
    await Promise.all(['a b', 'c d', 'e f'].map((text) => ask(text)));
    expect(searches).toEqual([3]);
  });

  it('is a miss when the embedder fails, is too late or has too much to do', async () => {
    const { ask, embedder } = setup();
    const outcomes: string[] = [];
    for (const error of [
      new Error('broken'),
      new CostlaneError('deadline_exceeded', 'late'),
      new CostlaneError('overloaded', 'full'),
      new CostlaneError('unavailable', 'gone'),
    ]) {
      embedder.failing = error;
      outcomes.push((await ask('Why')).outcome);
    }
    expect(outcomes).toEqual(['failed', 'late', 'overloaded', 'failed']);
    embedder.failing = undefined;
    expect((await ask('What is the capital of France')).outcome).toBe('hit');
  });

  it('refuses what is above its bound at once', async () => {
    const { ask } = setup();
    const replies = await Promise.all(Array.from({ length: 2_050 }, (_, at) => ask(`word${at}`)));
    expect(replies.filter(({ outcome }) => outcome === 'overloaded')).toHaveLength(50);
    expect((await ask('word')).outcome).toBe('empty');
  });

  it('keeps what was given for feedback, without the question unless pairs are collected', async () => {
    const { ask, set, kept } = setup();
    await ask('What is the capital of France');
    expect(set[0]?.[0]).toBe('costlane:served:acme:req_1');
    expect(JSON.parse(String(set[0]?.[1]))).toEqual({
      fingerprint: kept.fingerprint,
      similarity: expect.closeTo(1),
      probability: 0.998,
    });
    const collecting = setup({ keepsPairs: true });
    await collecting.ask('What is the capital of France');
    expect(JSON.parse(String(collecting.set[0]?.[1]))).toMatchObject({ asked: 'What is the capital of France' });
  });

  it('forgets an entry whose answer has gone', async () => {
    const { ask, removed, kept } = setup({}, {}, 0);
    await ask('What is the capital of France');
    await new Promise(setImmediate);
    expect(removed).toEqual([['acme', { key: kept.fingerprint }]]);
  });

  it('has candidates audited while it is off, which cost nothing more', async () => {
    const isOff = () => true;
    const guard = {
      admit: () => false,
      limitOf: () => 0.02,
      isWorthAudit: () => true,
      isOff,
    } as unknown as FalseHitGuard;
    const { ask, kept } = setup({ guard, auditShare: 1 });
    expect(await ask('What is the capital of France')).toMatchObject({
      outcome: 'off',
      fingerprint: '',
      isAudited: true,
      auditFingerprint: kept.fingerprint,
    });
  });

  it('has about the given share of the hits audited', async () => {
    const { ask } = setup({ auditShare: 0.3 });
    const replies = await Promise.all(Array.from({ length: 1_000 }, () => ask('What is the capital of France')));
    const audited = replies.filter(({ isAudited }) => isAudited).length;
    expect(audited).toBeGreaterThan(200);
    expect(audited).toBeLessThan(400);
    expect((await ask('Why is that so')).isAudited).toBe(false);
  });
});

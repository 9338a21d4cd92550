import { encodePayload, type JobHeader, type Priority } from '@costlane/contracts';
import { createBatchScheduler } from '@costlane/domain';
import { loadStaticModel } from '@costlane/embedding';
import { createLogger, createRedis } from '@costlane/platform';
import { createPairVerifier, loadVerifierWeights } from '@costlane/semantic-verifier';
import { createSpecShard, redisUrlForTests, sampleJob, waitFor } from '@costlane/testing';
import { semanticAuditsKey, semanticLimitsKey } from '@costlane/contracts';
import { LaneWork } from '../work/lane-work';
import { createFalseHitGate, type FalseHitGate } from './false-hit-gate';
import { createSemanticSharing, type SemanticSharing } from './semantic-sharing';

const model = loadStaticModel();
const verifier = createPairVerifier({ staticModel: model, weights: loadVerifierWeights() });
const open: FalseHitGate = { admit: () => true, limitOf: () => 0.02 };
const sharingOf = (gate: FalseHitGate = open): SemanticSharing =>
  createSemanticSharing({ model, verifier, gate, minSimilarity: 0.92 });

let count = 0;
function workOf(
  sharing: SemanticSharing,
  text: string,
  header: Partial<JobHeader> = {},
  lane: Priority = 'standard',
): LaneWork {
  const requestId = `r${++count}`;
  const semantic = { text, contextHash: 'c1' };
  const job = sampleJob({ requestId, fingerprint: requestId, cacheTtlSeconds: 60, semantic, ...header });
  const fields = ['payload', encodePayload(job.header, job.body)];
  return new LaneWork(lane, { stream: 'lane', id: `${count}-0`, fields }, job, 1_000, sharing.vectorOf);
}
/** Requests by call, as the scheduler dispatches them. */
function callsOf(sharing: SemanticSharing, works: readonly LaneWork[]): string[][] {
  const { epsilon, isSame } = sharing;
  const scheduler = createBatchScheduler<LaneWork>({ random: () => 0, epsilon, isSame });
  for (const work of works) scheduler.offer(work, 1_000);
  sharing.beginDecision();
  const { dispatch } = scheduler.decide(1_000, () => ({ freePlaces: 99, places: 99 }));
  return dispatch.flatMap(({ calls }) => calls.map((call) => call.works.map(({ requestId }) => requestId)));
}

const question = 'How do I reset my password?';
const again = 'how do i reset my password';

describe('sharing a call between like questions', () => {
  it('one call answers both where a question is asked again in another form', () => {
    const sharing = sharingOf();
    const works = [workOf(sharing, question), workOf(sharing, again), workOf(sharing, 'What is the capital of Peru?')];
    expect(
      callsOf(sharing, works)
        .map((call) => call.length)
        .sort(),
    ).toEqual([1, 2]);
  });

  it.each([
    ['another tenant', { tenantId: 'other' }],
    ['another model', { model: 'n', upstreamModel: 'n' }],
    ['another system prompt or parameters', { semantic: { text: again, contextHash: 'c2' } }],
    ['a stream', { stream: true }],
    ['an idempotency key', { idempotency: { keyHash: 'k', bodyHash: 'b' } }],
    ['an answer that must not be stored', { fingerprint: undefined }],
    ['a caller who takes no answer to a like question', { semantic: undefined }],
    ['a caller who wants questions to be more alike', { minSimilarity: 0.99 }],
  ] as [string, Partial<JobHeader>][])('never with %s', (_, header) => {
    const sharing = sharingOf();
    expect(callsOf(sharing, [workOf(sharing, question), workOf(sharing, again, header)])).toHaveLength(2);
  });

  it.each([
    ['What is 17 times 3?', 'What is 17 times 4?'],
    ['flights from Rome to Oslo', 'flights from Oslo to Rome'],
    ['Is it safe to eat raw eggs?', 'Is it not safe to eat raw eggs?'],
    ['status of order A1234567', 'status of order A1234568'],
  ])('never between near misses: %s / %s', (one, other) => {
    const sharing = sharingOf();
    expect(callsOf(sharing, [workOf(sharing, one), workOf(sharing, other)])).toHaveLength(2);
  });

  it('never with somebody who asks the same as a like question does, and takes the answer to that very question only', () => {
    const sharing = sharingOf();
    const works = [
      workOf(sharing, question),
      workOf(sharing, again, { fingerprint: 'again' }),
      workOf(sharing, again, { fingerprint: 'again', semantic: undefined }),
    ];
    const [asked, like, strict] = works.map(({ requestId }) => requestId);
    expect(callsOf(sharing, works)).toEqual([[asked, like], [strict]]);
  });

  it('only where two questions are as alike as the cache, and the caller, want them to be, whatever stands between them', () => {
    const sure = { ...verifier, judge: () => ({ probability: 1 }) };
    const sharing = createSemanticSharing({ model, verifier: sure, gate: open, minSimilarity: 0.92 });
    const isSame = (one: string, other: string, header: Partial<JobHeader> = {}): boolean =>
      sharing.isSame(workOf(sharing, one, header), workOf(sharing, other, header));
    const like = ['How do I reset my password?', 'How can I reset my password?'] as const;
    expect([isSame(...like), isSame(...like, { minSimilarity: 0.9999 })]).toEqual([true, false]);
    expect(isSame(question, 'What is the capital of Peru?')).toBe(false);
  });

  it('not where the tenant’s audits do not allow it', () => {
    const sharing = sharingOf({ admit: () => false, limitOf: () => 0.02 });
    expect(callsOf(sharing, [workOf(sharing, question), workOf(sharing, again)])).toHaveLength(2);
  });

  it('compares so many pairs in one decision, and no more', () => {
    let judged = 0;
    const counting = {
      ...verifier,
      prepare: verifier.prepare,
      thresholdFor: () => 0.5,
      judge: () => (judged++, { probability: 0.1 }),
    };
    const sharing = createSemanticSharing({ model, verifier: counting, gate: open, minSimilarity: 0.5 });
    const names = [
      'Anna',
      'Ben',
      'Carla',
      'David',
      'Emma',
      'Frank',
      'Gina',
      'Hugo',
      'Ida',
      'Jonas',
      'Kara',
      'Lena',
      'Max',
    ];
    callsOf(
      sharing,
      names.map((name) => workOf(sharing, `Write a birthday card for ${name}, who likes the sea`)),
    );
    expect(judged).toBe(48);
  });
});

const redisUrl = redisUrlForTests();
(redisUrl ? describe : describe.skip)('createFalseHitGate', () => {
  const shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
  const tenant = `gate-${shard.shard}`;

  it('goes by a tenant’s own limit and audits, and admits nothing before they are read', async () => {
    const redis = await shard.connect();
    const key = semanticAuditsKey(tenant);
    await redis.hset(semanticLimitsKey, tenant, '0.07');
    await redis.lpush(key, ...Array.from({ length: 200 }, () => JSON.stringify([0.99, 1])));
    const gate = createFalseHitGate({ redis, defaultLimit: 0.02, logger: shard.logger });
    expect(gate.admit(tenant, 0.999)).toBe(false);
    await waitFor(() => gate.limitOf(tenant) === 0.07);
    // Every one of its audits was wrong.
    expect(gate.admit(tenant, 0.999)).toBe(false);
    const other = `${tenant}-2`;
    await waitFor(() => gate.admit(other, 0.9999));
    expect(gate.limitOf(other)).toBe(0.02);
    await redis.hdel(semanticLimitsKey, tenant);
    await redis.unlink(key);
    await shard.remove();
  });
});

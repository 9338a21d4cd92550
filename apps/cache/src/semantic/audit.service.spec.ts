import { randomUUID } from 'node:crypto';
import { verifierPairsKey, type Completion } from '@costlane/contracts';
import { createMetrics } from '@costlane/platform';
import { testCompletion } from '../testing/test-completion';
import { describeWithRedis, silent, testRedis, type TestRedis } from '../testing/test-redis';
import { wordEmbedder } from '../testing/word-models';
import { createAuditService, type AuditOptions } from './audit.service';
import type { SemanticEvent } from './semantic-log';
import { createSemanticMetrics } from './semantic-metrics';

describeWithRedis('comparing semantic hits with fresh answers', () => {
  let test: TestRedis;
  beforeAll(() => (test = testRedis()));
  afterAll(() => test.end());

  function setup(over: Partial<AuditOptions> = {}) {
    const events: SemanticEvent[] = [];
    const metrics = createMetrics({ service: 'spec' });
    const log = { publish: async (some: readonly SemanticEvent[]) => void events.push(...some) };
    const service = createAuditService({
      redis: test.redis,
      store: test.store,
      embedder: wordEmbedder(),
      log,
      metrics: createSemanticMetrics(metrics),
      logger: silent,
      agreesFrom: 0.8,
      keepsPairs: false,
      ...over,
    });
    const verdicts = async (verdict: string): Promise<number> => {
      const text = await metrics.registry.metrics();
      return Number(new RegExp(`audits_total\\{[^}]*verdict="${verdict}"[^}]*\\} (\\d+)`).exec(text)?.[1]);
    };
    return { service, events, verdicts };
  }

  /** An audit of a hit on `fingerprint` that came back with this answer. */
  const auditOf = (
    tenantId: string,
    fingerprint: string,
    answer: string,
    requestId: string = randomUUID(),
    own?: string,
  ): Completion =>
    testCompletion({
      tenantId,
      record: { requestId },
      fingerprint: own,
      semantic: { text: 'the asked question', contextHash: 'c' },
      audit: { fingerprint, similarity: 0.95, probability: 0.97 },
      body: Buffer.from(JSON.stringify({ choices: [{ index: 0, message: { content: answer } }] })),
    });

  it('tells every replica whether the given answer was right', async () => {
    const [tenantId, { service, events, verdicts }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'the kept question', { answer: 'The capital is Paris' });
    service.take([auditOf(tenantId, fingerprint, 'the capital is Paris.')]);
    await service.idle();
    service.take([auditOf(tenantId, fingerprint, 'You need a screwdriver for that')]);
    await service.idle();
    expect(events).toEqual([
      { kind: 'audit', tenantId, probability: 0.97, isWrong: false },
      { kind: 'audit', tenantId, probability: 0.97, isWrong: true },
    ]);
    expect([await verdicts('agrees'), await verdicts('differs')]).toEqual([1, 1]);
    expect(await test.redis.lrange(`costlane:semantic-audits:${tenantId}`, 0, -1)).toEqual(['[0.97,1]', '[0.97,0]']);
    expect(await test.redis.exists(verifierPairsKey(tenantId))).toBe(0);
  });

  it('says nothing where one of the answers is not there or cannot be read', async () => {
    const [tenantId, { service, events, verdicts }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept');
    service.take([auditOf(tenantId, 'f'.repeat(64), 'gone'), auditOf(tenantId, fingerprint, '')]);
    await service.idle();
    expect(events).toEqual([]);
    expect(await verdicts('unclear')).toBe(2);
  });

  it('says nothing where one of the answers declines', async () => {
    const [tenantId, { service, events, verdicts }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept', { answer: 'Paris' });
    service.take([auditOf(tenantId, fingerprint, "I'm sorry, but I can't help with that.")]);
    await service.idle();
    expect(events).toEqual([]);
    expect(await verdicts('unclear')).toBe(1);
  });

  it('compares no answer with itself, which has been stored meanwhile', async () => {
    const [tenantId, { service, events }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept', { answer: 'Paris' });
    service.take([auditOf(tenantId, fingerprint, 'Paris', randomUUID(), fingerprint)]);
    await service.idle();
    expect(events).toEqual([]);
  });

  it('counts an audit once, however often it is handed over', async () => {
    const [tenantId, { service, events }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept', { answer: 'Paris' });
    const again = auditOf(tenantId, fingerprint, 'A screwdriver');
    service.take([again, again]);
    await service.idle();
    setup().service.take([again]);
    service.take([again]);
    await service.idle();
    expect(events).toHaveLength(1);
  });

  it('does not hold up the end of the process with a judge that does not answer', async () => {
    const [tenantId, { service, events }] = [test.tenant(), setup({ judge: () => new Promise(() => undefined) })];
    const fingerprint = await test.fill(tenantId, 'kept', { answer: 'Paris' });
    service.take([auditOf(tenantId, fingerprint, 'A screwdriver')]);
    await service.idle(20);
    expect(events).toEqual([]);
  });

  it('passes over what is no audit', async () => {
    const { service, events } = setup();
    service.take([testCompletion(), testCompletion({ fill: undefined })]);
    await service.idle();
    expect(events).toEqual([]);
  });

  it('believes the judge where there is one, and asks it about no answer that is equal', async () => {
    const judged: string[] = [];
    const judge: AuditOptions['judge'] = async ({ question, given, fresh }) => {
      judged.push(`${question}|${given}|${fresh}`);
      return 'agrees';
    };
    const [tenantId, { service, events }] = [test.tenant(), setup({ judge })];
    const fingerprint = await test.fill(tenantId, 'kept', { answer: 'Paris' });
    service.take([auditOf(tenantId, fingerprint, 'It lies on the Seine')]);
    await service.idle();
    service.take([auditOf(tenantId, fingerprint, 'PARIS.')]);
    await service.idle();
    expect(judged).toEqual(['the asked question|Paris|It lies on the Seine']);
    expect(events.map((event) => event.kind === 'audit' && event.isWrong)).toEqual([false, false]);
  });

  it('lets the vectors decide when the judge cannot be asked, and takes no unclear word for a verdict', async () => {
    const tenantId = test.tenant();
    const fingerprint = await test.fill(tenantId, 'kept', { answer: 'Paris' });
    const broken = setup({ judge: () => Promise.reject(new Error('no judge')) });
    broken.service.take([auditOf(tenantId, fingerprint, 'A screwdriver')]);
    await broken.service.idle();
    expect(broken.events).toEqual([{ kind: 'audit', tenantId, probability: 0.97, isWrong: true }]);
    const unsure = setup({ judge: async () => 'unclear' });
    unsure.service.take([auditOf(tenantId, fingerprint, 'A screwdriver')]);
    await unsure.service.idle();
    expect(unsure.events).toEqual([]);
  });

  it('keeps the judged pair of questions for training where that is wanted', async () => {
    const [tenantId, { service }] = [test.tenant(), setup({ keepsPairs: true })];
    const fingerprint = await test.fill(tenantId, 'the kept question', { answer: 'Paris' });
    service.take([auditOf(tenantId, fingerprint, 'A screwdriver')]);
    await service.idle();
    const [pair] = await test.redis.lrange(verifierPairsKey(tenantId), 0, -1);
    expect(JSON.parse(pair!)).toEqual({
      a: 'the asked question',
      b: 'the kept question',
      same: false,
      source: 'audit',
    });
  });

  it('lets go of audits that come faster than they can be compared', async () => {
    const [tenantId, { service, events }] = [test.tenant(), setup()];
    const fingerprint = await test.fill(tenantId, 'kept', { answer: 'Paris' });
    service.take(Array.from({ length: 100 }, () => auditOf(tenantId, fingerprint, 'Paris')));
    await service.idle();
    expect(events).toHaveLength(64);
  });
});

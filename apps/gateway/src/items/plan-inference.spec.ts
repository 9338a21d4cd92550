import { encodeReply, type SemanticAudit } from '@costlane/contracts';
import { defaultRoutingSettings, type DataPolicy } from '@costlane/domain';
import type { CachedAnswer } from '@costlane/response-store';
import type { InferenceDeps } from '../core/inference';
import { completion, header } from '../testing/scripted-inference';
import { answerIn, itemGateway, itemOf, itemPolicy, jsonIn, planIn, stopItemGateways } from './testing/item-gateway';

const asking = (content: string) =>
  itemOf('/v1/chat/completions', { model: 'gpt-4o-mini', messages: [{ role: 'user', content }] });
const chat = asking('Hi.');
const withMail = asking('Write to jane@example.com.');
const stored: CachedAnswer = {
  header: {
    v: 1,
    form: 'json',
    provider: 'openai',
    modelAsked: 'gpt-4o-mini',
    modelUsed: 'gpt-4o-mini-up',
    baselineNanoUsd: 2_000,
    askedAtMs: Date.now(),
    createdAtMs: Date.now(),
  },
  body: completion('From the cache.'),
};
const withRule = (dataPolicy: DataPolicy) => itemPolicy({ settings: { ...defaultRoutingSettings, dataPolicy } });

afterEach(stopItemGateways);

describe('an item that is to be planned', () => {
  it('says what it may cost at the most, for the one who hands it to a provider to reserve', async () => {
    const plan = planIn(await (await itemGateway()).run({ mode: 'plan', item: chat }));
    expect(plan.header.worstCaseNanoUsd).toBe(plan.body.length + 128_000);
  });

  it('is answered where the exact tier has it, and on record as a hit, once', async () => {
    const gateway = await itemGateway({ stored: () => stored });
    const reply = answerIn(await gateway.run({ mode: 'plan', item: chat }));
    expect(reply).toMatchObject({ status: 200, cacheTier: 'exact', paidNanoUsd: 0 });
    expect(jsonIn(reply)).toMatchObject({ choices: [{ message: { content: 'From the cache.' } }] });
    expect(gateway.hits).toEqual(['exact job_1-0']);
    // The gateway's memory has it from then on.
    const again = answerIn(await gateway.run({ mode: 'plan', requestId: 'job_1-1', item: chat }));
    expect([again.cacheTier, gateway.hits.at(-1)]).toEqual(['memory', 'memory job_1-1']);
    expect(gateway.events.ended.map(({ tier }) => tier)).toEqual(['exact', 'memory']);
  });

  it('is answered where the cache has the answer to a like question', async () => {
    const audits: SemanticAudit[] = [];
    const semantic = {
      find: async () => ({ hit: { fingerprint: 'like', similarity: 0.97, probability: 0.99, isAudited: true } }),
    };
    const dispatcher = { audit: (_request: unknown, _decision: unknown, audit: SemanticAudit) => audits.push(audit) };
    const gateway = await itemGateway({
      stored: (fingerprint) => (fingerprint === 'like' ? stored : undefined),
      deps: { semantic, dispatcher } as unknown as Partial<InferenceDeps>,
    });
    const reply = answerIn(await gateway.run({ mode: 'plan', item: chat }));
    expect(reply).toMatchObject({ status: 200, cacheTier: 'semantic', paidNanoUsd: 0 });
    expect(audits).toMatchObject([{ fingerprint: 'like', similarity: 0.97 }]);
  });

  it('gets a plan of its own where another one asks the same at that moment', async () => {
    const gateway = await itemGateway();
    const ids = ['job_1-0', 'job_1-1'];
    const plans = await Promise.all(ids.map((requestId) => gateway.run({ mode: 'plan', requestId, item: chat })));
    expect(plans.map((reply) => planIn(reply).header.requestId)).toEqual(ids);
  });

  it('is planned without a look at any cache where it wants none', async () => {
    const gateway = await itemGateway({ stored: () => stored });
    const item = { ...chat, headers: { 'x-costlane-use-cache': 'false' } };
    const { header: planned } = planIn(await gateway.run({ mode: 'plan', item }));
    expect([planned.fingerprint, planned.cacheTtlSeconds]).toEqual([undefined, undefined]);
  });

  it('leaves texts and prices out of what is kept with it', async () => {
    const gateway = await itemGateway();
    const auto = itemOf('/v1/chat/completions', { messages: [{ role: 'user', content: 'A question of its own.' }] });
    const { decision, header: planned } = planIn(await gateway.run({ mode: 'plan', item: auto }));
    expect(JSON.stringify({ decision, planned: { ...planned, semantic: undefined } })).not.toContain('of its own');
    expect(decision.model.price).toBeUndefined();
  });

  it('is refused where its tenant’s rules do not let it out', async () => {
    const gateway = await itemGateway({ policy: withRule('block') });
    const reply = answerIn(await gateway.run({ mode: 'plan', item: withMail }));
    expect(reply).toMatchObject({ status: 403, errorCode: 'sensitive_data', isRetryable: false });
    expect(gateway.events.refused).toMatchObject([{ code: 'sensitive_data' }]);
  });

  it.each(['redact', 'allow', 'block'] as const)(
    'has what was taken out of it put back into the answer, though the rule is by now: %s',
    async (rule) => {
      const planning = await itemGateway({ policy: withRule('redact') });
      const plan = planIn(await planning.run({ mode: 'plan', item: withMail }));
      expect(plan.body.toString()).toContain('[EMAIL_1]');
      expect(plan.body.toString()).not.toContain('jane@example.com');
      const rendering = { plan, reply: encodeReply(header(), completion('Done: [EMAIL_1]')) };
      const later = await itemGateway({ policy: withRule(rule) });
      const reply = answerIn(await later.run({ mode: 'render', item: withMail, rendering }));
      expect(jsonIn(reply)).toMatchObject({ choices: [{ message: { content: 'Done: jane@example.com' } }] });
    },
  );

  it('is rendered by a gateway that does not know the model any more, and a failure as the door tells failures', async () => {
    const plan = planIn(await (await itemGateway()).run({ mode: 'plan', item: chat }));
    const later = await itemGateway({ policy: itemPolicy({ models: [], defaultModel: '' }) });
    const rendered = { plan, reply: encodeReply(header(), completion('Hello!')) };
    expect(answerIn(await later.run({ mode: 'render', item: chat, rendering: rendered })).status).toBe(200);
    const failed = header({ status: 400, errorCode: 'upstream_rejected', paidNanoUsd: 0, upstreamCalls: 1 });
    const rendering = { plan, reply: encodeReply(failed, Buffer.from('{"message":"It will not."}')) };
    const reply = answerIn(await later.run({ mode: 'render', requestId: 'job_1-1', item: chat, rendering }));
    expect(reply).toMatchObject({ status: 400, errorCode: 'upstream_rejected', isRetryable: false, paidNanoUsd: 0 });
    expect(jsonIn(reply)).toMatchObject({ error: { message: 'It will not.' } });
    expect([later.events.ended, later.events.refused]).toEqual([[], []]);
  });
});

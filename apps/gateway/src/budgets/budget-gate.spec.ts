import { encodeReply, type ReplyPart } from '@costlane/contracts';
import { err, ok, type Budget, type ModelPrice, type RouteDecision } from '@costlane/domain';
import { createLogger, createMetrics } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { configSchema } from '../config';
import { Call } from '../core/call';
import type { InferenceRequest } from '../core/inference-request';
import { replyHeader } from '../core/sharing/spec-support/spec-gateway';
import { recordingListener, sampleDecision, sampleRequest } from '../testing/sample-request';
import { createBudgets, type Budgets } from './create-budgets';
import { aBudget, FakeAuthority } from './testing/fake-authority';

const price: ModelPrice = {
  provider: 'mock',
  model: 'm',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test',
  perMillion: { freshInput: '1', output: '1' },
};
const decision: RouteDecision = { ...sampleDecision, model: { ...sampleDecision.model, price } };
/** A request may cost some 9.2 million nano-dollars at the most: a thousand tokens around it, 8,192 of answer. */
const LIMIT = 1_000_000_000;
const running: Budgets[] = [];
let requests = 0;

afterEach(() => Promise.all(running.splice(0).map((budgets) => budgets.close())));

interface SetUp {
  budgets?: Budget[];
  mode?: FakeAuthority['mode'];
  env?: Record<string, string>;
  perMinute?: number;
  /** Not all budgets are known yet. */
  isEarly?: boolean;
}

async function gateway(setUp: SetUp = {}) {
  const { budgets: known = [aBudget()], mode = 'well', env = {}, perMinute = Infinity, isEarly = false } = setUp;
  const authority = new FakeAuthority();
  authority.budgets = known;
  authority.mode = mode;
  const checks: string[] = [];
  const metrics = createMetrics({ service: 'spec' });
  const budgets = createBudgets({
    gatewayId: 'g1',
    config: configSchema.parse(env),
    authority,
    limiter: {
      check(id) {
        checks.push(id);
        return checks.filter((one) => one === id).length > perMinute ? err({ retryAfterMs: 9_000 }) : ok(undefined);
      },
    },
    logger: createLogger({ service: 'spec', level: 'silent' }),
    metrics,
  });
  running.push(budgets);
  if (mode === 'well' && !isEarly) await waitFor(() => authority.syncs.length >= (known.length > 0 ? 2 : 1));
  const { gate } = budgets;
  const fallbacks = async (kind: string): Promise<number> => {
    const found = (await metrics.registry.getMetricsAsJSON()).find(({ name }) => name === 'costlane_fallback_total');
    const values = (found?.values ?? []) as { value: number; labels: Record<string, unknown> }[];
    return values.find(({ labels }) => labels['kind'] === kind)?.value ?? 0;
  };
  return {
    authority,
    budgets,
    gate,
    checks,
    fallbacks,
    /** A call that is about to be made, and what became of it. */
    begin(request: Partial<InferenceRequest> = {}, made: Partial<RouteDecision> = {}) {
      const { listener, heard, ends } = recordingListener();
      const asked = sampleRequest({ requestId: `req_${requests++}`, ...request });
      const call = new Call(asked, { ...decision, ...made }, () => undefined);
      call.add({ request: asked, listener });
      const sent: Call[] = [];
      gate.admit(call, (one) => sent.push(one));
      const codes = (): (string | undefined)[] => ends.map(({ header }) => header.errorCode);
      return { call, sent, heard, ends, codes, isOver: () => sent.length + ends.length > 0 };
    },
  };
}

const answer = (requestId: string, paidNanoUsd: number): ReplyPart => {
  const value = encodeReply(replyHeader({ paidNanoUsd }), Buffer.from('{}'));
  return { kind: 'r', attempt: 'a', seq: 0, requestId, value };
};

describe('budgets before a call to a provider', () => {
  it('are not asked where there are none, and of no tenant that has none', async () => {
    const none = await gateway({ budgets: [] });
    expect(none.gate.isActive).toBe(false);
    const others = await gateway({ budgets: [aBudget({ tenantId: 'other' })] });
    expect(others.gate.isActive).toBe(true);
    const { sent, call } = others.begin();
    expect([sent.length, call.reservation, others.authority.leases.length]).toEqual([1, undefined, 0]);
  });

  it('are leased by one call for all that gather in a turn, and then reserved at once', async () => {
    const { begin, authority } = await gateway();
    const calls = Array.from({ length: 20 }, () => begin());
    expect(calls.every(({ sent }) => sent.length === 0)).toBe(true);
    await waitFor(() => calls.every(({ isOver }) => isOver()));
    expect(authority.leases.filter(({ asks }) => asks.some((ask) => ask.needNanoUsd > 0))).toHaveLength(1);
    for (const { call } of calls) call.take(answer(call.requestId, 7));
    const next = begin();
    expect(next.sent).toEqual([next.call]);
    expect(next.call.reservation?.epoch.lessee).toMatch(/^g1#\d+$/);
  });

  it('are charged what the answer cost, and what is left is told', async () => {
    const { begin, gate } = await gateway();
    const { call, sent } = begin();
    await waitFor(() => sent.length === 1);
    const reserved = call.reservation?.amountNanoUsd ?? 0;
    expect(gate.remaining(call.leader)).toBe(LIMIT - reserved);
    call.take(answer(call.requestId, 7));
    expect([call.reservation, gate.remaining(call.leader)]).toEqual([undefined, LIMIT - 7]);
  });

  it('are charged nothing for a call that fails, and what its worker tells of one whose client has gone', async () => {
    const { begin, gate } = await gateway();
    const [failed, left] = [begin(), begin()];
    await waitFor(() => failed.sent.length + left.sent.length === 2);
    failed.call.take(answer(failed.call.requestId, 0));
    left.call.isSettled = true;
    gate.ended(left.call);
    const worst = left.call.leader ? LIMIT - (gate.remaining(left.call.leader) ?? 0) : 0;
    expect(worst).toBeGreaterThan(1_000_000);
    gate.late(answer('somebody-else', 99));
    gate.late(answer(left.call.requestId, 5));
    gate.late(answer(left.call.requestId, 5));
    expect(gate.remaining(left.call.leader)).toBe(LIMIT - 5);
  });

  it('refuse what they have no room for, saying which of them, until when and what to do', async () => {
    const { begin, authority } = await gateway({ budgets: [aBudget({ limitNanoUsd: 1_000 })] });
    const { ends, codes } = begin();
    await waitFor(() => ends.length === 1);
    expect(codes()).toEqual(['budget_exceeded']);
    const [end] = ends;
    const text = end && 'body' in end ? end.body.toString() : '';
    expect(text).toMatch(/daily budget of the organisation .*max_tokens.*POST \/admin\/budgets/);
    expect(authority.leased.get('b1')).toBe(0);
  });

  it('leave nothing reserved for a client that left while it waited', async () => {
    const { begin, gate } = await gateway();
    const { call, sent } = begin();
    call.isSettled = true;
    const other = begin();
    await waitFor(() => other.sent.length === 1);
    other.call.take(answer(other.call.requestId, 0));
    expect([sent, gate.remaining(call.leader)]).toEqual([[], LIMIT]);
  });

  it('wait for what others hold, and refuse after a second', async () => {
    const { begin, authority } = await gateway({ budgets: [aBudget({ limitNanoUsd: 15_000_000 })] });
    authority.isContended = true;
    const first = begin();
    await waitFor(() => first.sent.length === 1);
    const startedAt = Date.now();
    const second = begin();
    await waitFor(() => second.isOver(), { timeoutMs: 5_000 });
    expect(second.codes()).toEqual(['budget_exceeded']);
    expect(Date.now() - startedAt).toBeGreaterThan(900);
    // ... unless it comes back.
    const third = begin();
    setTimeout(() => first.call.take(answer(first.call.requestId, 0)), 50);
    await waitFor(() => third.isOver(), { timeoutMs: 5_000 });
    expect(third.sent).toHaveLength(1);
  });

  it('give back at once what others want', async () => {
    const { begin, authority, budgets } = await gateway();
    const { call, sent } = begin();
    await waitFor(() => sent.length === 1);
    call.take(answer(call.requestId, 0));
    const held = authority.leased.get('b1') ?? 0;
    expect(held).toBeGreaterThan(0);
    const periodStartMs = call.leader.createdAtMs - (call.leader.createdAtMs % 86_400_000);
    budgets.hear({ wanted: [{ budgetId: 'b1', subject: '', periodStartMs }] });
    await waitFor(() => authority.leased.get('b1') === 0, { timeoutMs: 400 });
  });

  it.each([
    ['open', [1, undefined], 1],
    ['closed', [0, 'budget_unavailable'], 0],
  ] as const)('are %s as they say while they cannot be asked', async (onUnreachable, expected, counted) => {
    const { begin, authority, fallbacks } = await gateway({ budgets: [aBudget({ onUnreachable })] });
    authority.mode = 'silent';
    const { isOver, sent, codes, call } = begin();
    await waitFor(isOver);
    expect([sent.length, codes()[0]]).toEqual(expected);
    expect([call.reservation, await fallbacks('budget_unreachable')]).toEqual([undefined, counted]);
    // Nobody waits for an authority that is known to be away.
    const next = begin();
    await waitFor(next.isOver, { timeoutMs: 40 });
  });

  it('let so many requests of a user through a minute while they cannot be asked', async () => {
    const { begin, authority, checks } = await gateway({ perMinute: 2 });
    authority.mode = 'failing';
    const calls = Array.from({ length: 3 }, () => begin());
    await waitFor(() => calls.every(({ isOver }) => isOver()));
    expect(calls.map(({ codes }) => codes()[0])).toEqual([undefined, undefined, 'rate_limited']);
    expect(new Set(checks)).toEqual(new Set(['budget:unchecked:acme:']));
  });

  it('go by the lease that is there while they cannot be asked', async () => {
    const { begin, authority } = await gateway();
    const first = begin();
    await waitFor(() => first.sent.length === 1);
    first.call.take(answer(first.call.requestId, 0));
    authority.mode = 'silent';
    const { sent, call } = begin();
    expect([sent.length, call.reservation?.isOpen]).toEqual([1, true]);
  });

  it.each([
    ['open', [1, undefined]],
    ['closed', [0, 'budget_unavailable']],
  ] as const)('are %s by the setting while none is known yet', async (setting, expected) => {
    const { begin, fallbacks } = await gateway({ mode: 'silent', env: { BUDGET_ON_UNREACHABLE: setting } });
    const { isOver, sent, codes } = begin();
    expect(isOver()).toBe(false);
    await waitFor(isOver);
    expect([sent.length, codes()[0]]).toEqual(expected);
    expect(await fallbacks('budget_unknown')).toBe(sent.length);
  });

  it('are waited for where they are known in a moment', async () => {
    const { begin, fallbacks } = await gateway({ budgets: [aBudget({ limitNanoUsd: 1 })], isEarly: true });
    const { isOver, codes } = begin();
    expect(isOver()).toBe(false);
    await waitFor(isOver);
    expect([codes(), await fallbacks('budget_unknown')]).toEqual([['budget_exceeded'], 0]);
  });

  it('slow down who has used one up that does so, by account', async () => {
    const slowing = aBudget({ scope: 'user', scopeId: '*', onExceeded: 'throttle', limitNanoUsd: 0 });
    const { begin, checks } = await gateway({ budgets: [slowing], perMinute: 1 });
    const caller = { tenantId: 'acme', userId: 'ann', role: 'member', rateLimitPerMinute: 0 } as const;
    // How it stands is asked by the first request, and known to the next.
    await waitFor(async () => {
      const { isOver, codes } = begin({ caller });
      await waitFor(isOver);
      return codes()[0] === 'rate_limited';
    });
    expect(new Set(checks)).toEqual(new Set(['budget:slow:b1:ann']));
  });

  it('leave cheap models only where one says so and is used up', async () => {
    const { gate, authority } = await gateway({
      budgets: [aBudget({ scope: 'feature', scopeId: 'chat', onExceeded: 'downgrade', limitNanoUsd: 10 })],
    });
    const payer = { tenantId: 'acme', featureName: 'chat' };
    expect(gate.maxTier(payer)).toBeUndefined();
    authority.posted.set('b1', 10);
    expect(gate.maxTier({ tenantId: 'acme', featureName: 'other' })).toBeUndefined();
    const caller = { tenantId: 'acme', role: 'member', rateLimitPerMinute: 0 } as const;
    const request = sampleRequest({ caller, featureName: 'chat' });
    gate.admit(new Call(request, decision, () => undefined), () => undefined);
    await waitFor(() => gate.maxTier(payer) === 'economy');
  });

  it('reserve what is set for a model without a price, or refuse it', async () => {
    const unpriced = { model: sampleDecision.model };
    const reserving = await gateway({ env: { BUDGET_UNPRICED_USD: '0.25' } });
    const one = reserving.begin({}, unpriced);
    await waitFor(() => one.sent.length === 1);
    expect(one.call.reservation?.amountNanoUsd).toBe(250_000_000);
    const refusing = await gateway({ env: { BUDGET_UNPRICED: 'refuse' } });
    expect(refusing.begin({}, unpriced).codes()).toEqual(['budget_exceeded']);
  });

  it('have room at once, or not at all, for what nobody waits for', async () => {
    const { begin, gate, authority } = await gateway();
    const again = sampleRequest({ requestId: 'aud_1', deadlineAtMs: Date.now() + gate.usualRequestMs });
    const admit = () => gate.admitUnawaited(again, decision, Buffer.from('{}'));
    expect([admit(), authority.leases.length]).toEqual(['refused', 0]);
    const first = begin();
    await waitFor(() => first.sent.length === 1);
    first.call.take(answer(first.call.requestId, 0));
    expect(admit()).toMatchObject({ isOpen: true });
  });

  it('are given back when the gateway stops', async () => {
    const { begin, authority, budgets } = await gateway();
    const { call, sent } = begin();
    await waitFor(() => sent.length === 1);
    call.take(answer(call.requestId, 0));
    await budgets.close();
    expect([authority.leased.get('b1'), authority.isClosed]).toEqual([0, true]);
    expect(authority.syncs.at(-1)?.lessees).toMatchObject([{ isClosed: true }]);
  });
});

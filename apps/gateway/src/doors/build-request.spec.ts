import { createHash } from 'node:crypto';
import type { RouteDecision, RouteFeatures } from '@costlane/domain';
import type { SensitiveData } from '../core/routing/data-guard';
import { sampleDecision, sampleRequest } from '../testing/sample-request';
import { buildRequest, type RequestParts } from './build-request';
import { defaultControls, type RequestControls } from './request-controls';

const defaults = defaultControls({
  isCacheEnabled: true,
  isSemanticEnabled: true,
  cacheTtlSeconds: 60,
  requestTimeoutMs: 1_000,
});
const features: RouteFeatures = { modelAsked: 'm' };
const sensitive: SensitiveData = { action: 'redact', kinds: ['email'] };

function partsOf(parts: Partial<RequestParts> = {}, controls: Partial<RequestControls> = {}): RequestParts {
  const { requestId, caller, endpoint, dialect, modelAsked, stream, fingerprint, upstreamBody, needs } =
    sampleRequest();
  return {
    ...{ requestId, caller, endpoint, dialect, modelAsked, stream, fingerprint, upstreamBody, needs },
    createdAtMs: 5_000,
    controls: { ...defaults, ...controls },
    bodyHash: 'hash',
    sensitive: undefined,
    isRedacted: false,
    features,
    decision: sampleDecision,
    planner: { acceptsStale: () => false, promptRetentionDays: () => undefined, sent: () => undefined },
    ...parts,
  };
}

const built = (parts?: Partial<RequestParts>, controls?: Partial<RequestControls>) =>
  buildRequest(partsOf(parts, controls));

describe('a request on its way through the gateway', () => {
  it.each([
    ['stays out of the cache with what is sensitive in it', { sensitive }, {}, false],
    ['may be kept once that has been replaced', { sensitive, isRedacted: true }, {}, true],
    ['may be kept where nothing is sensitive', {}, {}, true],
    ['stays out of the cache where the caller says so', { isRedacted: true }, { useCache: false }, false],
  ])('%s', (_what, parts, controls, useCache) => {
    expect(built(parts, controls).useCache).toBe(useCache);
  });

  it.each([
    [undefined, true, true],
    [true, true, true],
    [false, true, false],
    [undefined, false, false],
    [true, false, false],
  ])('takes a like answer where both dialect (%s) and caller (%s) allow it: %s', (mayUse, caller, expected) => {
    const request = built({ mayUseSemanticCache: mayUse }, { useSemanticCache: caller });
    expect(request.useSemanticCache).toBe(expected);
  });

  it.each([
    ['the caller’s own time', undefined, 6_000],
    ['the transport’s where that ends sooner', 5_500, 5_500],
    ['the caller’s where the transport has more', 9_000, 6_000],
  ])('ends by %s', (_what, deadlineAtMs, expected) => {
    expect(built({ deadlineAtMs }).deadlineAtMs).toBe(expected);
  });

  it('knows an idempotency key by its hash only, beside the body’s as it came', () => {
    expect(built().idempotency).toBeUndefined();
    expect(built({}, { idempotencyKey: 'k' }).idempotency).toEqual({
      keyHash: createHash('sha256').update('k').digest('hex'),
      bodyHash: 'hash',
    });
  });

  it('is for the user of the caller’s key, else for the one that the request names', () => {
    const { caller } = partsOf();
    expect(built({ caller }).caller).toBe(caller);
    expect(built({}, { userId: 'named' }).caller).toEqual({ ...caller, userId: 'named' });
    expect(built({ caller: { ...caller, userId: 'own' } }, { userId: 'named' }).caller.userId).toBe('own');
  });

  it('has an experiment’s instructions before its own, and its own bytes where there are none', () => {
    const raw = Buffer.from('{"messages":[{"role":"user","content":"Hi"}]}');
    expect(built({ upstreamBody: () => raw }).upstreamBody('m-up')).toBe(raw);
    const assigned = {
      experiment: { id: 'e', salt: 's', variants: [] },
      variant: { name: 'b', systemPrompt: 'Be brief.' },
    } as unknown as RouteDecision['assigned'];
    const request = built({ upstreamBody: () => raw, decision: { ...sampleDecision, assigned } });
    expect(JSON.parse(request.upstreamBody('m-up').toString())).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });

  it('has its prompt kept where its tenant wants that, but for what must not get about and was not replaced', () => {
    const planner: RequestParts['planner'] = {
      acceptsStale: () => false,
      promptRetentionDays: (tenantId) => (tenantId === 'acme' ? 30 : undefined),
      sent: () => undefined,
    };
    expect(built({}).promptRetentionDays).toBeUndefined();
    expect(built({ planner }).promptRetentionDays).toBe(30);
    expect(built({ planner, sensitive, isRedacted: false }).promptRetentionDays).toBeUndefined();
    expect(built({ planner, sensitive: { ...sensitive, action: 'secure_model' } }).promptRetentionDays).toBeUndefined();
    expect(built({ planner, sensitive, isRedacted: true }).promptRetentionDays).toBe(30);
  });

  it('of the holdout keeps away from every cache and from slower service', () => {
    const controls = { isDeadlineExplicit: true };
    const decision = { ...sampleDecision, isHoldout: true as const };
    expect(built({}, controls)).toMatchObject({ useCache: true, isDeadlineExplicit: true, isHoldout: undefined });
    expect(built({ decision }, controls)).toMatchObject({
      useCache: false,
      isDeadlineExplicit: undefined,
      isHoldout: true,
    });
  });

  it('tells the planner of the call that goes out, and asks it whether the tenant takes old answers', () => {
    const sent: unknown[] = [];
    const planner: RequestParts['planner'] = {
      acceptsStale: (tenantId) => tenantId === 'acme',
      promptRetentionDays: () => undefined,
      sent: (...told) => void sent.push(told),
    };
    const request = built({ planner });
    expect(request.acceptsStale).toBe(true);
    expect(sent).toEqual([]);
    request.onSent?.();
    expect(sent).toEqual([[features, sampleDecision]]);
  });
});

// A draft's record, priced by the product's own functions, so that its savings add up as those of real requests do.
import { createHash } from 'node:crypto';
import { batchEndpoint } from './world.mjs';

const prefixMinimum = 1_024;
const warmShare = 0.82;
/** Of providers that cache prompts without being asked. */
const warmAloneShare = { openai: 0.45, google: 0.35 };
const policyVersion = 'demo';
const commonErrors = [
  'upstream_rate_limited',
  'upstream_error',
  'upstream_timeout',
  'upstream_overloaded',
  'context_length_exceeded',
];
const errorWeights = [30, 25, 20, 15, 10];
const usualErrorRate = 0.012;
const unpricedShare = 0.01;

/** Half of the questions that come again are among the first dozens of a feature's questions. */
const knownQuestions = 400;

const hashOfText = (text) => createHash('sha256').update(text).digest('hex');

/** How a request fares: its cache tier, whether it is easy, deferred, fails. The order of the draws is part of the result. */
function fateOf({ feature, isHoldout, experiment, changes }, draw) {
  const errorRate = changes.errorRate ?? usualErrorRate + (experiment?.variant.outputFactor ? 0.008 : 0);
  const isNamed = draw.chance(0.2);
  const isEasy = !isHoldout && !isNamed && !changes.isHard && draw.chance(feature.simple);
  const cached = draw.next();
  const isCacheOff = isHoldout || changes.isRepeatFree === true;
  const isFailed = draw.chance(errorRate);
  const isDeferred = !isHoldout && !changes.isDirect && draw.chance(feature.deferred);
  const tier = isCacheOff || isFailed ? 'miss' : tierOf(feature, cached, draw);
  const isStream = draw.chance(feature.stream);
  return { isNamed, isEasy, isFailed, isDeferred: isDeferred && tier === 'miss' && !isFailed, tier, isStream };
}

function tierOf({ repeat, near }, cached, draw) {
  if (cached < repeat) return draw.weighted(['memory', 'exact', 'coalesced'], [48, 49, 3]);
  return cached < repeat + near ? 'semantic' : 'miss';
}

/** Which model answers, and from which price its saving is counted. */
function modelsOf({ feature, experiment, changes }, { isEasy }) {
  if (changes.model) return { used: changes.model, baseline: changes.model };
  const variantModel = experiment?.variant.model;
  if (variantModel) return { used: [feature.strong[0], variantModel], baseline: feature.strong };
  return { used: isEasy ? feature.easy : feature.strong, baseline: feature.strong };
}

function tokensOf({ feature, experiment, changes }, draw) {
  const shared = Math.round(feature.input * feature.prefix);
  const own = Math.max(20, Math.round(draw.around(feature.input * (1 - feature.prefix), 0.5)));
  const output = Math.max(4, Math.round(draw.around(feature.output, 0.55) * (experiment?.variant.outputFactor ?? 1)));
  return { shared, input: Math.round((shared + own) * (changes.inputFactor ?? 1)), output };
}

/** Tokens on their axes: what a provider's cache had, what was written there, what was fresh. */
function usageOf(library, { shared, input, output }, price, { isHoldout, isDeferred, isHit }, draw) {
  const warm = isHoldout ? (warmAloneShare[price.provider] ?? 0) : warmShare;
  const isWarm = draw.chance(warm);
  const isCached = shared >= prefixMinimum && price.perMillion.cacheRead !== undefined && !isDeferred && !isHit;
  const found = isCached && isWarm ? shared : 0;
  const written = isCached && !isWarm && !isHoldout && price.perMillion.cacheWriteShort !== undefined ? shared : 0;
  return {
    ...library.emptyUsage,
    freshInputTokens: input - found - written,
    cacheReadTokens: found,
    cacheWriteShortTokens: written,
    outputTokens: output,
  };
}

/** Milliseconds of an answer, and of its first token where it is streamed. */
function timesOf({ tier, isDeferred, isEasy, isStream, isFailed }, outputTokens, draw) {
  const own = { memory: [0.8, 3], exact: [1.5, 7], semantic: [4, 14] }[tier];
  if (own) return { latencyMs: draw.between(...own), firstTokenMs: isStream ? own[0] : undefined };
  // Batch APIs promise a day and mostly take minutes.
  if (isDeferred) return { latencyMs: draw.between(20, 240) * 1_000 };
  const first = draw.around(isEasy ? 320 : 720, 0.4);
  const latencyMs = isFailed ? draw.around(2_500, 0.9) : first + outputTokens * draw.around(isEasy ? 7 : 15, 0.2);
  return { latencyMs, firstTokenMs: isStream && !isFailed ? first : undefined };
}

const nothing = { paidNanoUsd: 0, baselineNanoUsd: 0, savings: { cache: 0, routing: 0, prefix: 0, batching: 0 } };

/** Of a priced run what stands on a record. */
const amountsOf = ({ paidNanoUsd, baselineNanoUsd, savings, priceVersion, priceAssumptions, otherCalls }) => ({
  paidNanoUsd,
  baselineNanoUsd,
  savings,
  priceVersion,
  priceAssumptions,
  otherCalls,
});

/** What a request of a fate costs and saves. */
function moneyOf(library, { used, baseline }, usage, { tier, isDeferred }, otherCalls) {
  const outcome = { usage, usageSource: 'provider', otherCalls, ...(isDeferred ? { serviceTier: 'batch' } : {}) };
  const priced = library.priceRun(outcome, { used, baseline });
  if (tier === 'miss') return priced;
  const { baselineNanoUsd, askAgainNanoUsd, priceVersion } = priced;
  return {
    paidNanoUsd: 0,
    baselineNanoUsd,
    savings: library.unpaidSavings({ baselineNanoUsd, askAgainNanoUsd }),
    priceVersion,
  };
}

function routeOf(library, draft, fate, models, complexity) {
  const { used, baseline } = models;
  const tier = library.tierOfPrice(used);
  const kind = draft.experiment ? 'experiment' : fate.isNamed || draft.changes.model ? 'explicit' : 'complexity';
  const reason = kind === 'complexity' ? `complexity ${complexity.toFixed(2)}: ${tier}` : kind;
  const candidates = [...new Set([used, baseline])].map(({ provider, model }) => ({ provider, model }));
  const route = draft.isHoldout ? { route: 'explicit', reason: 'holdout' } : { route: kind, reason };
  return { strategy: 'balanced', ...route, tier, ...(kind === 'complexity' ? { complexity } : {}), candidates };
}

/** A price lookup that remembers; throws where the list does not know a model of the demo on that day. */
export function createPrices(catalog) {
  return ([provider, model], atMs) => {
    const found = catalog.find({ provider, model, at: atMs });
    if (found.ok) return found.value.price;
    const day = new Date(atMs).toISOString().slice(0, 10);
    throw new Error(`The price list has no ${provider} ${model} on ${day}: choose a later --until.`);
  };
}

/** Makes records of drafts; `requestId` and the draws make the rest. See {@link draftsOf}. */
export function createRecordMaker({ library, catalog, untilMs }) {
  const priceOf = createPrices(catalog);
  return (draft, draw, requestId) => {
    const fate = fateOf(draft, draw);
    const models = modelsOf(draft, fate);
    const prices = { used: priceOf(models.used, draft.atMs), baseline: priceOf(models.baseline, draft.atMs) };
    const complexity = fate.isEasy ? draw.between(0.05, 0.34) : draw.between(0.36, 0.95);
    const tokens = tokensOf(draft, draw);
    const isHit = fate.tier !== 'miss';
    const usage = usageOf(
      library,
      tokens,
      prices.used,
      { isHoldout: draft.isHoldout, isDeferred: fate.isDeferred, isHit },
      draw,
    );
    const base = baseOf(library, draft, fate, { requestId, models, prices, complexity, draw, untilMs });
    if (fate.isFailed) return failed(library, base, { fate, prices, usage, draw });
    if (draft.feature.name === 'moderation' && !isHit && draw.chance(unpricedShare)) return unpriced(base, usage);
    const isDoubted = fate.isEasy && !isHit && !fate.isDeferred && draw.chance(0.03);
    const otherCalls = isDoubted ? [doubtful(draft, prices.used, usage)] : undefined;
    const answered = isDoubted ? { used: prices.baseline, baseline: prices.baseline } : prices;
    const money = moneyOf(library, answered, usage, fate, otherCalls);
    const [provider, model] = isDoubted ? models.baseline : models.used;
    return Object.assign(base, amountsOf(money), {
      provider,
      modelUsed: model,
      usage,
      upstreamCalls: isHit ? 0 : isDoubted ? 2 : 1,
    });
  };
}

/** The first answer, of the easy model, would not do. */
const doubtful = ({ feature }, price, usage) => ({
  reason: 'low_confidence',
  provider: feature.easy[0],
  model: feature.easy[1],
  detail: 'low_confidence:refusal',
  usage,
  usageSource: 'provider',
  price,
  latencyMs: 640,
});

function baseOf(library, draft, fate, { requestId, models, prices, complexity, draw, untilMs }) {
  const { tenant, feature, userId, isHoldout, experiment, atMs } = draft;
  const times = timesOf(fate, feature.output, draw);
  const latencyMs = Math.max(0.1, Math.min(times.latencyMs, untilMs - atMs - 1));
  const isKnown = fate.tier !== 'miss';
  const question = isKnown ? `${draw.zipf(knownQuestions)}` : requestId;
  const isNamed = fate.isNamed || draft.changes.model !== undefined || isHoldout;
  return {
    v: 1,
    requestId,
    attempt: fate.tier === 'miss' ? 'demo' : fate.tier,
    tenantId: tenant.id,
    teamId: feature.team,
    userId,
    keyId: `demo-key-${tenant.id.slice(5)}-${feature.team}`,
    featureName: feature.name,
    experimentId: experiment?.id,
    experimentVariant: experiment?.variant.name,
    endpoint: fate.isDeferred ? batchEndpoint : feature.endpoint,
    provider: models.used[0],
    modelAsked: isNamed ? models.baseline[1] : 'auto',
    modelUsed: models.used[1],
    routeReason: isHoldout ? 'holdout' : isNamed ? 'explicit' : 'complexity',
    policyVersion,
    route: routeOf(library, draft, fate, prices, complexity),
    cacheTier: fate.tier,
    ...(fate.tier === 'semantic' ? { cacheSimilarity: draw.between(0.92, 0.999) } : {}),
    stream: fate.isStream,
    usageSource: 'provider',
    httpStatus: 200,
    createdAtMs: atMs,
    finishedAtMs: Math.round(atMs + latencyMs),
    latencyMs,
    timeToFirstTokenMs: times.firstTokenMs === undefined ? undefined : Math.min(times.firstTokenMs, latencyMs),
    upstreamCalls: 1,
    promptHash: hashOfText(`${tenant.id}\n${feature.name}\n${question}`),
    ...(isHoldout ? { isHoldout: true } : {}),
  };
}

/** Most failures cost nothing; a stream that breaks off has cost what came by then. */
function failed(library, base, { fate, prices, usage, draw }) {
  const code = draw.weighted(commonErrors, errorWeights);
  if (fate.isStream && draw.chance(0.3)) {
    const partial = { ...usage, outputTokens: Math.ceil(usage.outputTokens * draw.between(0.1, 0.9)) };
    const money = library.priceRun({ usage: partial, usageSource: 'estimated' }, prices);
    const errorCode = 'stream_interrupted';
    return {
      ...base,
      ...amountsOf(money),
      usage: partial,
      usageSource: 'estimated',
      httpStatus: library.errorTable[errorCode].httpStatus,
      errorCode,
    };
  }
  return {
    ...base,
    ...nothing,
    priceVersion: prices.used.priceVersion,
    usageSource: 'none',
    httpStatus: library.errorTable[code].httpStatus,
    errorCode: code,
    upstreamCalls: 1 + Math.floor(draw.next() * 3),
  };
}

/** A model of one's own that nobody has priced: its cost is unknown, which is not nothing. */
const unpriced = (base, usage) => ({ ...base, ...nothing, provider: 'vllm', modelUsed: 'demo-own-model', usage });

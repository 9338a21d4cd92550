import { openSemanticTier } from './semantic-tier.mjs';

const tenantId = 'replay';
const memoryOptions = { maxEntries: 5_000, ttlMs: 60_000, maxBytes: 256 * 1024 * 1024 };
const exactLifetimeMs = 3_600_000;
const body = Buffer.alloc(1_024);

/**
 * One workload through the tiers on a gateway's road: its memory, a call under way for the same words, the exact tier, the semantic one, a
 * provider. Only what a provider said is stored: a semantic hit's own words are asked anew the next time.
 */
export async function replayTiers(library, models, { requests, limit, minSimilarity, auditShare, seed, latencyOf }) {
  const { clock } = library;
  clock.reset();
  const begunAtMs = clock.nowMs();
  const random = library.createRandom(seed);
  const state = {
    counts: {
      ...{ memory: 0, joined: 0, exact: 0, semantic: 0, misses: 0, wrong: 0, audits: 0 },
      // Look-ups for which a right answer was stored, and those of them whose own wording was not, in whatever form.
      ...{ possible: 0, reworded: 0, rewordedFound: 0 },
    },
    outcomes: {},
    /** Questions and the wrong ones whose answers they were given: a popular one is given it again and again. */
    wrongPairs: new Set(),
    memory: library.createMemoryTier(memoryOptions),
    exact: new Map(),
    /** Until when each cluster, and each wording, has an answer. */
    answeredUntilMs: new Map(),
    underWay: new Set(),
    ends: [],
    isSampled: () => random() < auditShare,
  };
  const entryOf = (fingerprint) => storedEntry(state, fingerprint, clock.nowMs());
  const semantic = await openSemanticTier(library, { models, limit, minSimilarity, entryOf, tenantId });
  for (const { atMs, outputTokens, question } of requests) {
    await finishUntil(begunAtMs + atMs - requests[0].atMs, { clock, state, semantic });
    await answer({ question, latencyMs: latencyOf(outputTokens) }, { clock, state, semantic });
  }
  await finishUntil(Infinity, { clock, state, semantic });
  const figures = figuresOf(requests.length, state, {
    ...semantic.status(),
    floor: models.verifier.thresholdFor(limit, false),
  });
  await semantic.close();
  return { limit, minSimilarity, ...figures };
}

/** Ends the calls that end by then, in order: what they say is stored, and compared where it is an audit. */
async function finishUntil(untilMs, { clock, state, semantic }) {
  const { ends, exact, memory, underWay, answeredUntilMs } = state;
  while (ends.length > 0 && ends[0].atMs <= untilMs) {
    const { atMs, question, isAnswered, audit } = ends.shift();
    clock.advanceTo(atMs);
    const { fingerprint, cluster, wording } = question;
    exact.set(fingerprint, { question, createdAtMs: atMs, expiresAtMs: atMs + exactLifetimeMs });
    for (const one of [cluster, wording]) answeredUntilMs.set(one, atMs + exactLifetimeMs);
    if (!isAnswered) {
      underWay.delete(fingerprint);
      memory.set(tenantId, fingerprint, answerAt(atMs));
    }
    await semantic.stored([fingerprint]);
    if (audit) semantic.audited(audit.probability, audit.isWrong);
  }
  if (untilMs < Infinity) clock.advanceTo(untilMs);
}

async function answer({ question, latencyMs }, { clock, state, semantic }) {
  const { counts, memory, exact, underWay, answeredUntilMs } = state;
  const { fingerprint, cluster, wording, text } = question;
  const nowMs = clock.nowMs();
  if (memory.get(tenantId, fingerprint)) return void (counts.memory += 1);
  if (underWay.has(fingerprint)) return void (counts.joined += 1);
  const kept = exact.get(fingerprint);
  if (kept && kept.expiresAtMs > nowMs) {
    memory.set(tenantId, fingerprint, answerAt(kept.createdAtMs), kept.expiresAtMs - nowMs);
    return void (counts.exact += 1);
  }
  const isAnsweredFor = (one) => (answeredUntilMs.get(one) ?? 0) > nowMs;
  const isReworded = isAnsweredFor(cluster) && !isAnsweredFor(wording);
  if (isAnsweredFor(cluster)) counts.possible += 1;
  if (isReworded) counts.reworded += 1;
  const found = await semantic.lookUp(text);
  state.outcomes[found.outcome] = (state.outcomes[found.outcome] ?? 0) + 1;
  const isWrongFor = (other) => exact.get(other)?.question.cluster !== cluster;
  const audit =
    found.isAudited && state.isSampled()
      ? { probability: found.probability, isWrong: isWrongFor(found.auditFingerprint) }
      : undefined;
  if (audit) counts.audits += 1;
  const isAnswered = found.fingerprint !== '';
  if (isAnswered) {
    counts.semantic += 1;
    if (isWrongFor(found.fingerprint)) {
      counts.wrong += 1;
      state.wrongPairs.add(`${fingerprint} ${found.fingerprint}`);
    } else if (isReworded) counts.rewordedFound += 1;
  } else {
    counts.misses += 1;
    underWay.add(fingerprint);
  }
  if (!isAnswered || audit) insert(state.ends, { atMs: nowMs + latencyMs, question, isAnswered, audit });
}

const answerAt = (createdAtMs) => ({
  header: { modelUsed: 'replay', modelAsked: 'replay', askedAtMs: createdAtMs, createdAtMs },
  body,
});

function storedEntry({ exact }, fingerprint, nowMs) {
  const kept = exact.get(fingerprint);
  if (!kept || kept.expiresAtMs <= nowMs) return undefined;
  const { question, createdAtMs, expiresAtMs } = kept;
  const { text } = question;
  const value = { valueNanoUsd: 0, sizeBytes: body.length };
  return { tenantId, fingerprint, text, contextHash: '', model: 'replay', createdAtMs, expiresAtMs, ...value };
}

/** Keeps them in order of their end; most end last. */
function insert(ends, one) {
  let at = ends.length;
  while (at > 0 && ends[at - 1].atMs > one.atMs) at -= 1;
  ends.splice(at, 0, one);
}

function figuresOf(requests, { counts, outcomes, wrongPairs }, status) {
  const { memory, joined, exact, semantic, misses, wrong, audits, possible, reworded, rewordedFound } = counts;
  const right = semantic - wrong;
  return {
    requests,
    ...counts,
    wrongPairs: wrongPairs.size,
    hitRate: (memory + joined + exact + semantic) / requests,
    exactOnlyRate: (memory + joined + exact) / requests,
    semanticRate: semantic / requests,
    wrongShareOfSemantic: semantic === 0 ? 0 : wrong / semantic,
    wrongShareOfRequests: wrong / requests,
    /** Of the look-ups for which a right answer was stored, those that got one. */
    foundShare: possible === 0 ? 0 : right / possible,
    foundShareOfReworded: reworded === 0 ? 0 : rewordedFound / reworded,
    upstreamCalls: misses + audits,
    outcomes,
    /** Probability from which answers are given: the higher of what the guard and the weights ask for. Above 1 none is. */
    guard: { state: status.state, threshold: status.threshold, floor: status.floor, inflation: status.inflation },
  };
}

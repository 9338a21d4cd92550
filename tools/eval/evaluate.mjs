// From answers to figures: each policy's cost and quality over all prompts and rounds.
import { createDecider, createDoubts, strongerThan } from './decide.mjs';
import { bootstrapMean } from './random.mjs';

/** An outcome of one request under a policy: what its calls cost, and what the answer that was given is worth. */
async function follow({ decision, doubtOf, outcomeOf }, prompt, round) {
  const first = await outcomeOf(prompt, decision.model.name, round);
  const stronger = decision.isConfidenceChecked ? strongerThan(decision) : undefined;
  const doubt = stronger && !first.error ? doubtOf(prompt, first, decision.minTokenProbability) : undefined;
  if (!doubt) return { ...first, tier: decision.model.tier, isSteppedUp: false };
  const second = await outcomeOf(prompt, stronger.name, round);
  const given = second.error ? first : second;
  return {
    ...given,
    costNanoUsd: first.costNanoUsd + second.costNanoUsd,
    latencyMs: first.latencyMs + second.latencyMs,
    tier: given === first ? decision.model.tier : stronger.tier,
    isSteppedUp: true,
  };
}

const mean = (values) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);

function figuresOf(rows, seed) {
  const flat = rows.flat();
  const scored = rows.map((row) => row.filter(({ score }) => score !== null)).filter((row) => row.length > 0);
  const scores = scored.map((row) => mean(row.map(({ score }) => score)));
  const share = (isCounted) => mean(flat.map((outcome) => (isCounted(outcome) ? 1 : 0)));
  return {
    costNanoUsd: mean(flat.map(({ costNanoUsd }) => costNanoUsd)),
    score: mean(scores),
    scoreInterval: bootstrapMean(scores, seed),
    promptScores: scores,
    right: mean(scored.flat().map(({ isRight }) => (isRight ? 1 : 0))),
    latencyMs: mean(flat.map(({ latencyMs }) => latencyMs)),
    tiers: Object.fromEntries(
      ['economy', 'standard', 'premium'].map((tier) => [tier, share((one) => one.tier === tier)]),
    ),
    steppedUp: share(({ isSteppedUp }) => isSteppedUp),
    failed: flat.filter(({ error }) => error !== undefined).length,
  };
}

/** Marks those that no other beats in cost without losing in score, nor the other way round. */
export function markFront(policies) {
  const beats = (a, b) =>
    a.costNanoUsd <= b.costNanoUsd && a.score >= b.score && (a.costNanoUsd < b.costNanoUsd || a.score > b.score);
  return policies.map((policy) => ({ ...policy, isOnFront: !policies.some((other) => beats(other, policy)) }));
}

/**
 * The best random mixture of fixed models at a cost, on the upper hull of their points: its score, and how much of which two. Null where all of
 * them cost more or less.
 */
export function mixtureAt(fixed, costNanoUsd) {
  let best = null;
  for (const cheap of fixed)
    for (const dear of fixed) {
      if (cheap.costNanoUsd > costNanoUsd || dear.costNanoUsd < costNanoUsd) continue;
      const span = dear.costNanoUsd - cheap.costNanoUsd;
      const dearShare = span > 0 ? (costNanoUsd - cheap.costNanoUsd) / span : dear.score > cheap.score ? 1 : 0;
      const score = cheap.score + dearShare * (dear.score - cheap.score);
      if (best === null || score > best.score) best = { score, cheap, dear, dearShare };
    }
  return best;
}

/** Saved against always premium, and what the choice by the prompt is worth: prompt by prompt against the mixture, so that their difficulty cancels. */
function withComparisons(policies, seed) {
  const fixed = policies.filter(({ tier }) => tier !== undefined);
  const premium = fixed.find(({ tier }) => tier === 'premium');
  return policies.map(({ promptScores, ...policy }) => {
    const mixture = mixtureAt(fixed, policy.costNanoUsd);
    const gains = mixture
      ? promptScores.map((score, at) => {
          const { cheap, dear, dearShare } = mixture;
          return score - (1 - dearShare) * cheap.promptScores[at] - dearShare * dear.promptScores[at];
        })
      : [];
    return {
      ...policy,
      savedOfPremium: premium ? 1 - policy.costNanoUsd / premium.costNanoUsd : null,
      overMixture: mixture ? policy.score - mixture.score : null,
      overMixtureInterval: policy.tier === undefined ? bootstrapMean(gains, seed) : null,
    };
  });
}

/**
 * Figures of each policy. `outcomeOf(prompt, model, round)`: the scored answer of a model; asked only where a policy needs it.
 * `liveOutcomeOf(prompt, policy, round)`: of the running system's own choice.
 */
export async function evaluatePolicies(library, { policies, models, prompts, rounds, seed, outcomeOf, liveOutcomeOf }) {
  const doubtOf = createDoubts(library);
  const evaluated = [];
  for (const policy of policies) {
    const decide = policy.isLive ? undefined : createDecider(library, policy, models);
    const rows = [];
    for (const prompt of prompts) {
      const row = [];
      const decision = decide?.(prompt);
      for (let round = 0; round < rounds; round += 1)
        row.push(
          policy.isLive
            ? await liveOutcomeOf(prompt, policy, round)
            : await follow({ decision, doubtOf, outcomeOf }, prompt, round),
        );
      rows.push(row);
    }
    const byDifficulty = {};
    for (const difficulty of ['simple', 'moderate', 'complex']) {
      const own = rows.filter((_, at) => prompts[at].difficulty === difficulty).flat();
      byDifficulty[difficulty] = mean(own.flatMap(({ score }) => score ?? []));
    }
    evaluated.push({ name: policy.name, tier: policy.tier, ...figuresOf(rows, seed), byDifficulty });
  }
  return withComparisons(markFront(evaluated), seed);
}

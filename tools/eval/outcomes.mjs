// Scored answers: asked once, kept, and scored by the prompt's checks.
import { createHash } from 'node:crypto';
import { compileChecks } from './checks.mjs';
import { AnswerFailed } from './live.mjs';

const hashOf = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The checks of each prompt, compiled once. `judgeModel` names the judge in the store. */
export function createScorers({ prompts, embed, judge, judgeModel, store }) {
  const scorers = new Map();
  for (const prompt of prompts) {
    const keptJudge =
      judge &&
      ((question) =>
        store.get(
          { kind: 'judge', promptId: prompt.id, model: judgeModel, round: hashOf(question.answer + question.criteria) },
          () => judge(question),
        ));
    scorers.set(prompt.id, compileChecks(prompt, { embed, judge: keptJudge }));
  }
  return (prompt) => scorers.get(prompt.id);
}

const failure = (error) => ({ error: error.message, text: '', costNanoUsd: 0, latencyMs: 0, score: 0, isRight: false });

/** `outcomeOf(prompt, model, round)` and the same of the running system's own choice, whose model may be another one: `tierOf(name)`. */
export function createOutcomes({ source, store, scorerOf, models, tierOf, skipped, failures }) {
  const byName = new Map(models.map((model) => [model.name, model]));
  const scored = new Map();
  const outcome = async (name, prompt, ask) => {
    let answer;
    try {
      answer = await store.get(name, ask);
    } catch (error) {
      if (!(error instanceof AnswerFailed)) throw error;
      failures.push({ model: name.model, prompt: prompt.id, why: error.message });
      return failure(error);
    }
    const { score, isRight, results } = await scorerOf(prompt)(answer.text);
    for (const { kind, score: one } of results) if (one === null) skipped.add(`${prompt.id} ${kind}`);
    return { ...answer, score, isRight };
  };
  const once = (name, prompt, ask) => {
    const key = JSON.stringify(name);
    if (!scored.has(key)) scored.set(key, outcome(name, prompt, ask));
    return scored.get(key);
  };
  return {
    outcomeOf: (prompt, model, round) =>
      once({ kind: 'model', promptId: prompt.id, model, round }, prompt, () =>
        source.ask(prompt, byName.get(model), round),
      ),
    async liveOutcomeOf(prompt, policy, round) {
      const model = `auto${policy.quality ? `:${policy.quality}` : ''}${policy.userTier ? `@${policy.userTier}` : ''}`;
      const headers = {
        ...(policy.quality ? { 'x-costlane-quality': policy.quality } : {}),
        ...(policy.userTier ? { 'x-costlane-user-tier': policy.userTier } : {}),
      };
      const found = await once({ kind: 'auto', promptId: prompt.id, model, round }, prompt, () =>
        source.ask(prompt, { name: 'auto' }, round, headers),
      );
      const isSteppedUp = found.decision?.includes('low_confidence') ?? false;
      return { ...found, tier: tierOf(found.modelUsed), isSteppedUp };
    },
  };
}

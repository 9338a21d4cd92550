// Answers of models that are not there: right with a probability, else wrong by a rule, the same for the same seed.
import { drawOf } from './random.mjs';
import { commonShare, visibleShare } from './simulated-models.mjs';
import { wrongAnswer } from './wrong-answer.mjs';

const refusal = "I'm sorry, but I can't help with that.";

/** Wrong in a way that shows. */
function visiblyWrong(reference, draw) {
  const cut = reference.slice(0, Math.ceil(reference.length * 0.4));
  const forms = [
    { text: refusal, finishReason: 'stop' },
    { text: '', finishReason: 'stop' },
    { text: cut, finishReason: 'length' },
  ];
  return forms[Math.floor(draw * forms.length)];
}

/**
 * Asks simulated models. `ask(prompt, model, round)` resolves with text, finishReason, tokens, cost and latency. `scorerOf(prompt)`: its checks, by
 * which wrong answers are found.
 */
export function createSimulation(library, { seed, scorerOf }) {
  const wrongs = new Map();
  const wrongOf = async (prompt) => {
    if (!wrongs.has(prompt.id))
      wrongs.set(
        prompt.id,
        wrongAnswer(prompt, async (answer) => (await scorerOf(prompt)(answer)).isRight),
      );
    return wrongs.get(prompt.id);
  };
  async function said(prompt, model, round) {
    const draw = (what, ...more) => drawOf(seed, round, prompt.id, what, ...more);
    const isCommon = draw('is-common', model.name) < commonShare;
    const luck = isCommon ? draw('common') : draw('own', model.name);
    if (luck < model.ability[prompt.difficulty]) return { text: prompt.reference, finishReason: 'stop' };
    if (draw('shows', model.name) < visibleShare) return visiblyWrong(prompt.reference, draw('form', model.name));
    return { text: await wrongOf(prompt), finishReason: 'stop' };
  }
  return {
    async ask(prompt, model, round) {
      const { text, finishReason } = await said(prompt, model, round);
      const body = { ...prompt.body, messages: prompt.messages };
      const scales = { predictGain: () => undefined, expectOutputTokens: () => 0 };
      const { promptTokens } = library.readContent(body, scales);
      const outputTokens = library.estimateTokens(text);
      return {
        text,
        finishReason,
        promptTokens,
        outputTokens,
        costNanoUsd: library.expectedCostNanoUsd(model.price, promptTokens, outputTokens),
        latencyMs: model.speed.firstTokenMs + (outputTokens / model.speed.tokensPerSecond) * 1_000,
        modelUsed: model.name,
      };
    },
  };
}

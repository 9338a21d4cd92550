// What a policy makes of a prompt: the product's own decision, the call that follows, and a second one where the first answer will not do.

/** The model that stands for a tier: the cheapest of it by list price, the best of those. Throws where there is none. */
function modelOfTier(library, models, tier) {
  const usual = (model) => library.expectedCostNanoUsd(model.price, 3_000, 1_000);
  const [cheapest] = models.filter((model) => model.tier === tier && model.price).sort((a, b) => usual(a) - usual(b));
  if (!cheapest)
    throw new Error(`no model of the tier "${tier}" is among ${models.map(({ name }) => name).join(', ')}`);
  return cheapest.name;
}

/** Under which name a policy's requests go out: of a model, or `auto`. */
export function modelAskedBy(library, policy, models) {
  if (policy.tier) return modelOfTier(library, models, policy.tier);
  if (policy.model === undefined) return 'auto';
  if (!models.some(({ name }) => name === policy.model))
    throw new Error(
      `policy "${policy.name}": there is no model "${policy.model}"; there is ${models.map(({ name }) => name).join(', ')}`,
    );
  return policy.model;
}

/** `decide(prompt)`: what the product decides under this policy. Throws the product's own error where it refuses. */
export function createDecider(library, policy, models) {
  const autoModels = models.map(({ name }) => name);
  const settings = { ...library.defaultRoutingSettings, autoModels, ...policy.settings };
  const defaultModel = (models.find(({ tier }) => tier === 'standard') ?? models[0]).name;
  const routing = library.createPolicy({ version: 'evaluation', models, settings, defaultModel });
  const modelAsked = modelAskedBy(library, policy, models);
  const predictGain = policy.hasPredictor === false ? () => undefined : (text) => library.predictor.predict(text);
  const scales = {
    weights: settings.complexityWeights,
    predictGain,
    expectOutputTokens: library.createOutputLengths().expect,
  };
  return function decide(prompt) {
    const decision = library.chooseModel(routing, {
      modelAsked,
      quality: policy.quality,
      userTier: policy.userTier,
      content: () => library.readContent({ ...prompt.body, messages: prompt.messages }, scales),
    });
    if (!decision.ok) throw decision.error;
    return { ...decision.value, minTokenProbability: settings.minTokenProbability };
  };
}

const tierRanks = { economy: 0, standard: 1, premium: 2 };

/** What the worker would find wrong with an answer; undefined: it will do. */
export function createDoubts(library) {
  const schemas = library.createSchemaChecks();
  return function doubtOf(prompt, { text, finishReason }, minTokenProbability) {
    const format = prompt.body?.response_format;
    const json = format?.type?.startsWith('json') ? { schema: format.json_schema?.schema } : undefined;
    const facts = { text, finishReason, hasRefusal: false, hasOtherContent: false, logprobSum: 0, logprobTokens: 0 };
    const hasLimit = (prompt.body?.max_tokens ?? prompt.body?.max_completion_tokens) !== undefined;
    return library.assessAnswer({ facts, check: { minTokenProbability, json }, hasLimit }, schemas);
  };
}

/** The stronger model to which a doubtful answer's question goes. */
export const strongerThan = ({ model, fallbacks }) =>
  fallbacks.find(({ tier }) => tierRanks[tier] > tierRanks[model.tier]);

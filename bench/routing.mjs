// What choosing a model costs a gateway, without the way there: `npm run bench -- routing`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadSources, root } from '../tools/lib/load-sources.mjs';

const entry = `
export { createRoutePlanner } from './apps/gateway/src/core/routing/route-planner';
export { chatInspector } from './apps/gateway/src/doors/chat-door';
export { createPriceCatalog } from './libs/pricing/src/index';
export { chooseModel, createPolicy } from './libs/domain/src/index';
export { createPredictorOf } from './libs/routing-predictor/src/create-routing-predictor';
export { decodeWeights } from './libs/routing-predictor/src/model/weights-file';
`;
const decisions = 20_000;
const warmUp = 5_000;
const modelsInPool = 24;
const tiers = ['economy', 'standard', 'premium'];

const capabilities = {
  tools: true,
  vision: true,
  audio: false,
  jsonMode: true,
  jsonSchema: true,
  reasoning: true,
  logprobs: true,
};

function policyOf({ createPolicy }) {
  const models = Array.from({ length: modelsInPool }, (_, at) => ({
    name: `model-${at}`,
    provider: `provider-${at % 3}`,
    upstreamModel: `model-${at}`,
    isEnabled: true,
    isBreakerOpen: false,
    tier: tiers[at % tiers.length],
    contextTokens: 128_000,
    maxOutputTokens: 16_000,
    quality: 0.6 + at / 100,
    isAutoChoice: true,
    capabilities,
    price: {
      provider: `provider-${at % 3}`,
      model: `model-${at}`,
      serviceTier: 'standard',
      validFrom: null,
      validTo: null,
      priceVersion: 'bench',
      perMillion: { freshInput: String(1 + at), output: String(4 + 4 * at) },
    },
  }));
  return createPolicy({ version: '1', models });
}

/** Prompts of our own, each with a number, so that no body comes twice. */
function bodies(count) {
  const file = path.join(root, 'libs/domain/src/complexity/fixtures/labelled-prompts.json');
  const prompts = JSON.parse(readFileSync(file, 'utf8'));
  const texts = (Array.isArray(prompts) ? prompts : prompts.prompts).map((prompt) => prompt.text ?? prompt.prompt);
  const system =
    'You are a helpful assistant of a software company. Answer to the point and say what you are not sure of. ';
  return Array.from({ length: count }, (_, at) =>
    Buffer.from(
      JSON.stringify({
        model: 'auto',
        messages: [
          { role: 'system', content: system.repeat(6) },
          { role: 'user', content: `${texts[at % texts.length]} (${at})` },
        ],
      }),
    ),
  );
}

/** CPU µs an item, and the 99th percentile of the time of each. */
function measure(items, act) {
  items.slice(0, warmUp).forEach(act);
  const measured = items.slice(warmUp);
  const times = new Float64Array(measured.length);
  const before = process.cpuUsage();
  for (const [at, item] of measured.entries()) {
    const startedAt = performance.now();
    act(item, at);
    times[at] = (performance.now() - startedAt) * 1_000;
  }
  const { user, system } = process.cpuUsage(before);
  times.sort();
  return { cpuUs: (user + system) / measured.length, p99Us: times[Math.floor(times.length * 0.99)] };
}

export async function measureRouting() {
  const lib = await loadSources({ contents: entry, external: 'packages' });
  const weights = lib.decodeWeights(readFileSync(path.join(root, 'libs/routing-predictor/weights/router-weights.bin')));
  const predictor = lib.createPredictorOf(weights);
  const policy = policyOf(lib);
  const planner = lib.createRoutePlanner({ policy: () => policy, predictGain: (text) => predictor.predict(text) });
  const caller = { tenantId: 'bench', role: 'member', rateLimitPerMinute: 0 };
  const all = bodies(warmUp + decisions).map((raw, at) => ({ raw, bodyHash: `hash-${at}` }));
  const check = ({ raw, bodyHash }) => planner.guard.check('bench', bodyHash, raw, lib.chatInspector);
  const choose =
    (modelAsked) =>
    ({ raw, bodyHash }) => {
      const features = planner.featuresOf({ caller, controls: {}, modelAsked, bodyHash, chatForm: () => raw });
      const chosen = lib.chooseModel(policy, features);
      if (!chosen.ok) throw chosen.error;
      return chosen.value;
    };
  const seen = all.slice(0, 500);
  const again = Array.from({ length: warmUp + decisions }, (_, at) => seen[at % seen.length]);
  const rows = [
    ['auto, a body that is new', measure(all, choose('auto'))],
    ['auto, a body seen before', measure(again, choose('auto'))],
    ['a named model', measure(all, choose('model-3'))],
    ['personal data and secrets, a body that is new', measure(all, check)],
    ['personal data and secrets, a body seen before', measure(again, check)],
  ];
  const bytes = Math.round(all.reduce((sum, { raw }) => sum + raw.length, 0) / all.length);
  return [
    `${modelsInPool} models to choose from, bodies of ${bytes} bytes on average, ${decisions} decisions a row`,
    '| what | CPU µs | p99 µs |',
    '| --- | --- | --- |',
    ...rows.map(([name, { cpuUs, p99Us }]) => `| ${name} | ${cpuUs.toFixed(1)} | ${p99Us.toFixed(0)} |`),
  ].join('\n');
}

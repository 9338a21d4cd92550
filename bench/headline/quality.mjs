// What is predicted of the answers' quality: nobody has judged them, for the mock has no quality of its own.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { simulatedModels } from '../../tools/eval/simulated-models.mjs';
import { root } from '../../tools/lib/load-sources.mjs';

const best = 'mock-premium';

/** The catalogue's qualities of the mock's models. */
function catalogueQualities() {
  const { models } = JSON.parse(readFileSync(path.join(root, 'libs/pricing/src/catalog/model-facts.json'), 'utf8'));
  const ofMock = models.filter(({ provider, quality }) => provider === 'mock' && quality);
  return Object.fromEntries(ofMock.flatMap((entry) => entry.models.map((name) => [name, entry.quality.value])));
}

/** Assumed probabilities to answer rightly, by model and difficulty, as `npm run eval` has them; prices are not looked at. */
const abilities = Object.fromEntries(
  simulatedModels([]).map(({ name, ability }) => [name.replace(/^sim-/, 'mock-'), ability]),
);

/**
 * `counts`: answers by difficulty and model. Three views: the catalogue's quality of the answering models; the assumed share of right answers; and by
 * the ledger's `choices` the share of calls that went to a cheaper model though, by the router's own prediction, only a stronger one would do.
 */
export function predictedQuality({ counts, choices }) {
  const qualities = catalogueQualities();
  const totals = { answers: 0, quality: 0, right: 0, rightOfBest: 0 };
  for (const [difficulty, byModel] of Object.entries(counts)) {
    for (const [model, count] of Object.entries(byModel)) {
      if (qualities[model] === undefined) continue;
      totals.answers += count;
      totals.quality += qualities[model] * count;
      // Questions without a label of their difficulty count as simple ones.
      totals.right += (abilities[model][difficulty] ?? abilities[model].simple) * count;
      totals.rightOfBest += (abilities[best][difficulty] ?? abilities[best].simple) * count;
    }
  }
  const calls = choices.reduce((sum, { requests }) => sum + requests, 0);
  const atRisk = choices.reduce((sum, { model, gain, requests }) => sum + (model === best ? 0 : gain * requests), 0);
  return {
    quality: totals.quality / totals.answers,
    qualityOfBest: qualities[best],
    right: totals.right / totals.answers,
    rightOfBest: totals.rightOfBest / totals.answers,
    atRisk: calls === 0 ? 0 : atRisk / calls,
  };
}

// The product's own code as it stands in the sources: what the evaluation and the replay run of it.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSources, root, withoutSideEffects } from '../lib/load-sources.mjs';

export const shippedPromptsFile = fileURLToPath(new URL('./prompts.jsonl', import.meta.url));

const decisionEntry = `
export { chooseModel } from './libs/domain/src/routing/choose-model';
export { createPolicy } from './libs/domain/src/routing/create-policy';
export { createOutputLengths } from './libs/domain/src/routing/output-lengths';
export { expectedCostNanoUsd } from './libs/domain/src/routing/expected-cost';
export { readContent } from './libs/domain/src/routing/read-content';
export { modelTiers, tierOfPrice } from './libs/domain/src/routing/model-tier';
export { defaultRoutingSettings } from './libs/domain/src/routing/routing-settings';
export { estimateTokens } from './libs/domain/src/money/estimate-tokens';
import { createRoutingPredictor } from './libs/routing-predictor/src/index';
export const predictor = createRoutingPredictor(${JSON.stringify(path.join(root, 'libs/routing-predictor/weights/router-weights.bin'))});
`;

/** What the evaluation runs: decisions, the look at doubtful answers, and the static embedder. */
export const evalEntry = `${decisionEntry}
export { mockPrices } from './libs/pricing/src/mock-prices';
export { assessAnswer } from './apps/provider-worker/src/confidence/assess-answer';
export { createSchemaChecks } from './apps/provider-worker/src/confidence/schema-checks';
import { loadStaticModel } from './libs/embedding/src/static/load-static-model';
export const staticModel = loadStaticModel(${JSON.stringify(path.join(root, 'libs/embedding/model/static-model.bin'))});
`;

/** What the replay runs: decisions and prices. */
export const replayEntry = `${decisionEntry}
export { replayTraffic } from './libs/domain/src/routing/what-if/replay-traffic';
export { costOfUsage } from './libs/domain/src/money/cost-of-usage';
export { createPriceCatalog } from './libs/pricing/src/price-catalog';
export { autoChoiceOf } from './libs/pricing/src/catalog/auto-choice';
`;

/** The module of an entry. */
export const loadLibrary = (entry) => loadSources({ contents: entry, plugins: [withoutSideEffects] });

// The TypeScript that the two commands run.
import path from 'node:path';
import { loadSources, root } from '../lib/load-sources.mjs';

export { root };

export const shippedWeightsFile = path.join(root, 'libs/routing-predictor/weights/router-weights.bin');
export const labelledPromptsFile = path.join(root, 'libs/domain/src/complexity/fixtures/labelled-prompts.json');

const entry = `
export * from './libs/routing-predictor/src/training/index';
export { estimateComplexity } from './libs/domain/src/complexity/estimate-complexity';
`;

/** Predictor, its training and the complexity score, as one module. */
export const loadLibrary = () => loadSources({ contents: entry, keptAs: 'dist/tools/router.mjs' });

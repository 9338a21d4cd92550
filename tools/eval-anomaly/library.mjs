// The TypeScript that is evaluated: what cost-attribution runs.
import { loadSources, root } from '../lib/load-sources.mjs';

export { root };

const names = 'AnomalyDetector, FeedbackBook, RollupSteps, mergeFindings, judgementsOf, defaultAnomalySettings';
const entry = `export { ${names} } from './libs/domain/src/index';`;

export const loadLibrary = () => loadSources({ contents: entry });

export { createPredictorOf } from '../create-routing-predictor';
export { loadRouterWeights } from '../load-router-weights';
export { createScorer } from '../model/create-scorer';
export { decodeWeights, encodeWeights } from '../model/weights-file';
export { readFeatures, type OutcomeRow, type PromptFeatures } from './read-features';
export { drawFolds } from './seeded-random';
export { defaultRouterOptions, trainRouter, type RouterOptions } from './train-router';

import { loadSources } from '../lib/load-sources.mjs';

const entry = `
export { clusterVectors } from './libs/domain/src/batching/cluster-vectors';
export { createBatchScheduler } from './libs/domain/src/batching/create-batch-scheduler';
export { createFifoScheduler } from './libs/domain/src/batching/testing/fifo-scheduler';
export { seededRandom } from './libs/domain/src/batching/testing/random';
export { floodTenant, makeScenario, scenarioNames } from './libs/domain/src/batching/testing/scenarios';
export { simulateBatcher } from './libs/domain/src/batching/testing/simulate-batcher';
export { quantile, summariseRun } from './libs/domain/src/batching/testing/summarise-run';
export { defaultProvider, meanServiceMs, populate } from './libs/domain/src/batching/testing/synthetic-workload';
`;

/** The scheduler and its simulation as they stand in the sources. */
export const loadLibrary = () => loadSources({ contents: entry });

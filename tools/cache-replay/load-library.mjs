import path from 'node:path';
import { loadSources, root, withoutSideEffects } from '../lib/load-sources.mjs';

const entry = `
export { createLocalNeighbourhood } from './apps/cache/src/semantic/local-neighbourhood';
export { createLookUpService } from './apps/cache/src/semantic/look-up.service';
export { createFalseHitGuard } from './apps/cache/src/semantic/false-hit-guard';
export { createMemoryTier } from './libs/response-store/src/memory-tier';
export { createStaticEmbedder } from './libs/embedding/src/static/create-static-embedder';
export { loadStaticModel } from './libs/embedding/src/static/load-static-model';
export { createPairVerifier, loadVerifierWeights } from './libs/semantic-verifier/src/index';
export { parseAuthored } from './libs/semantic-verifier/src/training/authored-pairs';
export { parsePairs } from './libs/semantic-verifier/src/training/labelled-pair';
export { createRandom, shuffle } from './libs/semantic-verifier/src/training/seeded-random';
export { createEmbeddedIndex } from './libs/vector-index/src/index';
export { fingerprint } from './libs/domain/src/fingerprint';
`;
const clockEntry = `export { clock } from './tools/cache-replay/virtual-clock.mjs';`;

/** The product's own code as it stands in the sources. `hasVirtualClock`: with the time of virtual-clock.mjs, whose `clock` comes along. */
export const loadLibrary = ({ hasVirtualClock = true } = {}) =>
  loadSources({
    contents: hasVirtualClock ? entry + clockEntry : entry,
    inject: hasVirtualClock ? [path.join(root, 'tools/cache-replay/virtual-clock.mjs')] : [],
    plugins: [withoutSideEffects],
  });

// Training on an operator's pairs, as both commands do it.
import { createHash } from 'node:crypto';
import { denseCosinesOf } from './dense.mjs';
import { shippedWeightsFile } from './library.mjs';
import { createProgress } from './options.mjs';
import { readShippedPairs } from './rows.mjs';

/** Of the pairs that ship, so many help to train: more of them add time, not quality. */
const basePairsUsed = 6_000;

/** Adapted weights, the rows they come from and who scored them while held out. `denseFiles`: cosines of the pairs, if there are files. */
export async function adaptTo(library, { extractor, pairs, dense, denseFiles, withBase, seed }) {
  const cosines = await denseCosinesOf(dense, denseFiles, pairs);
  const rows = library.extractRows(extractor, pairs, cosines);
  const basePairs = withBase
    ? library.balanceSources(library.samplePairs(readShippedPairs(library), basePairsUsed, 1))
    : [];
  const baseCosines = cosines && basePairs.length > 0 ? await dense.cosinesOf?.(basePairs) : undefined;
  const adapted = library.adaptVerifier({
    rows,
    baseRows: basePairs.length > 0 ? library.extractRows(extractor, basePairs, baseCosines) : undefined,
    base: library.loadVerifierWeights(shippedWeightsFile),
    seed,
    modelId: `adapted-${createHash('sha256')
      .update(JSON.stringify([pairs, seed, withBase]))
      .digest('hex')
      .slice(0, 8)}`,
    onProgress: createProgress('training'),
  });
  return { adapted, rows, cosines };
}

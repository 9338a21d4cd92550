import { setImmediate as nextTurn } from 'node:timers/promises';
import { assertWanted, closed } from '../call-limits';
import type { Embedder, StaticModel } from '../embedder';

/** After this much work in one go the event loop gets a turn: other requests wait behind this one. */
const turnMs = 4;

/** The built-in model behind the port of all embedders. Needs no network, no other library and no warming up. */
export function createStaticEmbedder(model: StaticModel): Embedder {
  let isClosed = false;
  return {
    modelId: model.modelId,
    dimension: model.dimension,
    async embed(texts, options) {
      const vectors: Float32Array[] = [];
      let turnEndsAtMs = performance.now() + turnMs;
      if (isClosed) throw closed();
      assertWanted(options);
      for (const text of texts) {
        if (performance.now() >= turnEndsAtMs) {
          await nextTurn();
          if (isClosed) throw closed();
          assertWanted(options);
          turnEndsAtMs = performance.now() + turnMs;
        }
        vectors.push(model.embed(text));
      }
      return vectors;
    },
    async close() {
      isClosed = true;
    },
  };
}

import { embedText } from '@costlane/testing';
import { assertWanted, closed } from '../call-limits';
import { withinLimits } from '../call-end';
import type { Embedder } from '../embedder';

export interface FakeEmbedder extends Embedder {
  /** The texts of each call, in their order. */
  readonly calls: readonly (readonly string[])[];
  /** Calls from now on wait until it is called, and then fail with the error if there is one. */
  hold(): (error?: Error) => void;
}

/** Hashed words as vectors: equal texts give equal ones, like texts like ones. For specs. */
export function createFakeEmbedder(dimension = 64): FakeEmbedder {
  const calls: (readonly string[])[] = [];
  let gate: Promise<void> = Promise.resolve();
  let isClosed = false;

  const embedAll = async (texts: readonly string[]): Promise<Float32Array[]> => {
    await gate;
    return texts.map((text) => (text.trim() === '' ? new Float32Array(dimension) : embedText(text, dimension)));
  };

  return {
    modelId: `fake-${dimension}`,
    dimension,
    calls,
    hold() {
      let release: (error?: Error) => void = () => undefined;
      gate = new Promise((resolve, reject) => {
        release = (error) => {
          gate = Promise.resolve();
          if (error) reject(error);
          else resolve();
        };
      });
      return (error) => release(error);
    },
    async embed(texts, limits) {
      if (isClosed) throw closed();
      assertWanted(limits);
      calls.push([...texts]);
      return withinLimits(embedAll(texts), limits);
    },
    async close() {
      isClosed = true;
    },
  };
}

/** How long answers come out, by the complexity of what was asked. */
export interface OutputLengths {
  expect(complexity: number): number;
  /** An answer has come. */
  observe(complexity: number, outputTokens: number): void;
}

const BUCKETS = 10;
/** What an answer counts against all before it: half of the weight lies on the last seventy or so. */
const WEIGHT = 0.01;
/** Before anything was seen: from a short answer to an essay. */
const shortest = 80;
const longest = 1_200;

/** Running means, one for each tenth of complexity; they begin with a guess that grows with complexity. */
export function createOutputLengths(): OutputLengths {
  const means = Array.from({ length: BUCKETS }, (_, at) => shortest + ((longest - shortest) * at) / (BUCKETS - 1));
  const bucketOf = (complexity: number): number => Math.min(BUCKETS - 1, Math.max(0, Math.floor(complexity * BUCKETS)));
  return {
    expect: (complexity) => means[bucketOf(complexity)] ?? shortest,
    observe(complexity, outputTokens) {
      const at = bucketOf(complexity);
      const mean = means[at] ?? shortest;
      if (Number.isFinite(outputTokens)) means[at] = mean + WEIGHT * (outputTokens - mean);
    },
  };
}

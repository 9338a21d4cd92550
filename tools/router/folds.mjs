// Predictions of rows by weights that never saw them.

/**
 * What weights that were trained on the other folds say of each row: the score, which ranks and means the same in every fold (expected difference of
 * success), and the calibrated probability, which rises with it but is flat where outcomes hardly differ, so that small differences between folds would
 * shuffle the rows of one fold among those of another.
 */
export function outOfFold(library, rows, { folds = 5, seed, onFold, share = 1 }) {
  const features = library.readFeatures(rows);
  const foldOf = library.drawFolds(rows.length, folds, seed);
  const scores = new Float64Array(rows.length);
  const probabilities = new Float64Array(rows.length);
  for (let fold = 0; fold < folds; fold += 1) {
    const others = Int32Array.from(rows.keys()).filter((row) => foldOf[row] !== fold);
    // A part of the rows for a learning curve: those of a second, independent division.
    const partOf = library.drawFolds(others.length, 100, seed + 1_000);
    const chosen = share < 1 ? others.filter((_, at) => partOf[at] < 100 * share) : others;
    const weights = library.trainRouter(features, chosen, `fold-${fold}`);
    const { predict } = library.createPredictorOf(weights);
    const score = library.createScorer(weights);
    rows.forEach(({ prompt }, row) => {
      if (foldOf[row] !== fold) return;
      scores[row] = score(prompt);
      probabilities[row] = predict(prompt);
    });
    onFold?.(fold + 1, folds);
  }
  return { scores, probabilities, foldOf };
}

/** The plain complexity score of each prompt. */
export const complexities = (library, rows) =>
  Float64Array.from(
    rows,
    ({ prompt }) =>
      library.estimateComplexity({
        text: prompt,
        turns: 1,
        contextTokens: prompt.length / 4,
        hasTools: false,
        hasImages: false,
        wantsStructuredOutput: false,
      }).complexity,
  );

/** µs of one call: the median and the 90th percentile over the rows, after a warm-up. */
export function timeCalls(rows, run) {
  const some = rows.slice(0, 3_000);
  for (let call = 0; call < 6_000; call += 1) run(some[call % some.length].prompt);
  const samples = Float64Array.from(some, ({ prompt }) => {
    const startedAt = performance.now();
    run(prompt);
    return (performance.now() - startedAt) * 1000;
  }).sort();
  const at = (share) => Number(samples[Math.floor(share * (samples.length - 1))].toFixed(1));
  return { median: at(0.5), p90: at(0.9) };
}

// Predictions of rows by weights that never saw them.

/** Probabilities of all rows, each by weights trained on the other folds; the calibration, too, sees only those. */
export function outOfFold(library, rows, { folds = 5, seed, onFold }) {
  const features = library.readFeatures(rows);
  const foldOf = library.drawFolds(rows.length, folds, seed);
  const predictions = new Float64Array(rows.length);
  for (let fold = 0; fold < folds; fold += 1) {
    const chosen = Int32Array.from(rows.keys()).filter((row) => foldOf[row] !== fold);
    const { predict } = library.createPredictorOf(library.trainRouter(features, chosen, `fold-${fold}`));
    rows.forEach(({ prompt }, row) => {
      if (foldOf[row] === fold) predictions[row] = predict(prompt);
    });
    onFold?.(fold + 1, folds);
  }
  return predictions;
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

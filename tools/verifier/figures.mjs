// Figures of trained models on the rows that each fold held out.

/** By kind of model (`static`, `dense`): ranking, calibration, and what thresholds chosen without a fold do in it. */
export function figuresOfAdapted(library, rows, trained, { folds = trained.folds } = {}) {
  const kinds = ['static', 'dense'].filter((kind) => trained[kind] && rows[kind]);
  return Object.fromEntries(
    kinds.map((kind) => {
      const { heldOutProbabilities } = trained[kind];
      const { labels } = rows[kind];
      const pointFor = (rate) => library.heldOutPoint(heldOutProbabilities, labels, folds, rate);
      return [kind, library.verifierFigures(heldOutProbabilities, labels, pointFor)];
    }),
  );
}

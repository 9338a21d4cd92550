// What a ranking of prompts is worth, when those at its top go to the strong model and the others to the weak one.

/** Row numbers from the highest score down; ties keep their order. */
export const rank = (scores) =>
  Int32Array.from({ length: scores.length }, (_, row) => row).sort(
    (first, second) => scores[second] - scores[first] || first - second,
  );

const sumOf = (rows, read) => rows.reduce((sum, row) => sum + read(row), 0);

/** Summed quality with the first 0, 1, … all rows of the ranking on the strong model. */
function qualities(scores, rows) {
  const totals = new Float64Array(rows.length + 1);
  totals[0] = sumOf(rows, ({ weak }) => weak);
  rank(scores).forEach((row, at) => {
    totals[at + 1] = totals[at] + rows[row].strong - rows[row].weak;
  });
  return totals;
}

/**
 * Average performance gap recovered (RouteLLM, Ong et al. 2024): the mean, over shares of strong calls from 0 to `upTo`, of the share of the gap
 * between the two models that is closed. 0.5 for a random order.
 */
export function apgr(scores, rows, upTo = 1) {
  const totals = qualities(scores, rows);
  const gap = totals[rows.length] - totals[0];
  const last = Math.round(upTo * rows.length);
  let area = 0;
  for (let at = 1; at <= last; at += 1) area += (totals[at - 1] + totals[at]) / 2 - totals[0];
  return area / gap / last;
}

/** Least share of strong calls with which the summed quality reaches `aim` for good or for the first time, going down the ranking. */
function strongShareFor(scores, rows, aim) {
  const totals = qualities(scores, rows);
  const found = totals.findIndex((total) => total >= aim - 1e-9);
  return found < 0 ? 1 : found / rows.length;
}

/** Share of strong calls avoided at this share of the strong model's quality. */
export const savingAt = (scores, rows, quality) =>
  1 - strongShareFor(scores, rows, quality * sumOf(rows, ({ strong }) => strong));

/** Share of strong calls that recovers this share of the gap. */
export function callsForGap(scores, rows, share) {
  const weak = sumOf(rows, (row) => row.weak);
  return strongShareFor(scores, rows, weak + share * (sumOf(rows, (row) => row.strong) - weak));
}

/** The same figures of a random order, in expectation. */
export function randomFigures(rows) {
  const [strong, weak] = [sumOf(rows, (row) => row.strong), sumOf(rows, (row) => row.weak)];
  const saving = (quality) => Math.min(1, Math.max(0, 1 - (quality * strong - weak) / (strong - weak)));
  return { apgr: 0.5, saving95: saving(0.95), saving978: saving(0.978), callsFor50: 0.5, callsFor80: 0.8 };
}

export const figuresOf = (scores, rows) => ({
  apgr: apgr(scores, rows),
  saving95: savingAt(scores, rows, 0.95),
  saving978: savingAt(scores, rows, 0.978),
  callsFor50: callsForGap(scores, rows, 0.5),
  callsFor80: callsForGap(scores, rows, 0.8),
});

/** Mean of objects of numbers, field by field. */
export const meanOf = (figures) =>
  Object.fromEntries(
    Object.keys(figures[0]).map((name) => [name, sumOf(figures, (own) => own[name]) / figures.length]),
  );

/** Expected calibration error: mean distance between predicted and observed share, in ranges of equally many rows. */
export function calibrationError(probabilities, labels, ranges = 15) {
  const order = rank(probabilities);
  let error = 0;
  for (let range = 0; range < ranges; range += 1) {
    let gap = 0;
    const end = Math.floor(((range + 1) * order.length) / ranges);
    for (let at = Math.floor((range * order.length) / ranges); at < end; at += 1)
      gap += probabilities[order[at]] - labels[order[at]];
    error += Math.abs(gap);
  }
  return error / order.length;
}

/** Predicted and observed share in tenths of the rows, lowest first. */
export function reliability(probabilities, labels, ranges = 10) {
  const order = rank(probabilities).reverse();
  return Array.from({ length: ranges }, (_, range) => {
    const rows = order.subarray(
      Math.floor((range * order.length) / ranges),
      Math.floor(((range + 1) * order.length) / ranges),
    );
    const mean = (values) => rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
    return { predicted: mean(probabilities), observed: mean(labels) };
  });
}

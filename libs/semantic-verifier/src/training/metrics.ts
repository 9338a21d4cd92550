/** Row numbers from the highest score down; ties keep their order. */
export function rankByScore(scores: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, row) => row).sort(
    (first, second) => (scores[second] as number) - (scores[first] as number) || first - second,
  );
}

export interface OperatingPoint {
  /** Pairs with at least this score are answered; Infinity answers none. */
  threshold: number;
  /** Share of the same pairs that are answered. */
  recall: number;
  /** Share of the different pairs that are answered. */
  falseHitRate: number;
  /** Share of the answered pairs that are the same; 1 when none is answered. */
  precision: number;
}

/** What a threshold does on labelled pairs (1 same, 0 different). */
export function operatingPoint(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
): OperatingPoint {
  let same = 0;
  let rightHits = 0;
  let wrongHits = 0;
  for (let row = 0; row < scores.length; row += 1) {
    const isSame = labels[row] === 1;
    if (isSame) same += 1;
    if ((scores[row] as number) < threshold) continue;
    if (isSame) rightHits += 1;
    else wrongHits += 1;
  }
  const different = scores.length - same;
  return {
    threshold,
    recall: same === 0 ? 0 : rightHits / same,
    falseHitRate: different === 0 ? 0 : wrongHits / different,
    precision: rightHits + wrongHits === 0 ? 1 : rightHits / (rightHits + wrongHits),
  };
}

/** The lowest threshold whose false-hit rate on these pairs is at most the given one: chosen with hindsight, for comparison only. */
export function pointAtFalseHitRate(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  maxFalseHitRate: number,
): OperatingPoint {
  const order = rankByScore(scores);
  const different = order.reduce((total, row) => total + (labels[row] === 1 ? 0 : 1), 0);
  let wrong = 0;
  let threshold = Infinity;
  for (let at = 0; at < order.length; at += 1) {
    const row = order[at] as number;
    if (labels[row] !== 1) wrong += 1;
    if (wrong > maxFalseHitRate * different) break;
    const next = order[at + 1];
    if (next === undefined || scores[next] !== scores[row]) threshold = scores[row] as number;
  }
  return operatingPoint(scores, labels, threshold);
}

/** Area under the precision-recall curve (average precision; ties count as one step). */
export function precisionRecallArea(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = rankByScore(scores);
  const same = order.reduce((total, row) => total + (labels[row] === 1 ? 1 : 0), 0);
  let right = 0;
  let countedRight = 0;
  let area = 0;
  for (let at = 0; at < order.length; at += 1) {
    const row = order[at] as number;
    if (labels[row] === 1) right += 1;
    const next = order[at + 1];
    if (next !== undefined && scores[next] === scores[row]) continue;
    area += ((right - countedRight) / Math.max(1, same)) * (right / (at + 1));
    countedRight = right;
  }
  return area;
}

/** Probability that a same pair scores above a different one; ties count half. */
export function rocArea(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = rankByScore(scores);
  let sameAbove = 0;
  let wins = 0;
  let different = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    let sameHere = 0;
    const score = scores[order[start] as number];
    for (; end < order.length && scores[order[end] as number] === score; end += 1)
      if (labels[order[end] as number] === 1) sameHere += 1;
    const differentHere = end - start - sameHere;
    wins += differentHere * (sameAbove + sameHere / 2);
    sameAbove += sameHere;
    different += differentHere;
    start = end;
  }
  return sameAbove === 0 || different === 0 ? 0.5 : wins / (sameAbove * different);
}

/** Mean distance between predicted and observed share in ranges of equally many pairs (expected calibration error). */
export function calibrationError(probabilities: ArrayLike<number>, labels: ArrayLike<number>, ranges = 15): number {
  const order = rankByScore(probabilities);
  let error = 0;
  for (let range = 0; range < ranges; range += 1) {
    const rows = order.subarray(
      Math.floor((range * order.length) / ranges),
      Math.floor(((range + 1) * order.length) / ranges),
    );
    let gap = 0;
    for (const row of rows) gap += (probabilities[row] as number) - (labels[row] === 1 ? 1 : 0);
    error += Math.abs(gap);
  }
  return order.length === 0 ? 0 : error / order.length;
}

import type { GainCalibration } from '../model/router-weights';

export interface CalibrationOptions {
  /** Ranges of equally many rows that the curve begins with. */
  ranges: number;
  /** Rows of average outcome that are added to each range. */
  priorRows: number;
  /** Log-odds that a standard deviation of the score adds at least, so that no two scores get one probability. */
  leastRise: number;
}

export const defaultCalibration: CalibrationOptions = { ranges: 24, priorRows: 12, leastRise: 0.05 };

interface Block {
  score: number;
  labels: number;
  rows: number;
  /** Scores of the ranges that were merged into the block. */
  knots: number[];
}

const logOdds = (share: number): number => Math.log(share / (1 - share));

/**
 * From held-out scores to the probability of their label (1: only the strong model succeeded): isotonic regression over ranges of rows (pool adjacent
 * violators, Ayer et al. 1955), as a rising line through the ranges' means.
 */
export function fitCalibration(
  scores: Float64Array,
  labels: Float64Array,
  options: CalibrationOptions = defaultCalibration,
): GainCalibration {
  const order = Int32Array.from(scores.keys()).sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  const mean = sumBy(order, (row) => scores[row] as number) / order.length;
  const deviation = Math.sqrt(sumBy(order, (row) => ((scores[row] as number) - mean) ** 2) / order.length) || 1;
  const prior = sumBy(order, (row) => labels[row] as number) / order.length;
  const blocks: Block[] = [];
  for (let range = 0; range < options.ranges; range += 1) {
    const from = Math.floor((range * order.length) / options.ranges);
    const rows = order.subarray(from, Math.floor(((range + 1) * order.length) / options.ranges));
    if (rows.length === 0) continue;
    const score = sumBy(rows, (row) => scores[row] as number) / rows.length;
    blocks.push({
      score,
      labels: sumBy(rows, (row) => labels[row] as number) + options.priorRows * prior,
      rows: rows.length + options.priorRows,
      knots: [score],
    });
    mergeFalling(blocks);
  }
  const slope = options.leastRise / deviation;
  const knots = blocks.flatMap(({ labels: right, rows, knots: own }) =>
    own.map((score) => ({
      score,
      logOdds: logOdds(Math.min(0.999, Math.max(0.001, right / rows))) + slope * (score - mean),
    })),
  );
  return { slope, scores: knots.map(({ score }) => score), logOdds: knots.map((knot) => knot.logOdds) };
}

/** Joins the last blocks as long as the one before has the higher share. */
function mergeFalling(blocks: Block[]): void {
  for (;;) {
    const last = blocks[blocks.length - 1];
    const before = blocks[blocks.length - 2];
    if (!last || !before || before.labels / before.rows < last.labels / last.rows) return;
    before.labels += last.labels;
    before.rows += last.rows;
    before.knots.push(...last.knots);
    blocks.pop();
  }
}

const sumBy = (rows: Int32Array, read: (row: number) => number): number =>
  rows.reduce((sum, row) => sum + read(row), 0);

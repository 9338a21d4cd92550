import type { Calibration } from '../model/calibration';
import { rankByScore } from './metrics';

interface Block {
  /** Sums over the block's pairs, by weight. */
  score: number;
  same: number;
  weight: number;
}

/** Ranges that isotonic regression starts from; fewer, when there are few pairs: each should hold about 40. */
const maxRanges = 100;
const rowsPerRange = 40;

/**
 * Isotonic regression (pool adjacent violators; Zadrozny and Elkan 2002) on ranges of equally many pairs, joined by straight lines in log-odds.
 * The shares are drawn in by a pair of each kind, so that a range without a wrong pair is not taken for certainty.
 */
export function fitCalibration(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number>,
): Calibration {
  const order = rankByScore(scores).reverse();
  const ranges = Math.max(1, Math.min(maxRanges, Math.floor(order.length / rowsPerRange)));
  const blocks: Block[] = [];
  for (let range = 0; range < ranges; range += 1) {
    const rows = order.subarray(
      Math.floor((range * order.length) / ranges),
      Math.floor(((range + 1) * order.length) / ranges),
    );
    blocks.push(blockOf(rows, scores, labels, weights));
    while (blocks.length > 1 && shareOf(blocks.at(-1)) <= shareOf(blocks.at(-2))) {
      const upper = blocks.pop() as Block;
      const lower = blocks.pop() as Block;
      blocks.push({
        score: lower.score + upper.score,
        same: lower.same + upper.same,
        weight: lower.weight + upper.weight,
      });
    }
  }
  const points = blocks.filter(({ weight }) => weight > 0);
  return {
    scores: points.map(({ score, weight }) => score / weight),
    logOdds: points.map((block) => Math.log(shareOf(block) / (1 - shareOf(block)))),
  };
}

function blockOf(
  rows: Int32Array,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number>,
): Block {
  const block = { score: 0, same: 0, weight: 0 };
  for (const row of rows) {
    const weight = weights[row] as number;
    block.score += weight * (scores[row] as number);
    block.same += labels[row] === 1 ? weight : 0;
    block.weight += weight;
  }
  return block;
}

const shareOf = (block: Block | undefined) => ((block?.same ?? 0) + 1) / ((block?.weight ?? 0) + 2);

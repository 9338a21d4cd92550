import { createFalseHitController, type FalseHitState } from '../model/false-hit-controller';
import { createRandom, shuffle } from './seeded-random';

export interface ReplayOptions {
  /** Largest wrong share among semantic hits, 0 to 1. */
  limit: number;
  /** Share of the candidates that is audited, of hits as of misses whose candidate came near. */
  auditShare: number;
  seed: number;
  /** How often the pairs come by, each time in another order. */
  rounds: number;
}

export interface ReplayResult {
  candidates: number;
  hits: number;
  wrongHits: number;
  /** Wrong hits / hits; 0 without hits. */
  wrongShare: number;
  /** Right hits / candidates that could have been answered. */
  recall: number;
  state: FalseHitState;
}

/** Labelled pairs as traffic under the controller: each is the best candidate of one request; audits are drawn by the seed. */
export function replayTraffic(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: ReplayOptions,
): ReplayResult {
  const random = createRandom(options.seed);
  const controller = createFalseHitController({ limit: options.limit });
  const order = Int32Array.from({ length: labels.length }, (_, row) => row);
  let hits = 0;
  let rightHits = 0;
  let answerable = 0;
  for (let round = 0; round < options.rounds; round += 1) {
    shuffle(order, random);
    for (const row of order) {
      const probability = probabilities[row] as number;
      const isSame = labels[row] === 1;
      if (isSame) answerable += 1;
      const isHit = controller.admit(probability);
      if (isHit) {
        hits += 1;
        if (isSame) rightHits += 1;
      }
      if (random() < options.auditShare) controller.recordAudit(probability, !isSame);
    }
  }
  const wrongHits = hits - rightHits;
  return {
    candidates: labels.length * options.rounds,
    hits,
    wrongHits,
    wrongShare: hits === 0 ? 0 : wrongHits / hits,
    recall: answerable === 0 ? 0 : rightHits / answerable,
    state: controller.status().state,
  };
}

export interface ReplayFigures {
  limit: number;
  auditShare: number;
  seeds: number;
  hitsMean: number;
  wrongShareMean: number;
  wrongShareMax: number;
  /** Share of the seeds whose wrong share was within the limit. */
  withinLimitShare: number;
  recallMean: number;
}

/** The same over many seeds. */
export function replayManySeeds(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  { limit, auditShare, rounds, seeds }: Omit<ReplayOptions, 'seed'> & { seeds: number },
): ReplayFigures {
  const runs = Array.from({ length: seeds }, (_, index) =>
    replayTraffic(probabilities, labels, { limit, auditShare, rounds, seed: index + 1 }),
  );
  const mean = (valueOf: (run: ReplayResult) => number) => runs.reduce((sum, run) => sum + valueOf(run), 0) / seeds;
  return {
    limit,
    auditShare,
    seeds,
    hitsMean: mean(({ hits }) => hits),
    wrongShareMean: mean(({ wrongShare }) => wrongShare),
    wrongShareMax: Math.max(...runs.map(({ wrongShare }) => wrongShare)),
    withinLimitShare: mean(({ wrongShare }) => (wrongShare <= limit ? 1 : 0)),
    recallMean: mean(({ recall }) => recall),
  };
}

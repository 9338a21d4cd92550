import { CostlaneError } from '@costlane/domain';
import { createCandidateHistogram, leastWrongShare } from './candidate-histogram';
import { gammaQuantile, shareBounds, type ShareBounds } from './share-bounds';

export interface FalseHitControllerOptions {
  /** Largest share of the semantic hits that may be wrong, 0 to 1 (0.01: one hit in a hundred). */
  limit: number;
  /** How many times too small the predicted wrong share is believed to be before audits say better. Default 1.5. */
  priorInflation?: number;
  /** How much that belief weighs, in wrong hits. Default 3. */
  priorStrength?: number;
  /** Share of the limit that is aimed at; the rest is for what the estimate misses. Default 0.8. */
  margin?: number;
  /** After so many further candidates an old one counts half. Default 5,000. */
  candidateHalfLife?: number;
}

/** `normal`: aims at the limit; `tightened`: audits showed more wrong hits than that, it aims lower; `off`: nothing is good enough, no hits. */
export type FalseHitState = 'normal' | 'tightened' | 'off';

export interface FalseHitStatus {
  state: FalseHitState;
  /** Probability from which hits are served; above 1 none is. */
  threshold: number;
  /**
   * Probability from which audits teach: what could be served if the predictions proved right. Those not served are misses whose fresh answer is
   * made anyway, so that comparing it with the stored one costs no caller a wrong answer; without them a strict limit would never loosen.
   */
  auditThreshold: number;
  /** Semantic hits so far, how many of them were audited, and how many of these were wrong. */
  hits: number;
  audits: number;
  wrong: number;
  /** Wrong share among the audited hits, and its 80 % interval. */
  observedRate: number;
  interval: ShareBounds;
  /** How many times the predicted wrong share is taken (upper bound). */
  inflation: number;
}

export interface FalseHitController {
  /** Whether a candidate of this calibrated probability may be answered now. Call it once for every candidate: it learns the traffic's mix. */
  admit(probability: number): boolean;
  /** What the comparison of a stored answer with a fresh one said; of a hit, or of a candidate from `auditThreshold` on that was not served. */
  recordAudit(probability: number, isWrong: boolean): void;
  status(): FalseHitStatus;
}

const boundZ = 1.2816; // 90 % on one side
const relaxZ = 0.8416; // 80 % on one side
const tightestFactor = 1 / 4;
/** Audits at the limit that the alarm believes in beforehand, so that one bad draw does not set it off. */
const alarmPriorAudits = 50;
/** An audit older than so many others counts half: the world changes. */
const auditHalfLife = 1_000;
const recomputeEvery = 25;
const learnCandidates = 200;
/** The threshold sinks by at most this share of its distance to where it should be, at each recomputation; it rises at once. */
const relaxShare = 0.1;

/**
 * Keeps the wrong share among semantic hits at or below a limit, whatever the calibration promised. Pure: no clock, no randomness; the
 * caller draws which hits are audited, independently of their probability. Throws a CostlaneError where the limit is not between 0 and 1.
 *
 * The threshold is the lowest at which the mean predicted wrong share of what would be served, times an inflation factor, is within the limit. The
 * factor's posterior is a gamma distribution over audited wrong hits by predicted ones, taken at its upper bound. Beside it, an alarm on the
 * audited share itself halves the aim, and switches the tier off in the end.
 */
export function createFalseHitController(options: FalseHitControllerOptions): FalseHitController {
  const { limit, priorInflation = 1.5, priorStrength = 3, margin = 0.8, candidateHalfLife = 5_000 } = options;
  if (!(limit > 0 && limit < 1))
    throw new CostlaneError('invalid_request', 'the false-hit limit must be between 0 and 1, such as 0.01', {
      field: 'limit',
    });
  const candidates = createCandidateHistogram(candidateHalfLife);
  const forget = 0.5 ** (1 / auditHalfLife);
  let foreseenWrong = priorStrength / priorInflation;
  let foundWrong = priorStrength;
  let factor = 1;
  let isOff = false;
  let stage = { audits: 0, wrong: 0 };
  const seen = { hits: 0, audits: 0, wrong: 0 };
  let threshold = 2;
  let auditThreshold = 2;

  const inflation = () => Math.max(1, gammaQuantile(foundWrong, boundZ) / foreseenWrong);

  const recompute = () => {
    const aim = limit * factor * margin;
    const isMixKnown = candidates.count >= learnCandidates;
    // While the mix is unknown each candidate has to hold the limit by itself.
    const wanted = isMixKnown ? candidates.thresholdFor(aim, inflation()) : 1 - aim / inflation();
    if (threshold > 1 || wanted >= threshold) threshold = wanted;
    else threshold -= (threshold - wanted) * relaxShare;
    auditThreshold = Math.min(threshold, isMixKnown ? candidates.thresholdFor(limit, 1) : 1 - limit);
  };

  const changeStage = (nextFactor: number, off: boolean) => {
    factor = nextFactor;
    isOff = off;
    stage = { audits: 0, wrong: 0 };
  };

  const judgeStage = () => {
    const alarm = shareBounds(stage.wrong, stage.audits, boundZ, limit * alarmPriorAudits, alarmPriorAudits);
    if (alarm.low > limit) {
      const isLast = isOff || factor / 2 < tightestFactor;
      changeStage(isLast ? factor : factor / 2, isLast);
      return;
    }
    if (factor === 1 && !isOff) return;
    if (shareBounds(stage.wrong, stage.audits, relaxZ).high > limit) return;
    changeStage(isOff ? factor : Math.min(1, factor * 2), false);
  };

  recompute();
  return {
    admit(probability) {
      candidates.add(probability);
      if (candidates.count % recomputeEvery === 0) recompute();
      const isServed = !isOff && probability >= threshold;
      if (isServed) seen.hits += 1;
      return isServed;
    },
    recordAudit(probability, isWrong) {
      if (probability < auditThreshold) return;
      foreseenWrong = foreseenWrong * forget + Math.max(leastWrongShare, 1 - probability);
      foundWrong = Math.max(0.5, foundWrong * forget) + (isWrong ? 1 : 0);
      if (probability >= threshold) {
        stage.audits += 1;
        stage.wrong += isWrong ? 1 : 0;
        if (!isOff) seen.audits += 1;
        if (!isOff && isWrong) seen.wrong += 1;
        judgeStage();
      }
      recompute();
    },
    status() {
      return {
        // A threshold that no candidate reaches says that none was probable enough, not that answers were wrong.
        state: isOff ? 'off' : factor < 1 ? 'tightened' : 'normal',
        threshold: isOff ? 2 : threshold,
        auditThreshold,
        ...seen,
        observedRate: seen.audits === 0 ? 0 : seen.wrong / seen.audits,
        interval: shareBounds(seen.wrong, seen.audits, boundZ),
        inflation: inflation(),
      };
    },
  };
}

import {
  calibrationError,
  operatingPoint,
  pointAtFalseHitRate,
  precisionRecallArea,
  rocArea,
  type OperatingPoint,
} from './metrics';
import type { LabelledPair } from './labelled-pair';

/** Aimed false-hit rates that are reported. */
export const reportedRates = [0.005, 0.01, 0.02, 0.05] as const;

/** Cosine thresholds that are reported. */
export const reportedCosines = [0.8, 0.82, 0.84, 0.86, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98] as const;

export interface AimedPoint {
  aimedFalseHitRate: number;
  /** With the threshold that the weights carry for this rate. */
  asShipped: OperatingPoint;
  /** With a threshold chosen on these very pairs: what the ranking could give, not what can be promised. */
  chosenHere: OperatingPoint;
}

export interface VerifierFigures {
  precisionRecallArea: number;
  rocArea: number;
  calibrationError: number;
  aimed: AimedPoint[];
}

export interface CosineFigures {
  precisionRecallArea: number;
  rocArea: number;
  /** At fixed cosines. */
  at: OperatingPoint[];
  /** At the cosine chosen on these pairs for each reported rate. */
  chosenHere: (OperatingPoint & { aimedFalseHitRate: number })[];
}

/** Finite numbers for JSON: a threshold that takes nothing is written as null by JSON.stringify, so it becomes 2. */
const finite = (point: OperatingPoint): OperatingPoint =>
  Number.isFinite(point.threshold) ? point : { ...point, threshold: 2 };

/**
 * Figures of calibrated probabilities (0 where a veto refuses). `shippedPoint`: what the weights' threshold for a rate does, or those of several
 * folds. `crossCalibrated`: where the calibration has seen these pairs, probabilities by one that has not, for the error of calibration.
 */
export function verifierFigures(
  probabilities: Float64Array,
  labels: Uint8Array,
  shippedPoint: (aimedFalseHitRate: number) => OperatingPoint,
  crossCalibrated: Float64Array = probabilities,
): VerifierFigures {
  return {
    precisionRecallArea: precisionRecallArea(probabilities, labels),
    rocArea: rocArea(probabilities, labels),
    calibrationError: calibrationError(crossCalibrated, labels),
    aimed: reportedRates.map((rate) => ({
      aimedFalseHitRate: rate,
      asShipped: finite(shippedPoint(rate)),
      chosenHere: finite(pointAtFalseHitRate(probabilities, labels, rate)),
    })),
  };
}

/** Figures of a cosine alone. */
export function cosineFigures(cosines: ArrayLike<number>, labels: Uint8Array): CosineFigures {
  return {
    precisionRecallArea: precisionRecallArea(cosines, labels),
    rocArea: rocArea(cosines, labels),
    at: reportedCosines.map((threshold) => operatingPoint(cosines, labels, threshold)),
    chosenHere: reportedRates.map((rate) => ({
      aimedFalseHitRate: rate,
      ...finite(pointAtFalseHitRate(cosines, labels, rate)),
    })),
  };
}

export interface SourceFigures {
  source: string;
  same: number;
  different: number;
  /** Share of the same and of the different pairs that is answered; null where there is none. */
  recall: number | null;
  falseHitRate: number | null;
}

/** What is answered, source by source. */
export function figuresBySource(pairs: readonly LabelledPair[], isAnswered: (row: number) => boolean): SourceFigures[] {
  const bySource = new Map<string, { same: number; different: number; right: number; wrong: number }>();
  pairs.forEach(({ source, same }, row) => {
    const counts = bySource.get(source) ?? { same: 0, different: 0, right: 0, wrong: 0 };
    counts[same ? 'same' : 'different'] += 1;
    if (isAnswered(row)) counts[same ? 'right' : 'wrong'] += 1;
    bySource.set(source, counts);
  });
  return [...bySource.entries()]
    .sort(([first], [second]) => (first < second ? -1 : 1))
    .map(([source, { same, different, right, wrong }]) => ({
      source,
      same,
      different,
      recall: same === 0 ? null : right / same,
      falseHitRate: different === 0 ? null : wrong / different,
    }));
}

export interface VetoFigures {
  veto: string;
  refusedSame: number;
  refusedDifferent: number;
  /** Share of the same pairs that it refuses: what it costs. */
  sameRefusedShare: number;
  /** Share of the different pairs that it refuses: what it is for. */
  differentRefusedShare: number;
}

/** What each veto refuses by itself, and all of them together. */
export function vetoFigures(vetoes: readonly (string | undefined)[], labels: Uint8Array): VetoFigures[] {
  const same = labels.reduce((total, label) => total + label, 0);
  const different = labels.length - same;
  const figure = (veto: string, isRefused: (row: number) => boolean): VetoFigures => {
    let refusedSame = 0;
    let refusedDifferent = 0;
    labels.forEach((label, row) => {
      if (!isRefused(row)) return;
      if (label === 1) refusedSame += 1;
      else refusedDifferent += 1;
    });
    return {
      veto,
      refusedSame,
      refusedDifferent,
      sameRefusedShare: refusedSame / Math.max(1, same),
      differentRefusedShare: refusedDifferent / Math.max(1, different),
    };
  };
  const names = [...new Set(vetoes.filter((veto) => veto !== undefined))].sort();
  return [
    ...names.map((name) => figure(name, (row) => vetoes[row] === name)),
    figure('any', (row) => vetoes[row] !== undefined),
  ];
}

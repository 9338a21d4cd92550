import { loadRouterWeights } from './load-router-weights';
import { calibrated } from './model/calibrated';
import { createScorer } from './model/create-scorer';
import type { RouterWeights } from './model/router-weights';
import type { RoutingPredictor } from './routing-predictor';

let shipped: RoutingPredictor | undefined;

/** A predictor with weights of one's own; its buffers are its own, some 400 KB. */
export function createPredictorOf(weights: RouterWeights): RoutingPredictor {
  const score = createScorer(weights);
  return { id: weights.id, predict: (text) => calibrated(weights.calibration, score(text)) };
}

/**
 * The predictor with the weights that ship, read when it is first made and once a process; or with those of `file`. Throws a CostlaneError:
 * `unavailable` where the weights are missing, `internal` where they are damaged.
 */
export function createRoutingPredictor(file?: string): RoutingPredictor {
  if (file !== undefined) return createPredictorOf(loadRouterWeights(file));
  shipped ??= createPredictorOf(loadRouterWeights());
  return shipped;
}

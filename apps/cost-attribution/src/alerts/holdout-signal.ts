import type { FeatureDeps } from '../feature';
import type { AlertSignals } from './alert-conditions';

/** Until savings are measured against the holdout, there is nothing to be alarmed about. */
export function holdoutSignal(_deps: FeatureDeps): AlertSignals['holdoutSavings'] {
  return () => Promise.resolve([]);
}

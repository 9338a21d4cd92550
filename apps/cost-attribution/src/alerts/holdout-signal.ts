import type { FeatureDeps } from '../feature';
import { createMeasuredShares } from '../holdout/measured-shares';
import type { AlertSignals } from './alert-conditions';

/** Savings as the holdout shows them; nothing while too few users are held out. */
export const holdoutSignal = ({ ledger }: Pick<FeatureDeps, 'ledger'>): AlertSignals['holdoutSavings'] =>
  createMeasuredShares(ledger.analytics);

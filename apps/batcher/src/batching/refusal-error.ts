import { CostlaneError, type OfferVerdict } from '@costlane/domain';

/** Why a job is not asked. `shed`: it was let in before an overload was seen; `poison`: it comes round again and again. */
export type Refusal = Extract<OfferVerdict, { isAccepted: false }>['reason'] | 'shed' | 'cancelled' | 'poison';

/** What the caller is told. */
export function errorOf(reason: Refusal, retryAfterMs?: number): CostlaneError {
  switch (reason) {
    case 'cancelled':
      return new CostlaneError('cancelled', 'The client has gone.');
    case 'deadline':
      return new CostlaneError('deadline_exceeded', 'The deadline passed while the request was waiting.');
    case 'poison':
      return new CostlaneError('internal', 'This request ended its batcher several times and was put aside.');
    case 'full':
    case 'overload':
    case 'shed':
      return new CostlaneError('overloaded', 'More is asked than can be answered at the moment.', { retryAfterMs });
  }
}

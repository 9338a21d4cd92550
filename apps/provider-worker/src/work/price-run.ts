import type { OtherCall, SavingsNanoUsd } from '@costlane/contracts';
import {
  addNanoUsd,
  attributeSavings,
  costOfUsage,
  MoneyError,
  subtractNanoUsd,
  zeroNanoUsd,
  type ModelPrice,
  type NanoUsd,
  type SavingsByCause,
} from '@costlane/domain';
import type { PaidCall, RunOutcome } from './run-outcome';

/** What a run's amounts are counted by. */
export interface RunPrices {
  /** Of the model that answered; undefined: not known, so what it cost is flagged as unknown. */
  used: ModelPrice | undefined;
  /** Of the model that the caller would have used without us; undefined: of the one that answered. */
  baseline?: ModelPrice;
  /** The service tier that the caller asked for: what that saves is no saving of ours. Absent: the standard one. */
  tierAsked?: string;
}

export interface Money {
  paidNanoUsd: number;
  baselineNanoUsd: number;
  savings: SavingsNanoUsd;
  priceVersion?: string;
  /** What the price did not say; undefined: it said everything. */
  priceAssumptions?: string[];
}

export interface PricedRun extends Money {
  /** What the same answer costs with the model that gave it, at list price: what a cached copy saves. */
  askAgainNanoUsd: number;
  otherCalls?: OtherCall[];
}

type PricedCall = Omit<OtherCall, 'paidNanoUsd'> & { paidNanoUsd: NanoUsd };

const NO_SAVINGS: SavingsByCause = {
  cache: zeroNanoUsd,
  routing: zeroNanoUsd,
  prefix: zeroNanoUsd,
  batching: zeroNanoUsd,
};

/**
 * Cost and savings of a run. Without usage nothing was delivered and nothing is owed for the answer; without a price the record says so by
 * having no version. What calls beside the answer cost is paid as well and lowers what routing saved, so that
 * `baseline − paid = cache + routing + prefix + batching` holds as it does without them. Throws {@link MoneyError} for usage of the answer
 * that cannot be priced.
 */
export function priceRun(outcome: RunOutcome, prices: RunPrices): PricedRun {
  const priced = priceAnswer(outcome, prices);
  return outcome.otherCalls && outcome.otherCalls.length > 0 ? withOthers(priced, outcome.otherCalls) : priced;
}

interface PricedAnswer extends PricedRun {
  paidNanoUsd: NanoUsd;
  savings: SavingsByCause;
}

function priceAnswer({ usage, serviceTier }: RunOutcome, { used, baseline, tierAsked }: RunPrices): PricedAnswer {
  const priceVersion = used?.priceVersion;
  if (!usage || !used) {
    return { paidNanoUsd: zeroNanoUsd, baselineNanoUsd: 0, savings: NO_SAVINGS, priceVersion, askAgainNanoUsd: 0 };
  }
  const attributed = attributeSavings({
    usage,
    usedPrice: used,
    baselinePrice: baseline,
    requestedServiceTier: tierAsked,
    serviceTier,
  });
  const { paidNanoUsd, baselineNanoUsd, savings, assumptions } = attributed;
  const askAgainNanoUsd = subtractNanoUsd(baselineNanoUsd, savings.routing);
  const priceAssumptions = assumptions.length > 0 ? [...assumptions] : undefined;
  return { paidNanoUsd, baselineNanoUsd, savings, priceVersion, priceAssumptions, askAgainNanoUsd };
}

function withOthers(priced: PricedAnswer, others: readonly PaidCall[]): PricedRun {
  const otherCalls = others.map(priceOther);
  const othersNanoUsd = addNanoUsd(...otherCalls.map(({ paidNanoUsd }) => paidNanoUsd));
  const { savings, priceAssumptions = [] } = priced;
  const isUnpriced = others.some(({ usage, price }) => usage !== undefined && price === undefined);
  return {
    ...priced,
    priceAssumptions: isUnpriced ? [...priceAssumptions, 'other_call_unpriced'] : priced.priceAssumptions,
    paidNanoUsd: addNanoUsd(priced.paidNanoUsd, othersNanoUsd),
    savings: { ...savings, routing: subtractNanoUsd(savings.routing, othersNanoUsd) },
    otherCalls,
  };
}

/** A call beside the answer, by its own model's price; where that is not known, or makes no sense, nothing can be said of its cost. */
function priceOther({ price, serviceTier, ...call }: PaidCall): PricedCall {
  try {
    const cost = call.usage && price ? costOfUsage(call.usage, price, { serviceTier }).totalNanoUsd : zeroNanoUsd;
    return { ...call, paidNanoUsd: cost };
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    return { ...call, usage: undefined, usageSource: 'none', paidNanoUsd: zeroNanoUsd };
  }
}

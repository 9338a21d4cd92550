import type { ChargeRow } from '@costlane/ledger';
import { usd } from '../usd';

/** A value of the export: text, a decimal number as text, or null. */
export interface FocusValue {
  text: string | null;
  /** Written as a number in JSON, and never guarded in CSV. */
  isNumber?: true;
}

interface FocusColumn {
  id: string;
  of(charge: ChargeRow, context: FocusContext): FocusValue;
}

export interface FocusContext {
  /** Who pays the providers: BillingAccountId and BillingAccountName. */
  billingAccount: string;
}

const text = (value: string | null): FocusValue => ({ text: value });
const decimal = (value: string): FocusValue => ({ text: value, isNumber: true });
const count = (value: number): FocusValue => decimal(String(value));
/** Of type Decimal, for readers who find out types by what is written. */
const quantity = (value: number): FocusValue => decimal(`${value}.0`);
const amount = (nanoUsd: bigint): FocusValue => decimal(usd(nanoUsd));

const UNIT = 'Tokens';
const DAY_MS = 86_400_000;

const dateTime = (time: number): FocusValue => text(`${new Date(time).toISOString().slice(0, -'.000Z'.length)}Z`);
const dayOf = ({ day }: ChargeRow): number => Date.parse(`${day}T00:00:00Z`);
const monthOf = (charge: ChargeRow, ahead: number): number => {
  const day = new Date(dayOf(charge));
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + ahead, 1);
};
/** A model that nobody is on record to have served. */
const providerOf = ({ provider }: ChargeRow): string => provider || 'unknown';
const tokensOf = (charge: ChargeRow): number =>
  charge.freshInputTokens +
  charge.cacheReadTokens +
  charge.cacheWriteTokens +
  charge.outputTokens +
  charge.reasoningTokens;

/** User-defined, of one scheme, so without a prefix; only what the row is told apart by. */
function tagsOf({ userId, endpoint }: ChargeRow): string | null {
  const tags = { ...(userId === '' ? {} : { user_id: userId }), ...(endpoint === '' ? {} : { endpoint }) };
  return Object.keys(tags).length === 0 ? null : JSON.stringify(tags);
}

/**
 * The columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification, focus.finops.org, model 1.2.0.1) that a row has, sorted as there, then our own. Left out are those of
 * things that there are not: regions, zones, resources, commitments, capacity, other currencies, and unit prices, for a row holds
 * tokens of several prices. Without a unit price ListCost and ContractedCost are to match BilledCost (ListCost-C-008, ContractedCost-C-008).
 */
export const focusColumns: readonly FocusColumn[] = [
  { id: 'BilledCost', of: (charge) => amount(charge.paidNanoUsd) },
  { id: 'BillingAccountId', of: (_, { billingAccount }) => text(billingAccount) },
  { id: 'BillingAccountName', of: (_, { billingAccount }) => text(billingAccount) },
  { id: 'BillingCurrency', of: () => text('USD') },
  { id: 'BillingPeriodEnd', of: (charge) => dateTime(monthOf(charge, 1)) },
  { id: 'BillingPeriodStart', of: (charge) => dateTime(monthOf(charge, 0)) },
  { id: 'ChargeCategory', of: () => text('Usage') },
  { id: 'ChargeClass', of: () => text(null) },
  {
    id: 'ChargeDescription',
    of: (charge) => text(`${charge.model || 'unknown model'} by ${providerOf(charge)}: ${charge.upstreamCalls} calls`),
  },
  { id: 'ChargeFrequency', of: () => text('Usage-Based') },
  { id: 'ChargePeriodEnd', of: (charge) => dateTime(dayOf(charge) + DAY_MS) },
  { id: 'ChargePeriodStart', of: (charge) => dateTime(dayOf(charge)) },
  // There are no commitments; rules of ConsumedQuantity look at it.
  { id: 'CommitmentDiscountStatus', of: () => text(null) },
  { id: 'ConsumedQuantity', of: (charge) => quantity(tokensOf(charge)) },
  { id: 'ConsumedUnit', of: () => text(UNIT) },
  { id: 'ContractedCost', of: (charge) => amount(charge.paidNanoUsd) },
  { id: 'EffectiveCost', of: (charge) => amount(charge.paidNanoUsd) },
  { id: 'InvoiceId', of: () => text(null) },
  { id: 'InvoiceIssuerName', of: (charge) => text(providerOf(charge)) },
  { id: 'ListCost', of: (charge) => amount(charge.paidNanoUsd) },
  { id: 'PricingCategory', of: () => text('Standard') },
  { id: 'PricingQuantity', of: (charge) => quantity(tokensOf(charge)) },
  { id: 'PricingUnit', of: () => text(UNIT) },
  { id: 'ProviderName', of: (charge) => text(providerOf(charge)) },
  { id: 'PublisherName', of: (charge) => text(providerOf(charge)) },
  { id: 'ServiceCategory', of: () => text('AI and Machine Learning') },
  { id: 'ServiceName', of: (charge) => text(`${providerOf(charge)} model inference`) },
  { id: 'ServiceSubcategory', of: () => text('Generative AI') },
  { id: 'SkuId', of: (charge) => text(`${providerOf(charge)}/${charge.model || 'unknown'}`) },
  { id: 'SkuMeter', of: () => text(UNIT) },
  { id: 'SubAccountId', of: (charge) => text(charge.tenantId) },
  { id: 'SubAccountName', of: (charge) => text(charge.tenantId) },
  { id: 'Tags', of: (charge) => text(tagsOf(charge)) },
  { id: 'x_Model', of: ({ model }) => text(model) },
  { id: 'x_Requests', of: ({ requests }) => count(requests) },
  { id: 'x_UpstreamCalls', of: ({ upstreamCalls }) => count(upstreamCalls) },
  { id: 'x_UnpricedRequests', of: ({ unpricedRequests }) => count(unpricedRequests) },
  { id: 'x_FreshInputTokens', of: ({ freshInputTokens }) => count(freshInputTokens) },
  { id: 'x_CacheReadTokens', of: ({ cacheReadTokens }) => count(cacheReadTokens) },
  { id: 'x_CacheWriteTokens', of: ({ cacheWriteTokens }) => count(cacheWriteTokens) },
  { id: 'x_OutputTokens', of: ({ outputTokens }) => count(outputTokens) },
  { id: 'x_ReasoningTokens', of: ({ reasoningTokens }) => count(reasoningTokens) },
  { id: 'x_BaselineCost', of: ({ baselineNanoUsd }) => amount(baselineNanoUsd) },
  { id: 'x_InfrastructureCost', of: ({ infrastructureNanoUsd }) => amount(infrastructureNanoUsd) },
  { id: 'x_SavingsCache', of: ({ cacheNanoUsd }) => amount(cacheNanoUsd) },
  { id: 'x_SavingsRouting', of: ({ routingNanoUsd }) => amount(routingNanoUsd) },
  { id: 'x_SavingsPrefix', of: ({ prefixNanoUsd }) => amount(prefixNanoUsd) },
  { id: 'x_SavingsBatching', of: ({ batchingNanoUsd }) => amount(batchingNanoUsd) },
];

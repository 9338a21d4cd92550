import { tokenClasses, type ModelPrice, type TokenPrices } from '@costlane/domain';
import { fieldOfClass } from './convert-price-file';

/** Well within the factor of 100 of the mistakes known (cents for dollars), well beyond any discount. */
const suspiciousRatio = 50;
/** Dollars per million tokens; the dearest model listed asks 600. Above it, a price was most likely meant per million. */
const dearestPlausiblePerMillion = 1_000;

/**
 * Sentences about prices that look like a slip of the unit: far from the list's price of the same model, or beyond any
 * price there is. Such prices take effect all the same; the operator may know better.
 */
export function implausiblePrices(price: ModelPrice, listed: ModelPrice | undefined): readonly string[] {
  return tokenClasses.flatMap((tokenClass) => {
    const own = price.perMillion[tokenClass];
    if (own === undefined) return [];
    const field = `${price.provider}.${price.model}.${fieldOfClass[tokenClass]}`;
    const reference = listed ? listedPrice(listed.perMillion, tokenClass) : undefined;
    if (reference !== undefined && Number(reference) > 0) return compare(field, Number(own), Number(reference));
    return Number(own) > dearestPlausiblePerMillion
      ? [`${field} comes to $${own} per million tokens. ${hint(Number(own))}`]
      : [];
  });
}

function compare(field: string, own: number, listed: number): readonly string[] {
  const ratio = own / listed;
  if (ratio < suspiciousRatio && ratio > 1 / suspiciousRatio) return [];
  const times = ratio === 0 ? 'zero' : ratio >= 1 ? `${round(ratio)} times` : `${round(1 / ratio)} times less than`;
  const link = ratio === 0 ? ', where the list price is' : ' the list price of';
  return [`${field} is ${times}${link} $${listed / 1000} per 1,000 tokens. ${hint(ratio)}`];
}

function hint(ratio: number): string {
  if (ratio === 0) return 'Is the model really free?';
  if (ratio >= 300) return 'Was it meant per million tokens instead of per 1,000?';
  if (ratio <= 1 / 300) return 'Was it meant per token instead of per 1,000?';
  return ratio > 1 ? 'Was it meant in cents instead of dollars?' : 'Is the decimal point in its place?';
}

function listedPrice(prices: TokenPrices, tokenClass: keyof TokenPrices): string | undefined {
  return prices[tokenClass] ?? (tokenClass === 'reasoning' ? prices.output : undefined);
}

function round(ratio: number): number {
  return Math.round(ratio * 10) / 10;
}

import type { ModelPrice } from '../money/model-price';
import { tierOfPrice } from './model-tier';

const price = (freshInput: string, output?: string): ModelPrice => ({
  provider: 'openai',
  model: 'm',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'test',
  perMillion: { freshInput, ...(output === undefined ? {} : { output }) },
});

describe('tierOfPrice', () => {
  it.each([
    ['0.15', '0.6', 'economy'],
    ['2.5', '10', 'standard'],
    ['15', '60', 'premium'],
    ['0', '0', 'economy'],
  ])('a model at $%s in and $%s out per million is %s', (input, output, tier) => {
    expect(tierOfPrice(price(input, output))).toBe(tier);
  });

  it('a limit belongs to the tier above it', () => {
    expect(tierOfPrice(price('2.5', '2.5'))).toBe('standard');
    expect(tierOfPrice(price('12', '12'))).toBe('premium');
  });

  it('a model with an input price only is judged by that', () => {
    expect(tierOfPrice(price('13'))).toBe('premium');
  });

  it('a model without a known price is standard', () => {
    expect(tierOfPrice(undefined)).toBe('standard');
  });
});

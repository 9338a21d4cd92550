import { sampleRequest } from '../testing/sample-request';
import { budgetHeader, requestHeaders } from './answer-headers';

const withLeft = (left: number | undefined, isActive = true) =>
  sampleRequest({ useCache: false, budgets: { isActive, remaining: () => left } });

describe('headers of an answer that rest on its request', () => {
  it('tell what is left of its budgets, exact to the nano-dollar', () => {
    expect(requestHeaders(withLeft(1_230_000_007))).toEqual(['x-budget-remaining-usd', '1.230000007']);
    expect(budgetHeader(withLeft(0))).toEqual(['x-budget-remaining-usd', '0.000000000']);
  });

  it('tell nothing of budgets where none applies, none is known or nobody has any', () => {
    for (const request of [withLeft(undefined), withLeft(5, false), sampleRequest({ useCache: false })])
      expect(requestHeaders(request)).toEqual([]);
  });

  it('tell under which name the answer is cached', () => {
    expect(requestHeaders(sampleRequest({ fingerprint: 'f00' }))).toEqual(['x-cache-key', 'f00']);
  });
});

import { compareAnswers, cosineOf } from './compare-answers';

const verdict = (given: string, fresh: string, cosine = 0.5) => compareAnswers(given, fresh, cosine, 0.8).verdict;

describe('comparing answers', () => {
  it.each([
    ['equal texts agree', 'Paris.', 'paris', 0, 'agrees'],
    ['white space and marks change nothing', 'It is **Paris**.\n', 'It is Paris', 0, 'agrees'],
    ['near texts agree', 'The capital is Paris.', 'Paris is the capital of France.', 0.9, 'agrees'],
    ['far texts differ', 'Paris.', 'Use a screwdriver.', 0.2, 'differs'],
    ['short answers with other numbers differ', 'It is 42 km.', 'It is 57 km.', 0.99, 'differs'],
    ['short answers that share a number are left to the cosine', '42 km, or 26 miles', '42 km', 0.9, 'agrees'],
    ['a short answer without a number is left to the cosine', 'It is 42 km.', 'Forty-two kilometres.', 0.9, 'agrees'],
    ['an empty answer cannot be compared', '', 'Paris', 1, 'unclear'],
  ])('%s', (_name, given, fresh, cosine, expected) => expect(verdict(given, fresh, cosine)).toBe(expected));

  it('leaves the numbers of long answers to the cosine', () => {
    const long = 'word '.repeat(60);
    expect(verdict(`${long}1`, `${long}2`, 0.95)).toBe('agrees');
  });

  it('tells an exact agreement from a likely one', () => {
    expect(compareAnswers('Yes', 'yes.', 0, 0.8).isExact).toBe(true);
    expect(compareAnswers('Yes', 'Yes, it is.', 0.9, 0.8).isExact).toBe(false);
  });

  it('computes the cosine of unit vectors', () => {
    expect(cosineOf(Float32Array.of(0.6, 0.8), Float32Array.of(0.6, 0.8))).toBeCloseTo(1);
    expect(cosineOf(Float32Array.of(1, 0), Float32Array.of(0, 1))).toBe(0);
  });
});

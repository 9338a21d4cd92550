import { elapsedShare } from './elapsed-share';

describe('the elapsed share of a day', () => {
  const office = Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 18 ? 10 : 0));

  it('follows when in the day payments are made', () => {
    expect(elapsedShare(office, 8)).toBeCloseTo(0.1 * (8 / 24));
    expect(elapsedShare(office, 13)).toBeCloseTo(0.9 * 0.5 + 0.1 * (13 / 24));
    expect(elapsedShare(office, 18)).toBeGreaterThan(0.97);
  });

  it('is even where nothing was ever paid, and goes from 0 to 1 without a step back', () => {
    expect(elapsedShare([], 6)).toBeCloseTo(0.25);
    const shares = Array.from({ length: 97 }, (_, quarter) => elapsedShare(office, quarter / 4));
    expect(shares[0]).toBe(0);
    expect(shares.at(-1)).toBeCloseTo(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
  });
});

import { createOutputLengths } from './output-lengths';

describe('the expected length of answers', () => {
  it('grows with complexity before anything was seen', () => {
    const lengths = createOutputLengths();
    const expected = [0, 0.25, 0.5, 0.75, 1].map((complexity) => lengths.expect(complexity));
    expect(expected).toEqual([...expected].sort((a, b) => a - b));
    expect(expected[0]).toBeLessThan(expected[4] ?? 0);
  });

  it('comes to what answers of this complexity are like, and leaves others alone', () => {
    const lengths = createOutputLengths();
    const before = lengths.expect(0.9);
    for (let i = 0; i < 1_000; i++) lengths.observe(0.15, i % 2 === 0 ? 300 : 500);
    expect(lengths.expect(0.12)).toBeGreaterThan(390);
    expect(lengths.expect(0.12)).toBeLessThan(410);
    expect(lengths.expect(0.9)).toBe(before);
  });

  it('takes no harm from what is no number', () => {
    const lengths = createOutputLengths();
    lengths.observe(0, NaN);
    lengths.observe(NaN, 10);
    expect(Number.isFinite(lengths.expect(0))).toBe(true);
  });
});

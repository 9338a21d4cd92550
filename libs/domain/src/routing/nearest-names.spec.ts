import { nearestNames } from './nearest-names';

const names = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'o1', 'claude-sonnet-4-5', 'mock-premium'];

describe('nearestNames', () => {
  it('finds the name behind a typing error', () => {
    expect(nearestNames('gtp-4o-mini', names)[0]).toBe('gpt-4o-mini');
    expect(nearestNames('GPT4o', names)[0]).toBe('gpt-4o');
  });

  it('puts a name that begins with what was asked first', () => {
    expect(nearestNames('claude', names)).toEqual(['claude-sonnet-4-5']);
    expect(nearestNames('gpt-4o-2024-08-06', names)[0]).toBe('gpt-4o');
  });

  it('gives nothing when no name is like it', () => {
    expect(nearestNames('zzzzzzzzzzzz', names)).toEqual([]);
    expect(nearestNames('  ', names)).toEqual([]);
  });

  it('gives at most as many as are wanted, the same ones each time', () => {
    expect(nearestNames('gpt-4', names, 2)).toEqual(nearestNames('gpt-4', [...names].reverse(), 2));
    expect(nearestNames('gpt-4', names, 2)).toHaveLength(2);
  });
});

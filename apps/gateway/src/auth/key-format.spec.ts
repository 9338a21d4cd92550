import { hashKey, newKey } from './key-format';

describe('API keys', () => {
  it('carry 256 random bits behind a prefix that tells little of them', () => {
    const { key, prefix } = newKey();
    expect(key).toMatch(/^cl_[A-Za-z0-9_-]{43}$/);
    expect(key.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(11);
  });

  it('are all different', () => {
    expect(new Set(Array.from({ length: 100 }, () => newKey().key)).size).toBe(100);
  });

  it('are kept as an HMAC that needs the deployment’s secret', () => {
    const { key } = newKey();
    expect(hashKey(key, 'one')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashKey(key, 'one')).toBe(hashKey(key, 'one'));
    expect(hashKey(key, 'one')).not.toBe(hashKey(key, 'two'));
  });
});

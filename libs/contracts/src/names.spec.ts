import fc from 'fast-check';
import {
  exactAgeKey,
  exactEpochKey,
  exactIndexKey,
  exactKey,
  exactRankKey,
  isPriority,
  priorities,
  staleIndexKey,
  staleKey,
  streamNames,
} from './names';

const oddTenants = [
  'a',
  'a:b',
  'a%3Ab',
  'a b',
  'a+b',
  '{x}',
  '}:{',
  'ä',
  'a\u0308',
  '日本',
  '😀',
  'a\nb',
  'a\r\nb',
  '',
  '*',
  '?',
  '[a]',
  'A',
];
const anyTenant = fc.oneof(fc.constantFrom(...oddTenants), fc.string({ unit: 'grapheme', maxLength: 20 }));
const anyFingerprint = fc.stringMatching(/^[0-9a-f]{8}$/);
const keysOf = (tenant: string, hash: string): string[] => [
  exactKey(tenant, hash),
  exactIndexKey(tenant),
  exactEpochKey(tenant),
  exactRankKey(tenant, 'lru'),
  exactAgeKey(tenant, 'lru'),
  staleKey(tenant, hash),
  staleIndexKey(tenant),
  streamNames().idempotency(tenant, hash),
];

describe('the keys of a tenant', () => {
  it('never fall together with another tenant’s, whatever the tenants are called', () => {
    fc.assert(
      fc.property(anyTenant, anyTenant, anyFingerprint, anyFingerprint, (tenant, other, hash, otherHash) => {
        fc.pre(tenant !== other);
        const others = new Set(keysOf(other, otherHash));
        for (const key of keysOf(tenant, hash)) expect(others.has(key)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are different for each pair of odd names', () => {
    const keys = oddTenants.flatMap((tenant) => keysOf(tenant, 'f00'));
    expect(new Set(keys).size).toBe(oddTenants.length * 8);
  });

  it.each(oddTenants)('hold no separator, hash tag, white space or control character of the name %j', (tenant) => {
    const prefix = exactKey('', '');
    const part = exactKey(tenant, '').slice(prefix.length - 1, -1);
    expect(part).not.toMatch(/[:{}\s\p{Cc}]/u);
  });

  it('do not fall together for two kinds of key of one tenant', () => {
    fc.assert(
      fc.property(anyTenant, anyFingerprint, (tenant, hash) => {
        expect(new Set(keysOf(tenant, hash)).size).toBe(8);
      }),
    );
  });
});

describe('streamNames', () => {
  const namesOf = (shard?: string): string[] => {
    const names = streamNames(shard);
    return [
      ...priorities.map((priority) => names.lane(priority)),
      names.dispatch('mock'),
      names.providers,
      names.reply('g1'),
      names.completions,
      names.cancelChannel,
      names.flowChannel,
      names.alive('w1'),
      names.deadLetters,
      names.progress('req_1'),
      names.idempotency('acme', 'f00'),
    ];
  };

  it('gives every stream, key and channel a name of its own', () => {
    expect(new Set(namesOf()).size).toBe(namesOf().length);
  });

  it('keeps what one transaction touches in one slot, by the hash tag of the shard', () => {
    for (const name of namesOf('7')) expect(/\{(.*?)\}/.exec(name)?.[1]).toBe('7');
  });

  it('shares no name between two shards', () => {
    const first = new Set(namesOf('1'));
    expect(namesOf('2').filter((name) => first.has(name))).toEqual([]);
  });
});

describe('isPriority', () => {
  it('knows the three lanes and nothing else', () => {
    expect(priorities.every(isPriority)).toBe(true);
    for (const value of ['', 'Express', 'urgent', null, undefined, 1, {}]) expect(isPriority(value)).toBe(false);
  });
});

import { testEntry } from '../testing/test-entry';
import { createEntryCatalog } from './entry-catalog';

const names = (entries: { fingerprint: string }[]) => entries.map(({ fingerprint }) => fingerprint);

describe('the catalog of stored questions', () => {
  it('holds no more than its bound and lets go of what was used longest ago', () => {
    const catalog = createEntryCatalog({ maxEntries: 2, policy: 'lru' });
    const [a, b, c] = ['a', 'b', 'c'].map((fingerprint) => testEntry({ fingerprint }));
    catalog.set(a!);
    catalog.set(b!);
    catalog.touch(a!);
    expect(names(catalog.set(c!))).toEqual(['b']);
    expect(catalog.size()).toBe(2);
    expect(catalog.evicted()).toBe(1);
    expect(catalog.get('acme', 'b')).toBeUndefined();
  });

  it('counts how often a question came up again', () => {
    const catalog = createEntryCatalog({ maxEntries: 2, policy: 'lru' });
    const entry = testEntry();
    catalog.set(entry);
    expect(catalog.get('acme', entry.fingerprint)?.timesAsked).toBe(0);
    catalog.touch(entry);
    catalog.set({ ...entry, text: 'newer' });
    expect(catalog.get('acme', entry.fingerprint)).toMatchObject({ timesAsked: 1, entry: { text: 'newer' } });
    expect(catalog.size()).toBe(1);
  });

  it('removes by key, model, tag and all of one tenant only', () => {
    const catalog = createEntryCatalog({ maxEntries: 20, policy: 'lru' });
    for (const tenantId of ['acme', 'beta']) {
      catalog.set(testEntry({ tenantId, fingerprint: 'a', model: 'm1' }));
      catalog.set(testEntry({ tenantId, fingerprint: 'b', tag: 't' }));
      catalog.set(testEntry({ tenantId, fingerprint: 'c' }));
      catalog.set(testEntry({ tenantId, fingerprint: 'd' }));
    }
    expect(names(catalog.remove('acme', { key: 'd' }))).toEqual(['d']);
    expect(names(catalog.remove('acme', { model: 'm1' }))).toEqual(['a']);
    expect(names(catalog.remove('acme', { tag: 't' }))).toEqual(['b']);
    expect(names(catalog.remove('acme', { all: true }))).toEqual(['c']);
    expect(catalog.remove('acme', { all: true })).toEqual([]);
    expect(catalog.size('acme')).toBe(0);
    expect(catalog.size('beta')).toBe(4);
    expect(catalog.tenants()).toEqual(['beta']);
  });

  it('removes what has expired', () => {
    const catalog = createEntryCatalog({ maxEntries: 20, policy: 'cost_aware' });
    catalog.set(testEntry({ fingerprint: 'a', expiresAtMs: 10 }));
    catalog.set(testEntry({ fingerprint: 'b', expiresAtMs: 11 }));
    expect(names(catalog.removeExpired(10, 100))).toEqual(['a']);
    expect(catalog.size()).toBe(1);
  });

  it('looks for what has expired a part at a time, also while entries come and go', () => {
    const catalog = createEntryCatalog({ maxEntries: 20, policy: 'lru' });
    for (const [tenantId, fingerprint] of ['acme a', 'acme b', 'beta c', 'beta d'].map((text) => text.split(' ')))
      catalog.set(testEntry({ tenantId, fingerprint, expiresAtMs: fingerprint === 'a' ? 99 : 10 }));
    expect(names(catalog.removeExpired(10, 2))).toEqual(['b']);
    catalog.remove('beta', { key: 'c' });
    catalog.set(testEntry({ tenantId: 'beta', fingerprint: 'e', expiresAtMs: 10 }));
    expect(names(catalog.removeExpired(10, 2))).toEqual(['d', 'e']);
    expect(catalog.removeExpired(10, 2)).toEqual([]);
    expect(names(catalog.removeExpired(99, 2))).toEqual(['a']);
    expect(catalog.size()).toBe(0);
  });
});

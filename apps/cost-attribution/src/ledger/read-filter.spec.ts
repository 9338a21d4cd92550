import { readFilter } from './read-filter';

describe('ledger filter', () => {
  it('is empty where nothing is asked for', () => {
    expect(readFilter({})).toEqual({});
    expect(readFilter({ tenantId: '', since: '' })).toEqual({});
  });

  it('takes a tenant, a time with its zone, and a date', () => {
    expect(readFilter({ tenantId: 'acme', since: '2026-11-21T01:30:00+01:30' })).toEqual({
      tenantId: 'acme',
      since: new Date('2026-11-21T00:00:00Z'),
    });
    expect(readFilter({ since: '2026-11-21' })).toEqual({ since: new Date('2026-11-21T00:00:00Z') });
  });

  it.each(['yesterday', '2026-13-01', '1795219200', '2026-11-21T00:00:00', 'Nov 21 2026'])(
    'refuses the time %s',
    (since) => {
      expect(() => readFilter({ since })).toThrow(/^since must be an RFC 3339 time/);
    },
  );

  it('refuses what is given twice or cannot be a name', () => {
    expect(() => readFilter({ tenantId: ['a', 'b'] })).toThrow(/^tenant_id must be given once/);
    expect(() => readFilter({ tenantId: 'a\0' })).toThrow(/^tenant_id/);
  });
});

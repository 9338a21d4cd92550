import { readCheckRange, readCorrection, readEntryFilter } from './read-books-request';

const correction = {
  tenantId: 'acme',
  day: '2026-03-04',
  amountNanoUsd: '-12000000000',
  reference: ' invoice 4711 ',
  reason: 'an outage was credited',
  by: 'finance',
};
const range = { tenantId: '', since: '', until: '' };
const entries = { ...range, kind: '', limit: 0, beforeId: '' };

describe('requests to the books', () => {
  it('take a correction, exact to the nano-dollar', () => {
    expect(readCorrection({ ...correction, amountNanoUsd: '9007199254740993' })).toEqual({
      ...correction,
      reference: 'invoice 4711',
      amountNanoUsd: 9_007_199_254_740_993n,
    });
  });

  it.each([
    ['tenant_id', { tenantId: '' }],
    ['tenant_id', { tenantId: 'a\0b' }],
    ['day', { day: '2026-02-30' }],
    ['day', { day: '04.03.2026' }],
    ['day', { day: '2026-03-04T00:00:00Z' }],
    ['amount_nano_usd', { amountNanoUsd: '1.5' }],
    ['amount_nano_usd', { amountNanoUsd: '' }],
    ['amount_nano_usd', { amountNanoUsd: '0' }],
    ['amount_nano_usd', { amountNanoUsd: '9223372036854775808' }],
    ['reference', { reference: '  ' }],
    ['reference', { reference: 'x'.repeat(201) }],
    ['reason', { reason: '' }],
    ['by', { by: '' }],
  ])('refuse a correction whose %s is not right: %j', (field, changes) => {
    expect(() => readCorrection({ ...correction, ...changes })).toThrow(
      expect.objectContaining({ code: 'invalid_request', field, message: expect.stringContaining(field) }),
    );
  });

  it('take a range of a check, or none', () => {
    expect(readCheckRange(range)).toEqual({});
    expect(readCheckRange({ tenantId: 'acme', since: '2026-03-04', until: '2026-03-05T12:00:00Z' })).toEqual({
      tenantId: 'acme',
      since: new Date('2026-03-04T00:00:00Z'),
      until: new Date('2026-03-05T12:00:00Z'),
    });
  });

  it.each([
    ['since', { since: 'yesterday' }],
    ['until', { until: 'tomorrow' }],
    ['until', { since: '2026-03-04', until: '2026-03-04' }],
  ])('refuse a range whose %s is not right: %j', (field, changes) => {
    expect(() => readCheckRange({ ...range, ...changes })).toThrow(expect.objectContaining({ field }));
  });

  it('take what entries are asked for, a hundred where nothing is said', () => {
    expect(readEntryFilter(entries)).toEqual({ limit: 100 });
    const asked = {
      tenantId: 'acme',
      kind: 'correct',
      since: '2026-03-04',
      until: '2026-04-01',
      limit: 5,
      beforeId: '9',
    };
    expect(readEntryFilter(asked)).toEqual(asked);
  });

  it.each([
    ['kind', { kind: 'spend' }],
    ['limit', { limit: 1_001 }],
    ['limit', { limit: -1 }],
    ['since', { since: 'then' }],
    ['before_id', { beforeId: '9'.repeat(19) }],
    ['before_id', { beforeId: '-1' }],
  ])('refuse a %s of entries that is not right: %j', (field, changes) => {
    expect(() => readEntryFilter({ ...entries, ...changes })).toThrow(expect.objectContaining({ field }));
  });
});

import type { CostlaneError } from '@costlane/domain';
import { createParameterReader } from './read-parameters';
import { readRange } from './read-range';
import { readGroups, readLimit } from './reports/read-groups';

const now = new Date('2026-11-27T09:30:00Z');
const reader = (parameters: Record<string, string>) => createParameterReader(parameters);

function refusalOf(work: () => unknown): { code: string; field: string | undefined; message: string } {
  try {
    work();
  } catch (error) {
    const { code, field, message } = error as CostlaneError;
    return { code, field, message };
  }
  throw new Error('it was taken');
}

describe('the parameters of reports', () => {
  it.each([
    [{ from: 'yesterday' }, 'from', 'a date such as 2026-11-01'],
    [{ from: '2026-02-30' }, 'from', 'a date such as'],
    [{ from: '2026-11-01T08:30:00Z' }, 'from', 'a full hour'],
    [{ to: '2026-11-01T08:00:00' }, 'to', 'RFC 3339'],
    [{ from: '2026-11-10', to: '2026-11-10' }, 'from', 'before "to"'],
    [{ from: '2025-10-01', to: '2026-11-10' }, 'from', 'at most 400 days'],
    [{ to: '' }, 'to', '1 to 200 characters'],
    [{ from: '2026-11-01\0' }, 'from', 'characters'],
  ])('refuse the range %j by name', (parameters, field, words) => {
    const refused = refusalOf(() => readRange(reader(parameters), now, 'none'));
    expect(refused).toMatchObject({ code: 'invalid_request', field });
    expect(refused.message).toContain(words);
    expect(refused.message).toContain(`Parameter "${field}"`);
  });

  it('take the last 30 days, today included, by default', () => {
    const { from, to, grain } = readRange(reader({}), now, 'none');
    expect([from.toISOString(), to.toISOString(), grain]).toEqual([
      '2026-10-29T00:00:00.000Z',
      '2026-11-28T00:00:00.000Z',
      'day',
    ]);
  });

  it('show hours only where they are asked for, and of fewer days', () => {
    const rangeOf = (parameters: Record<string, string>, interval: 'none' | 'day' | 'hour' = 'none') =>
      readRange(reader(parameters), now, interval);
    expect(rangeOf({ from: '2026-11-01T02:00:00+02:00' })).toMatchObject({
      from: new Date('2026-11-01'),
      grain: 'day',
    });
    expect(rangeOf({ from: '2026-11-01T02:00:00Z' }, 'day').grain).toBe('day');
    expect(rangeOf({ from: '2026-11-20' }, 'hour').grain).toBe('hour');
    const tooLong = { from: '2026-08-01', to: '2026-11-10' };
    expect(rangeOf(tooLong, 'day').grain).toBe('day');
    expect(refusalOf(() => rangeOf(tooLong, 'hour')).message).toContain('at most 62 days');
    const users = (from: string) =>
      readGroups(reader({ group_by: 'user', interval: 'hour', from }), { now }, ['user'], ['none', 'hour']);
    expect(users('2026-11-25').interval).toBe('hour');
    expect(refusalOf(() => users('2026-11-11'))).toMatchObject({ field: 'from' });
  });

  it('refuse what is no choice, no number, no amount, and what nobody knows', () => {
    expect(refusalOf(() => reader({ group_by: 'colour' }).oneOf('group_by', ['user', 'team'], 'user')).message).toBe(
      'Parameter "group_by" has to be user or team.',
    );
    for (const limit of ['0', '10001', '1.5', '1e3', '-1', 'ten'])
      expect(refusalOf(() => readLimit(reader({ limit })))).toMatchObject({ field: 'limit' });
    for (const budget_usd of ['0', '-5', 'much', '1e3', '0.0000000001'])
      expect(refusalOf(() => reader({ budget_usd }).usd('budget_usd')).message).toContain('a positive amount');
    const all = reader({ limit: '5', colour: 'red' });
    all.integer('limit', { otherwise: 1, min: 1, max: 9 });
    expect(refusalOf(() => all.end()).message).toBe(
      'Parameter "colour" is not known here; this takes limit, tenant_id, format.',
    );
    expect(refusalOf(() => reader({ constructor: 'x' }).end()).field).toBe('constructor');
    expect(reader({}).text('constructor')).toBeUndefined();
  });

  it('bound the rows of an answer, not only its groups', () => {
    expect(readLimit(reader({}))).toBe(100);
    expect(readLimit(reader({}), 720)).toBe(13);
    expect(readLimit(reader({ limit: '10000' }))).toBe(10_000);
    expect(refusalOf(() => readLimit(reader({ limit: '14' }), 720)).message).toContain('at most 13');
  });
});

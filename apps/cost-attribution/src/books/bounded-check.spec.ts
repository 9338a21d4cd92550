import { DatabaseError, type Ledger } from '@costlane/ledger';
import { createBoundedCheck } from './bounded-check';

describe('a check that people ask for', () => {
  const check = jest.fn<ReturnType<Ledger['check']>, Parameters<Ledger['check']>>();
  const bounded = createBoundedCheck({ check });

  it('says what to do where there is too much to check', async () => {
    check.mockRejectedValue(new DatabaseError('canceling statement due to statement timeout', '57014'));
    await expect(bounded({})).rejects.toMatchObject({ code: 'deadline_exceeded', field: 'since' });
  });

  it('may be asked for again after one that failed, whose error goes on', async () => {
    const away = new DatabaseError('connect ECONNREFUSED', '');
    check.mockRejectedValue(away);
    for (let times = 0; times < 2; times++) await expect(bounded({ tenantId: 'acme' })).rejects.toBe(away);
  });
});

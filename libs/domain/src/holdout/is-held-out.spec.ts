import { isHeldOut } from './is-held-out';

const place = (subject: string, more: { salt?: string; tenantId?: string } = {}) => ({
  salt: '',
  tenantId: 'acme',
  ...more,
  subject,
});
const users = Array.from({ length: 20_000 }, (_, at) => `user-${at}`);

describe('the holdout', () => {
  it('has the share of users that is set, give or take what chance does', () => {
    for (const share of [0.01, 0.05, 0.2]) {
      const held = users.filter((user) => isHeldOut(place(user), share)).length;
      // Four standard deviations of a binomial count.
      const spread = 4 * Math.sqrt(users.length * share * (1 - share));
      expect(Math.abs(held - users.length * share)).toBeLessThan(spread);
    }
  });

  it('is empty without a share', () => {
    for (const share of [0, -1, NaN]) expect(users.some((user) => isHeldOut(place(user), share))).toBe(false);
  });

  it('keeps a user where it is, and those of a smaller share in a larger one', () => {
    for (const user of users.slice(0, 2_000)) {
      expect(isHeldOut(place(user), 0.1)).toBe(isHeldOut(place(user), 0.1));
      if (isHeldOut(place(user), 0.02)) expect(isHeldOut(place(user), 0.1)).toBe(true);
    }
  });

  it('is drawn anew by another salt, and by itself in each tenant', () => {
    const inBoth = (other: { salt?: string; tenantId?: string }): number =>
      users.filter((user) => isHeldOut(place(user), 0.2) && isHeldOut(place(user, other), 0.2)).length / users.length;
    // Independent draws meet in a fifth of a fifth.
    expect(inBoth({ salt: 'second' })).toBeCloseTo(0.04, 1.9);
    expect(inBoth({ tenantId: 'globex' })).toBeCloseTo(0.04, 1.9);
  });

  it('does not take one tenant’s user for another’s whose names make the same text', () => {
    const differing = users.filter(
      (user) =>
        isHeldOut({ salt: '', tenantId: 'a 1', subject: user }, 0.2) !==
        isHeldOut({ salt: '', tenantId: 'a', subject: `1 ${user}` }, 0.2),
    );
    expect(differing.length).toBeGreaterThan(users.length / 5);
  });
});

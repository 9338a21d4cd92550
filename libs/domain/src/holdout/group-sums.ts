/** One user's traffic within a period. Amounts may be of any one unit. */
export interface HoldoutUser {
  readonly requests: number;
  /** At list price, with the model that savings are counted from. */
  readonly baseline: number;
  /** What the user's requests cost: paid, and for optimised ones what our own machines took. */
  readonly cost: number;
  /** How many users it stands for: those of its tenant are as many in either group. */
  readonly weight: number;
}

/**
 * Sums of a ratio Σwy ÷ Σwn over users, and of what its error is made of: squares and products of each user's y and n, times its weight squared and divided by
 * (1 − its share of Σwn)², so that the error is the one that leaving out one user at a time shows.
 */
export interface RatioSums {
  readonly total: number;
  readonly size: number;
  readonly totalSquares: number;
  readonly products: number;
  readonly sizeSquares: number;
}

/** A group of the holdout's comparison. */
export interface HoldoutGroup {
  readonly users: number;
  readonly requests: number;
  /** Cost for each unit of list price, cost of a request, and list price of a request. */
  readonly costOfBaseline: RatioSums;
  readonly costOfRequests: RatioSums;
  readonly baselineOfRequests: RatioSums;
}

/** The sums of a group of users; the ledger makes the same ones in SQL. */
export function groupOf(users: readonly HoldoutUser[]): HoldoutGroup {
  return {
    users: users.length,
    requests: users.reduce((sum, user) => sum + user.requests, 0),
    costOfBaseline: ratioSums(users, 'cost', 'baseline'),
    costOfRequests: ratioSums(users, 'cost', 'requests'),
    baselineOfRequests: ratioSums(users, 'baseline', 'requests'),
  };
}

function ratioSums(users: readonly HoldoutUser[], y: 'cost' | 'baseline', n: 'baseline' | 'requests'): RatioSums {
  const size = users.reduce((sum, user) => sum + user.weight * user[n], 0);
  const sums = { total: 0, size, totalSquares: 0, products: 0, sizeSquares: 0 };
  for (const user of users) {
    const scale = (user.weight / (1 - (user.weight * user[n]) / size)) ** 2;
    sums.total += user.weight * user[y];
    sums.totalSquares += scale * user[y] * user[y];
    sums.products += scale * user[y] * user[n];
    sums.sizeSquares += scale * user[n] * user[n];
  }
  return sums;
}

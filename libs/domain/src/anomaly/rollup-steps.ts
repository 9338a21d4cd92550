import type { SpendRow } from './anomaly-types';

/** What a scope has spent in an hour so far, as the rollup has it. */
export interface HourRow extends SpendRow {
  readonly hour: number;
}

interface Known {
  costNanoUsd: number;
  requests: number;
}

type Amount = { -readonly [Key in keyof SpendRow]: SpendRow[Key] };

/** Makes the amounts of steps out of hours that grow: what has come on top since the last reading, whatever hour it was for, so that late records count too. */
export class RollupSteps {
  /** By hour, then scope. */
  private readonly known = new Map<number, Map<string, Known>>();

  /** `rows` are all of the hours that may still grow. Gives one row a scope; what became less (a corrected record) counts as nothing. */
  advance(rows: readonly HourRow[]): SpendRow[] {
    const amounts = new Map<string, Amount>();
    let oldest = Infinity;
    for (const row of rows) {
      oldest = Math.min(oldest, row.hour);
      const scope = `${row.tenantId}\0${row.dimension}\0${row.value}`;
      const { cost, requests } = this.grown(row, scope);
      if (cost === 0 && requests === 0) continue;
      const sum = amounts.get(scope);
      if (sum) {
        sum.costNanoUsd += cost;
        sum.requests += requests;
      } else {
        const { tenantId, dimension, value } = row;
        amounts.set(scope, { tenantId, dimension, value, costNanoUsd: cost, requests });
      }
    }
    for (const hour of this.known.keys()) if (hour < oldest) this.known.delete(hour);
    for (const amount of amounts.values()) {
      amount.costNanoUsd = Math.max(0, amount.costNanoUsd);
      amount.requests = Math.max(0, amount.requests);
    }
    return [...amounts.values()];
  }

  private grown({ hour, costNanoUsd, requests }: HourRow, scope: string): { cost: number; requests: number } {
    let ofHour = this.known.get(hour);
    if (!ofHour) this.known.set(hour, (ofHour = new Map<string, Known>()));
    const before = ofHour.get(scope);
    if (!before) {
      ofHour.set(scope, { costNanoUsd, requests });
      return { cost: costNanoUsd, requests };
    }
    const grown = { cost: costNanoUsd - before.costNanoUsd, requests: requests - before.requests };
    before.costNanoUsd = costNanoUsd;
    before.requests = requests;
    return grown;
  }
}

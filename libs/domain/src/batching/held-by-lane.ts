import { batchLanes, type BatchLane } from './lanes';

/**
 * What each tenant holds of a shared buffer, by lane. A lane's share is counted against what is held in it and in those of higher precedence: batch work that fills its tenant's
 * part does not take the places of that tenant's express work.
 */
export class HeldByLane {
  private readonly byTenant = new Map<string, Record<BatchLane, number>>();

  /** Held in the lane and in those before it. */
  upTo(tenantId: string, lane: BatchLane): number {
    const held = this.byTenant.get(tenantId);
    if (!held) return 0;
    let sum = 0;
    for (const each of batchLanes) {
      sum += held[each];
      if (each === lane) break;
    }
    return sum;
  }

  take(tenantId: string, lane: BatchLane, amount: number): void {
    const held = this.byTenant.get(tenantId);
    if (held) held[lane] += amount;
    else this.byTenant.set(tenantId, { express: 0, standard: 0, batch: 0, [lane]: amount });
  }

  /** Tenants that hold nothing any more are forgotten. */
  give(tenantId: string, lane: BatchLane, amount: number): void {
    const held = this.byTenant.get(tenantId);
    if (!held) return;
    held[lane] = Math.max(0, held[lane] - amount);
    if (batchLanes.every((each) => held[each] === 0)) this.byTenant.delete(tenantId);
  }
}

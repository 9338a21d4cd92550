import { HeldByLane } from '@costlane/domain';
import type { LaneWork } from './lane-work';

type Sized = Pick<LaneWork, 'tenantId' | 'lane' | 'sizeBytes'>;

/** Memory that waiting work may take. A tenant may have as much as is still free, its lower lanes not counted, so that one lane alone takes half. */
export class HeldBytes {
  private held = 0;
  private readonly byLane = new HeldByLane();

  constructor(private readonly maxBytes: number) {}

  get total(): number {
    return this.held;
  }

  /** False where there is no room for it. */
  take({ tenantId, lane, sizeBytes }: Sized): boolean {
    const own = this.byLane.upTo(tenantId, lane);
    if (own + sizeBytes > this.maxBytes - this.held - sizeBytes) return false;
    this.held += sizeBytes;
    this.byLane.take(tenantId, lane, sizeBytes);
    return true;
  }

  give({ tenantId, lane, sizeBytes }: Sized): void {
    this.held -= sizeBytes;
    this.byLane.give(tenantId, lane, sizeBytes);
  }
}

import type { Ranked } from '@costlane/domain';
import type { VectorRecord } from '../vector-index';
import type { Group } from './group';
import type { Part } from './part';
import type { Tenant } from './tenant';

/** A record and what it is worth, for policies that ask what an entry saves. */
export interface EvictableRecord extends VectorRecord {
  /** What one use of the answer saves, in nano-dollars. Default 0: unknown. */
  valueNanoUsd?: number;
  /** Bytes that the answer takes elsewhere. Default 0. */
  sizeBytes?: number;
}

/** A record in memory. Its vector is in a slot of the arena of its part. */
export interface StoredRecord {
  readonly id: string;
  readonly tenant: Tenant;
  readonly group: Group;
  readonly expiresAtMs: number;
  readonly valueNanoUsd: number;
  readonly answerBytes: number;
  /** By which the kernel names it. */
  readonly number: number;
  slot: number;
  part: Part;
  /** Where it stands in its part. */
  position: number;
  /** Where it stands in the order of expiry. */
  expiryIndex: number;
  /** Where it stands in its tenant's order of eviction. */
  place: Ranked<StoredRecord>;
}

/** Names records by small numbers, which the kernel keeps beside the vectors. */
export class RecordTable {
  private readonly records: (StoredRecord | undefined)[] = [];
  private readonly freeNumbers: number[] = [];

  takeNumber(): number {
    return this.freeNumbers.pop() ?? this.records.push(undefined) - 1;
  }

  set(record: StoredRecord): void {
    this.records[record.number] = record;
  }

  free(number: number): void {
    this.records[number] = undefined;
    this.freeNumbers.push(number);
  }

  at(number: number): StoredRecord | undefined {
    return this.records[number];
  }
}

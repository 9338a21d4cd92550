import { createEvictionOrder, type EvictionOrder, type EvictionPolicy } from '@costlane/domain';
import type { Group } from './group';
import type { StoredRecord } from './records';

/** What is held of one tenant. */
export interface Tenant {
  readonly id: string;
  readonly records: Map<string, StoredRecord>;
  readonly groups: Map<string, Group>;
  readonly order: EvictionOrder<StoredRecord>;
  sizeBytes: number;
}

export const createTenant = (id: string, policy: EvictionPolicy): Tenant => ({
  id,
  records: new Map(),
  groups: new Map(),
  order: createEvictionOrder(policy),
  sizeBytes: 0,
});

/** One string for a context and a model class, whatever characters they have. */
export const groupKeyOf = (contextHash: string, modelClass: string): string =>
  `${contextHash.length}:${contextHash}${modelClass}`;

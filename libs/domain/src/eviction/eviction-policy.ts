export const evictionPolicies = ['lru', 'lfu', 'cost_aware'] as const;

/**
 * Which entry goes when there is no room: the one used longest ago, the one used least (old uses count less and less), or the one whose
 * bytes save least.
 */
export type EvictionPolicy = (typeof evictionPolicies)[number];

/** What an entry takes, and what a use of it saves. */
export interface EntryWorth {
  sizeBytes: number;
  savedNanoUsd: number;
}

/**
 * What one use adds to an entry's priority under a policy that counts uses: 1, or the nano-USD that it saves for each byte that the entry
 * takes. An entry of unknown price counts as one nano-dollar, so that size and use still tell such entries apart.
 */
export function worthOfUse(policy: 'lfu' | 'cost_aware', { sizeBytes, savedNanoUsd }: EntryWorth): number {
  return policy === 'lfu' ? 1 : Math.max(1, savedNanoUsd) / Math.max(1, sizeBytes);
}

/**
 * A use after the first counts so many times: that a question came back says more than that it was asked once. 8 hit more often than 1, 2
 * or 4 on the workloads of `eviction-order.spec.ts`; 16 follows worse when other questions become popular.
 */
export const reuseWeight = 8;

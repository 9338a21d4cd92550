import { createHash } from 'node:crypto';
import { canonicalJson } from '../fingerprint';
import type { RoutingPolicy } from './routing-policy';

const hashLength = 16;

/** Hash of what a policy says, whatever its version and the order of its entries. */
export function policyContentHash(policy: Omit<RoutingPolicy, 'version'>): string {
  const { defaultModel, settings, models, tenants, experiments } = policy;
  const hash = createHash('sha256').update(JSON.stringify(defaultModel)).update(canonicalJson(settings));
  for (const entries of [models, tenants, experiments]) {
    hash.update('|');
    for (const key of [...entries.keys()].sort()) hash.update(canonicalJson(entries.get(key)));
  }
  return hash.digest('hex').slice(0, hashLength);
}

/**
 * `<counter>-<content hash>`: the counter orders the versions of one router's life, the hash tells policies of different lives apart,
 * so that equal versions always mean equal policies.
 */
export const policyVersion = (counter: number, contentHash: string): string => `${counter}-${contentHash}`;

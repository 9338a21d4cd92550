import { createHash } from 'node:crypto';
import { canonicalJson } from '../fingerprint';
import type { RoutingPolicy } from './routing-policy';

const hashLength = 16;

/** Hash of what a policy says, whatever its version and the order of its models. */
export function policyContentHash({ defaultModel, models }: Omit<RoutingPolicy, 'version'>): string {
  const names = [...models.keys()].sort();
  const hash = createHash('sha256').update(JSON.stringify(defaultModel));
  for (const name of names) hash.update(canonicalJson(models.get(name)));
  return hash.digest('hex').slice(0, hashLength);
}

/**
 * `<counter>-<content hash>`: the counter orders the versions of one router's life, the hash tells policies of different lives apart,
 * so that equal versions always mean equal policies.
 */
export const policyVersion = (counter: number, contentHash: string): string => `${counter}-${contentHash}`;

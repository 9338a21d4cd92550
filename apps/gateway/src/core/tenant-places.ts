import { createHash } from 'node:crypto';

const MAX_TENANTS = 10_000;

/**
 * Which of several replicas a tenant belongs to, by rendezvous hashing (Thaler and Ravishankar 1998): when a replica comes or goes, only
 * tenants that win or lose it move. `clients` has to be the same map for as long as nothing changed.
 */
export function createPlaces<T>(): { of(tenantId: string, clients: ReadonlyMap<string, T>): T | undefined } {
  let known: ReadonlyMap<string, T> | undefined;
  let chosen = new Map<string, string>();
  return {
    of(tenantId, clients) {
      if (clients.size <= 1) return clients.values().next().value;
      if (clients !== known || chosen.size >= MAX_TENANTS) chosen = new Map();
      known = clients;
      let address = chosen.get(tenantId);
      if (address === undefined) {
        address = highest(tenantId, clients.keys());
        chosen.set(tenantId, address);
      }
      return clients.get(address);
    },
  };
}

function highest(tenantId: string, addresses: Iterable<string>): string {
  let best = '';
  let bestWeight = '';
  for (const address of addresses) {
    const weight = createHash('sha256').update(`${tenantId}\n${address}`).digest('hex');
    if (weight > bestWeight) [best, bestWeight] = [address, weight];
  }
  return best;
}

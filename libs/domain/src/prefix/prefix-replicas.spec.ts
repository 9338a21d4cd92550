import fc from 'fast-check';
import { choosePrefixReplica } from './choose-prefix-replica';
import { PrefixReplicas } from './prefix-replicas';
import { PrefixTracker } from './prefix-tracker';
import { ReplicaBlocks } from './replica-blocks';
import { chainOf } from './testing/chains';

const start = 1_800_000_000_000;
const names = Array.from({ length: 4 }, (_, i) => `http://vllm-${i}:8000/v1`);

function replicasWith(options = {}) {
  const tracker = new PrefixTracker();
  const replicas = new PrefixReplicas({ names, tracker, ...options });
  const place = (chain: ReturnType<typeof chainOf>, atMs = 0) => {
    tracker.record(chain, start + atMs);
    return replicas.place(chain, start + atMs);
  };
  return { replicas, place };
}

describe('PrefixReplicas', () => {
  it('keeps the turns of a conversation on the replica that has the earlier ones', () => {
    const { replicas, place } = replicasWith();
    for (let i = 0; i < 12; i++) replicas.release(place(chainOf(['sys:600', `c${i}:600`])).replica);
    const first = place(chainOf(['sys:600', 'c3:600', 'a:300']));
    const second = place(chainOf(['sys:600', 'c3:600', 'a:300', 'b:900']), 1_000);
    expect([second.replica, second.heldBlocks, second.isSpilled]).toEqual([first.replica, 5, false]);
  });

  it('sends a prefix to the same place in processes that know nothing of one another', () => {
    const chains = Array.from({ length: 50 }, (_, i) => chainOf([`c${i}:600`]));
    const [a, b] = [replicasWith(), replicasWith()];
    const order = chains.map((_, i) => (i * 7) % chains.length);
    const placesA = chains.map((chain) => a.place(chain, 0).replica);
    const placesB = new Map(order.map((i) => [i, b.place(chains[i] ?? chainOf([]), 0).replica]));
    const equal = placesA.filter((place, i) => place === placesB.get(i)).length;
    expect(equal).toBeGreaterThan(40);
  });

  it('spreads what all prompts begin with over the replicas', () => {
    const { place } = replicasWith();
    const places = Array.from({ length: 200 }, (_, i) => place(chainOf(['sys:5000', `q${i}:700`]), i * 100).replica);
    expect(new Set(places).size).toBe(4);
  });

  it('gives no replica more than the bound, whatever the prompts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 60, maxLength: 200 }), (families) => {
        const { replicas, place } = replicasWith({
          bounds: { factor: 1.2, deviations: 0, idleRequests: 2, idleInFlight: 2 },
        });
        const counts = names.map(() => 0);
        families.forEach((family, i) => {
          const { replica } = place(chainOf([`f${family}:1200`, `q${i}:20`]), i);
          counts[replica] = (counts[replica] ?? 0) + 1;
          replicas.release(replica);
          expect(Math.max(...counts)).toBeLessThanOrEqual(Math.max(2, Math.ceil((1.2 * (i + 1)) / 4)));
        });
      }),
      { numRuns: 30 },
    );
  });

  it('holds back from a replica that is still busy with what it got', () => {
    const { place } = replicasWith({ bounds: { factor: 1.2, deviations: 0, idleRequests: 100, idleInFlight: 2 } });
    const chain = chainOf(['hot:3000']);
    const places = Array.from({ length: 12 }, () => place(chain).replica);
    expect(Math.max(...names.map((_, i) => places.filter((place) => place === i).length))).toBeLessThanOrEqual(4);
  });

  it('leaves a single conversation in its place where there is little else to do', () => {
    const { replicas, place } = replicasWith();
    const places = Array.from({ length: 20 }, (_, turn) => {
      const { replica } = place(chainOf(Array.from({ length: turn + 1 }, (_each, t) => `t${t}:300`)), turn * 10_000);
      replicas.release(replica);
      return replica;
    });
    expect(new Set(places).size).toBe(1);
  });

  it('leaves a replica alone that failed, and forgets what it held', () => {
    const { replicas, place } = replicasWith({ restMs: 5_000 });
    const chain = chainOf(['doc:3000']);
    const first = place(chain);
    replicas.release(first.replica);
    replicas.failed(first.replica, start);
    const second = place(chain, 1_000);
    expect(second.replica).not.toBe(first.replica);
    expect(second.isSpilled).toBe(true);
    const third = place(chain, 6_000);
    expect([third.replica, third.heldBlocks]).toEqual([second.replica, 6]);
  });

  it('still places when every replica is resting', () => {
    const { replicas, place } = replicasWith();
    names.forEach((_, i) => replicas.failed(i, start));
    expect(names[place(chainOf(['x:10'])).replica]).toBeDefined();
  });
});

describe('choosePrefixReplica', () => {
  const state = (heldBlocks: number, recentRequests = 0, i = 0) => ({
    nameHash: 77 + i,
    heldBlocks,
    recentRequests,
    inFlight: 0,
    isAvoided: false,
  });
  const bounds = { factor: 1.2, deviations: 0, idleRequests: 1, idleInFlight: 1 };

  it('takes the replica that holds most, unless it has too much to do', () => {
    expect(choosePrefixReplica([state(1), state(5), state(3)], 0, 'k', bounds).index).toBe(1);
    const busy = [state(1, 10), state(5, 14), state(3, 10)];
    expect(choosePrefixReplica(busy, 0, 'k', bounds)).toEqual({ index: 2, isSpilled: true });
  });

  it('does not count what everybody shares', () => {
    const states = [state(2, 0, 0), state(0, 0, 1), state(0, 0, 2)];
    const chosen = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => choosePrefixReplica(states, 2, key, bounds).index);
    expect(new Set(chosen).size).toBeGreaterThan(1);
  });
});

describe('ReplicaBlocks', () => {
  it('holds what a cache would that drops the least recently used and the ends of prefixes first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.nat(3), fc.boolean()), { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (uses, maxBlocks) => {
          const blocks = new ReplicaBlocks(3, maxBlocks);
          const naive: string[][] = [[], [], []];
          for (const [replica, a, b, isCleared] of uses) {
            const hashes = [`${a}`, `${a}.${b}`, `${a}.${b}.0`].slice(0, 1 + b);
            const held = blocks.find(hashes);
            const expected = naive.map((list) => {
              const missing = hashes.findIndex((hash) => !list.includes(hash));
              return missing < 0 ? hashes.length : missing;
            });
            expect(blocks.leading(held)).toEqual(expected);
            blocks.use(hashes, held, replica);
            for (const hash of hashes.slice(0, maxBlocks).reverse()) {
              naive[replica] = [...(naive[replica] ?? []).filter((each) => each !== hash), hash];
            }
            naive[replica] = (naive[replica] ?? []).slice(-maxBlocks);
            expect(blocks.sizeOf(replica)).toBe(naive[replica]?.length);
            if (!isCleared || a !== 0) continue;
            blocks.clear(replica);
            naive[replica] = [];
          }
        },
      ),
    );
  });
});

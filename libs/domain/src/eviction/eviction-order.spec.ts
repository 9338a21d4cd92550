import fc from 'fast-check';
import { createEvictionOrder, type Ranked } from './eviction-order';
import { evictionPolicies, reuseWeight, worthOfUse, type EvictionPolicy } from './eviction-policy';
import { seededRandom, simulateCache, zipf, type Question } from './testing/simulate-cache';

const plain = { sizeBytes: 1_000, savedNanoUsd: 1_000 };
const all = (order: { evict(): string | undefined }): string => {
  let gone = '';
  for (let entry = order.evict(); entry !== undefined; entry = order.evict()) gone += entry;
  return gone;
};

describe('createEvictionOrder', () => {
  it('by lru lets go of what was used longest ago', () => {
    const order = createEvictionOrder<string>('lru');
    const [a, , c] = ['a', 'b', 'c', 'd'].map((name) => order.add(name, plain));
    order.use(c as Ranked<string>);
    order.use(a as Ranked<string>);
    expect(all(order)).toBe('bdca');
  });

  it('by lfu lets go of what was used least, and of equals what was used longest ago', () => {
    const order = createEvictionOrder<string>('lfu');
    const [a, b] = ['a', 'b', 'c', 'd'].map((name) => order.add(name, plain)) as [Ranked<string>, Ranked<string>];
    order.use(a);
    order.use(a);
    order.use(b);
    expect(all(order)).toBe('cdba');
  });

  it('by lfu does not keep for ever what was popular once', () => {
    const order = createEvictionOrder<string>('lfu');
    const old = order.add('old', plain);
    for (let i = 0; i < 20; i++) order.use(old);
    const gone: (string | undefined)[] = [];
    // Three entries fit: each new one is used a few times and makes another go.
    for (let i = 0; i < 100; i++) {
      const place = order.add(`new ${i}`, plain);
      for (let use = 0; use < 3; use++) order.use(place);
      if (i >= 2) gone.push(order.evict());
    }
    expect(gone).toContain('old');
    expect(gone.indexOf('old')).toBeGreaterThan(5);
  });

  it('by cost_aware lets go of what saves least for each byte that it takes', () => {
    const order = createEvictionOrder<string>('cost_aware');
    order.add('dear', { sizeBytes: 1_000, savedNanoUsd: 50_000 });
    order.add('large', { sizeBytes: 100_000, savedNanoUsd: 50_000 });
    order.add('cheap', { sizeBytes: 1_000, savedNanoUsd: 1_000 });
    const often = order.add('often', { sizeBytes: 1_000, savedNanoUsd: 1_000 });
    order.use(often);
    order.add('unpriced', { sizeBytes: 1_000, savedNanoUsd: 0 });
    const gone = ['unpriced', 'large', 'cheap', 'often', 'dear'];
    expect(gone.map(() => order.evict())).toEqual(gone);
  });

  it('takes out an entry wherever it stands, once', () => {
    const order = createEvictionOrder<string>('lru');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => order.add(name, plain)) as [
      Ranked<string>,
      Ranked<string>,
      Ranked<string>,
    ];
    order.remove(b);
    order.remove(b);
    order.use(a);
    expect(all(order)).toBe('ca');
    order.remove(c);
    expect(order.evict()).toBeUndefined();
    order.add('d', plain);
    order.clear();
    expect(order.evict()).toBeUndefined();
  });

  it.each(evictionPolicies)('by %s goes in the order of a plain list that is searched each time', (policy) => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'use', 'use', 'remove', 'evict'),
      pick: fc.nat(1_000),
      sizeBytes: fc.integer({ min: 1, max: 50 }),
      savedNanoUsd: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const order = createEvictionOrder<number>(policy);
        const model = modelOrder(policy);
        const places: Ranked<number>[] = [];
        for (const [index, { kind, pick, ...worth }] of steps.entries()) {
          const place = places[pick % Math.max(1, places.length)];
          if (kind === 'add') {
            places.push(order.add(index, worth));
            model.add(index, worth);
          } else if (kind === 'evict') {
            const gone = order.evict();
            expect(gone).toBe(model.evict());
            const at = places.findIndex(({ entry }) => entry === gone);
            if (at >= 0) places.splice(at, 1);
          } else if (place && kind === 'use') {
            order.use(place);
            model.use(place.entry);
          } else if (place) {
            order.remove(place);
            model.remove(place.entry);
            places.splice(places.indexOf(place), 1);
          }
        }
        for (let gone = order.evict(); gone !== undefined; gone = order.evict()) expect(gone).toBe(model.evict());
        expect(model.evict()).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

/** The same order, by looking at every entry. */
function modelOrder(policy: EvictionPolicy) {
  type Entry = { id: number; worth: number; priority: number; order: number };
  let entries: Entry[] = [];
  let [age, clock] = [0, 0];
  return {
    add(id: number, worth: { sizeBytes: number; savedNanoUsd: number }) {
      const value = policy === 'lru' ? 0 : worthOfUse(policy, worth);
      entries.push({ id, worth: value, priority: policy === 'lru' ? 0 : age + value, order: ++clock });
    },
    use(id: number) {
      for (const entry of entries.filter((each) => each.id === id)) {
        entry.order = ++clock;
        entry.priority += reuseWeight * entry.worth;
      }
    },
    remove: (id: number) => void (entries = entries.filter((entry) => entry.id !== id)),
    evict() {
      entries.sort((a, b) => a.priority - b.priority || a.order - b.order);
      const first = entries.shift();
      if (first) age = Math.max(age, first.priority);
      return first?.id;
    },
  };
}

describe('policies on workloads', () => {
  const QUESTIONS = 10_000;
  const ASKED = 100_000;

  it('lfu hits more often than lru where few questions are asked often', () => {
    const ofEqualSize = function* (): Generator<Question> {
      const draw = zipf(QUESTIONS, 0.9, seededRandom(1));
      for (let i = 0; i < ASKED; i++) yield { key: draw(), ...plain };
    };
    const rate = (policy: EvictionPolicy): number => simulateCache(policy, 500 * 1_000, ofEqualSize()).hitRate;
    expect(evictionPolicies.map((policy) => rate(policy).toFixed(2))).toEqual(['0.46', '0.54', '0.54']);
  });

  it('lfu follows when other questions become popular', () => {
    const shifting = function* (): Generator<Question> {
      const draw = zipf(QUESTIONS, 0.9, seededRandom(1));
      for (let i = 0; i < ASKED; i++) yield { key: draw() + (i < ASKED / 2 ? 0 : QUESTIONS), ...plain };
    };
    const rate = (policy: EvictionPolicy): number => simulateCache(policy, 500 * 1_000, shifting()).hitRate;
    expect(rate('lfu').toFixed(2)).toBe('0.51');
  });

  it('cost_aware saves most where prices and sizes differ widely', () => {
    const skewed = function* (): Generator<Question> {
      const random = seededRandom(2);
      // Prices over three powers of ten, as between models; sizes over one and a half.
      const worths = Array.from({ length: QUESTIONS }, () => ({
        savedNanoUsd: Math.round(10 ** (4 + 3 * random())),
        sizeBytes: Math.round(10 ** (3 + 1.5 * random())),
      }));
      const draw = zipf(QUESTIONS, 0.9, random);
      for (let i = 0; i < ASKED; i++) {
        const key = draw();
        yield { key, ...(worths[key] as (typeof worths)[number]) };
      }
    };
    const share = (policy: EvictionPolicy): number => simulateCache(policy, 4_000_000, skewed()).savedShare;
    expect(evictionPolicies.map((policy) => share(policy).toFixed(2))).toEqual(['0.48', '0.56', '0.72']);
  });
});

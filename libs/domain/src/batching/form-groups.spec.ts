import fc from 'fast-check';
import type { BatchWork } from './batch-work';
import { clusterVectors, noise } from './cluster-vectors';
import { formGroups } from './form-groups';

const at = (degrees: number): Float32Array =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
/** Neighbours up to 5 degrees apart. */
const epsilon = 1 - Math.cos((5.001 * Math.PI) / 180);

const work = (id: string, more: Partial<BatchWork> = {}): BatchWork => ({
  id,
  lane: 'standard',
  tenantId: 't1',
  target: 'p/m',
  tokens: 10,
  arrivedAtMs: 0,
  deadlineAtMs: 1e9,
  serviceMs: 0,
  ...more,
});

const idsOf = (works: readonly BatchWork[], options: Parameters<typeof formGroups>[1] = {}): string[][][] =>
  formGroups(works, { epsilon, ...options }).map(({ calls }) => calls.map((call) => call.works.map(({ id }) => id)));

describe('clusterVectors', () => {
  it('joins neighbours along a chain and leaves the lonely out', () => {
    expect([...clusterVectors([at(0), at(90), at(5), at(10), at(180), at(94), undefined], { epsilon })]).toEqual([
      0,
      1,
      0,
      0,
      noise,
      1,
      noise,
    ]);
  });

  it('lets a cluster grow only through its midst', () => {
    // Only 4 has three neighbours; 9 is at the border, and 14, which is next to 9 alone, is out.
    const points = [at(0), at(2), at(4), at(9), at(14)];
    expect([...clusterVectors(points, { epsilon, minPoints: 4 })]).toEqual([0, 0, 0, 0, noise]);
    expect([...clusterVectors(points, { epsilon, minPoints: 2 })]).toEqual([0, 0, 0, 0, 0]);
    expect([...clusterVectors(points, { epsilon, minPoints: 5 })]).toEqual(points.map(() => noise));
  });

  it('finds, for two points a cluster, what is connected by neighbours, whatever the order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 170 }), { minLength: 1, maxLength: 40 }), (degrees) => {
        const clusters = clusterVectors(degrees.map(at), { epsilon });
        const sorted = [...degrees].sort((a, b) => a - b);
        for (let i = 1; i < sorted.length; i++) {
          const [a, b] = [sorted[i - 1] ?? 0, sorted[i] ?? 0];
          const [ca, cb] = [clusters[degrees.indexOf(a)], clusters[degrees.indexOf(b)]];
          if (b - a <= 5) expect(ca).toBe(cb);
          else expect(ca === cb && ca !== noise).toBe(false);
        }
      }),
    );
  });
});

describe('formGroups', () => {
  it('lets identical work share one call', () => {
    const works = [work('a', { fingerprint: 'x' }), work('b', { fingerprint: 'y' }), work('c', { fingerprint: 'x' })];
    expect(idsOf(works)).toEqual([[['a', 'c']], [['b']]]);
  });

  it('never puts together what belongs to two tenants, targets or lanes', () => {
    const same = { fingerprint: 'x', vector: at(0), prefix: ['p'] };
    const works = [
      work('a', same),
      work('b', { ...same, tenantId: 't2' }),
      work('c', { ...same, target: 'p/n' }),
      work('d', { ...same, lane: 'batch' }),
    ];
    expect(idsOf(works, { isSame: () => true })).toEqual([[['a']], [['b']], [['c']], [['d']]]);
  });

  it('asks the earliest of those that mean the same, and keeps the others of the cluster in its group', () => {
    const works = [
      work('late', { vector: at(1), arrivedAtMs: 5 }),
      work('early', { vector: at(0), arrivedAtMs: 1 }),
      work('other', { vector: at(2), arrivedAtMs: 3 }),
      work('far', { vector: at(90), arrivedAtMs: 4 }),
    ];
    const isSame = (a: BatchWork, b: BatchWork): boolean => a.id === 'early' && b.id === 'late';
    expect(idsOf(works, { isSame })).toEqual([[['early', 'late'], ['other']], [['far']]]);
  });

  it('compares with the one that is asked, not along a chain', () => {
    const works = ['a', 'b', 'c'].map((id, index) => work(id, { vector: at(index), arrivedAtMs: index }));
    const asked: string[] = [];
    const isSame = (a: BatchWork, b: BatchWork): boolean => {
      asked.push(a.id + b.id);
      return a.id + b.id !== 'ac';
    };
    expect(idsOf(works, { isSame })).toEqual([[['a', 'b'], ['c']]]);
    expect(asked).toEqual(['ab', 'ac']);
  });

  it('lets the call that has most of its prompt in common with the others lead its group', () => {
    const works = [
      work('a', { prefix: ['p', 'a1'] }),
      work('b', { prefix: ['p', 'q', 'b1'], arrivedAtMs: 1 }),
      work('c', { prefix: ['p', 'q', 'c1'], arrivedAtMs: 2 }),
      work('d', { prefix: ['z'], arrivedAtMs: 3 }),
    ];
    expect(idsOf(works)).toEqual([[['b'], ['a'], ['c']], [['d']]]);
  });

  it('puts each piece of work into one call, the same ones in whatever order they are given', () => {
    const spec = fc.record({
      degrees: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      fingerprint: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
      prefix: fc.option(fc.constantFrom('p', 'q'), { nil: undefined }),
      tenant: fc.constantFrom('t1', 't2'),
      meaning: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 24 }), fc.integer(), (specs, seed) => {
        const works = specs.map(({ degrees, fingerprint, prefix, tenant, meaning }, index) =>
          work(`${index}-${meaning}`, {
            tenantId: tenant,
            fingerprint,
            vector: degrees === undefined ? undefined : at(degrees),
            prefix: prefix === undefined ? undefined : [prefix, `${index}`],
            arrivedAtMs: index % 5,
          }),
        );
        const isSame = (a: BatchWork, b: BatchWork): boolean => a.id.at(-1) === b.id.at(-1);
        const groups = idsOf(works, { isSame });
        expect(groups.flat(2).sort()).toEqual(works.map(({ id }) => id).sort());
        const shuffled = works.map((each, i) => ({ each, rank: Math.imul(i + 1, seed | 1) % 1_009 }));
        shuffled.sort((a, b) => a.rank - b.rank);
        const again = idsOf(
          shuffled.map(({ each }) => each),
          { isSame },
        );
        expect(new Set(again.map(String))).toEqual(new Set(groups.map(String)));
      }),
    );
  });
});

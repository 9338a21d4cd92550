import fc from 'fast-check';
import { CostlaneError } from '@costlane/domain';
import type { LabelledPair } from '../training/labelled-pair';
import { families } from './families';
import { canonical } from './family';
import { generateRows } from './generate-rows';

const wordsOf = (text: string) => text.toLowerCase().match(/[a-z']+/g) ?? [];

/** Groups of texts that rows labelled same tie together. */
function createGroups(rows: readonly LabelledPair[]) {
  const parent = new Map<string, string>();
  const rootOf = (text: string): string => {
    let at = text;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const { a, b, same } of rows) {
    for (const text of [a, b]) if (!parent.has(canonical(text))) parent.set(canonical(text), canonical(text));
    if (same) parent.set(rootOf(canonical(a)), rootOf(canonical(b)));
  }
  return { rootOf: (text: string) => rootOf(canonical(text)) };
}

describe('generated rows', () => {
  const rows = generateRows({ seed: 11, count: 20_000 });

  it('are the same for the same seed, and others for another', () => {
    const first = generateRows({ seed: 5, count: 300 });
    expect(generateRows({ seed: 5, count: 300 })).toEqual(first);
    expect(generateRows({ seed: 6, count: 300 })).not.toEqual(first);
  });

  it('are as many as asked for, half of them same', () => {
    expect(rows).toHaveLength(20_000);
    expect(rows.filter(({ same }) => same)).toHaveLength(10_000);
    expect(generateRows({ seed: 1, count: 7 }).filter(({ same }) => same)).toHaveLength(4);
  });

  it('come from more than forty families, each with as many same as different', () => {
    const bySource = new Map<string, LabelledPair[]>();
    for (const row of rows) bySource.set(row.source, [...(bySource.get(row.source) ?? []), row]);
    expect(bySource.size).toBe(families.length + 1);
    expect(bySource.size).toBeGreaterThan(40);
    for (const [source, own] of bySource) {
      expect(source).toMatch(/^gen-[a-z-]+$/);
      expect({ source, isEnough: own.length >= 100 }).toEqual({ source, isEnough: true });
      const same = own.filter((row) => row.same).length;
      expect({ source, isLevel: Math.abs(2 * same - own.length) <= 2 }).toEqual({ source, isLevel: true });
    }
  });

  it('never pair a text with itself, and never come twice, either way round', () => {
    expect(rows.filter(({ a, b }) => a === b)).toEqual([]);
    expect(rows.filter(({ a, b, same }) => !same && canonical(a) === canonical(b))).toEqual([]);
    expect(new Set(rows.map(({ a, b }) => [canonical(a), canonical(b)].sort().join('\n'))).size).toBe(rows.length);
  });

  it('never call different what other rows tie together as same, whatever the seed', () => {
    const contradictions = (all: readonly LabelledPair[]) => {
      const { rootOf } = createGroups(all);
      return all.filter(({ a, b, same }) => !same && rootOf(a) === rootOf(b));
    };
    expect(contradictions(rows)).toEqual([]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (seed) => {
        expect(contradictions(generateRows({ seed, count: 1_500 }))).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });

  it('hold no word that tells the label by itself', () => {
    const counts = new Map<string, { same: number; all: number }>();
    for (const { a, b, same } of rows)
      for (const word of new Set([...wordsOf(a), ...wordsOf(b)])) {
        const count = counts.get(word) ?? { same: 0, all: 0 };
        count.all += 1;
        if (same) count.same += 1;
        counts.set(word, count);
      }
    const telling = [...counts].filter(([, { same, all }]) => all >= 150 && Math.abs(same / all - 0.5) > 0.17);
    expect(telling.map(([word, { same, all }]) => `${word} ${same}/${all}`)).toEqual([]);
  });

  it('are texts that a person may have typed: no slot, bracket or double space is left', () => {
    for (const { a, b } of rows) expect(`${a}${b}`).not.toMatch(/[{}[\]|]|\ba\(n\)| {2}|undefined/);
  });

  it('refuse a count that is no whole number of at least 1', () => {
    for (const count of [0, -1, 1.5, Number.NaN]) expect(() => generateRows({ seed: 1, count })).toThrow(CostlaneError);
  });
});

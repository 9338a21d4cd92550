import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cascadeFigures, distanceOf } from './cascade.mjs';
import { parseCsv, readOutcomes, readScores } from './csv.mjs';
import { apgr, calibrationError, callsForGap, randomFigures, reliability, savingAt } from './metrics.mjs';
import { mixCascadeFigures, mixFigures, strataOf } from './mix.mjs';
import { createRandom } from './random.mjs';

/** `count` rows: in a fifth of them only the strong model is right, in the others both are. */
const rows = Array.from({ length: 1_000 }, (_, row) => ({
  prompt: `${row}`,
  source: 's',
  strong: 1,
  weak: row % 5 === 0 ? 0 : 1,
}));
const needed = rows.map(({ weak }) => 1 - weak);

describe('figures of a ranking', () => {
  it('a ranking that knows the outcomes needs a fifth of the calls for the whole gap', () => {
    expect(callsForGap(needed, rows, 1)).toBeCloseTo(0.2, 9);
    expect(savingAt(needed, rows, 1)).toBeCloseTo(0.8, 9);
    expect(apgr(needed, rows)).toBeCloseTo(0.9, 9);
  });

  it('the reverse of a ranking has the rest of its APGR', () => {
    const random = createRandom(3);
    const scores = rows.map(() => random());
    const reversed = scores.map((score) => -score);
    expect(apgr(scores, rows) + apgr(reversed, rows)).toBeCloseTo(1, 9);
    expect(apgr(scores, rows)).toBeGreaterThan(0.4);
    expect(apgr(scores, rows)).toBeLessThan(0.6);
  });

  it('a random order saves what the gap leaves', () => {
    // Strong 1, weak .8: at 95 % three quarters of the gap have to be closed.
    expect(randomFigures(rows).saving95).toBeCloseTo(0.25, 9);
  });

  it('measures how far predicted shares are from those observed', () => {
    const right = rows.map(() => 0.2);
    expect(calibrationError(right, needed, 5)).toBeCloseTo(0, 9);
    expect(
      calibrationError(
        right.map(() => 0.5),
        needed,
        5,
      ),
    ).toBeCloseTo(0.3, 9);
    expect(reliability(needed, needed, 5).map(({ observed }) => observed)).toEqual([0, 0, 0, 0, 1]);
  });
});

describe('the simulated cascade', () => {
  it('draws signals of the area that it names', () => {
    expect(distanceOf(0.5)).toBeCloseTo(0, 5);
    expect(distanceOf(0.75)).toBeCloseTo(Math.SQRT2 * 0.67449, 4);
  });

  it('is worth more the more the answer gives away, and pays for the cheap calls', () => {
    const flat = rows.map(() => 0.2);
    const [alone, ...signals] = cascadeFigures(flat, flat, rows, [0.6, 0.75, 0.9]);
    expect(alone.area).toBe(0);
    const areas = signals.map((figures) => figures.apgr);
    expect([...areas].sort((a, b) => a - b)).toEqual(areas);
    for (const figures of signals) {
      expect(figures.moneySaved978).toBeCloseTo(figures.callsAvoided978 - 0.05, 9);
      expect(figures.budgetApgr).toBeLessThan(figures.apgr);
    }
  });
});

describe('the mix', () => {
  const random = createRandom(9);
  const mixed = Array.from({ length: 3_000 }, (_, row) => {
    const source = ['easy', 'middle', 'hard'][row % 3];
    return { source, strong: 1, weak: random() < { easy: 0.95, middle: 0.75, hard: 0.4 }[source] ? 1 : 0 };
  });
  const foldOf = mixed.map((_, row) => row % 5);
  const predictions = mixed.map(({ weak }) => 0.3 * (1 - weak) + 0.5 * random());

  it('parts sources by how often the weak model is right in them', () => {
    expect(strataOf(mixed).slice(0, 3)).toEqual(['simple', 'moderate', 'complex']);
  });

  it('keeps about the quality that thresholds of other folds aim at, and costs less the better the middle model is', () => {
    const figures = mixFigures(predictions, mixed, foldOf);
    for (const { quality, economy, standard, premium } of figures) {
      expect(quality).toBeGreaterThan(0.97);
      expect(economy + standard + premium).toBeCloseTo(1, 9);
    }
    const savings = figures.map(({ cheaper }) => cheaper);
    expect([...savings].sort((a, b) => a - b)).toEqual(savings);
    for (const { quality } of mixCascadeFigures(predictions, mixed, foldOf)) expect(quality).toBeGreaterThan(0.97);
  });
});

describe('rows from CSV files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'costlane-router-tools-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (text) => {
    const file = path.join(folder, 'rows.csv');
    writeFileSync(file, text);
    return file;
  };

  it('reads quotes, commas and line breaks within a field', () => {
    expect(parseCsv('a,b\r\n"x, ""y""\nz",1\n', 'f')).toEqual([{ a: 'x, "y"\nz', b: '1' }]);
  });

  it('reads outcomes and scores onto one scale', () => {
    const head = 'prompt,source,strong_correct,weak_correct\n';
    expect(readOutcomes(fileOf(`${head}What?,s,1,0\n`))).toEqual([
      { prompt: 'What?', source: 's', strong: 1, weak: 0 },
    ]);
    expect(readScores(fileOf('prompt,category,strong_score,weak_score\nWhat?,c,9,7.5\n'))[0]).toMatchObject({
      strong: 0.9,
      weak: 0.75,
    });
  });

  it('names file, record and column of what is wrong', () => {
    const head = 'prompt,source,strong_correct,weak_correct\n';
    expect(() => readOutcomes(fileOf(`${head}What?,s,1,2\n`))).toThrow(
      /record 1: weak_correct must be a number from 0 to 1/,
    );
    expect(() => readOutcomes(fileOf(`${head}What?,s,1\n`))).toThrow(/record 1 has 3 fields, the first line has 4/);
    expect(() => readOutcomes(path.join(folder, 'none.csv'))).toThrow(/no such file/);
  });
});

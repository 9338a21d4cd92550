import { createDirections, DIRECTIONS } from './directions';

const rowOf = ({ rows, scales }: ReturnType<typeof createDirections>, row: number, length: number): number[] =>
  [...rows.subarray(row * length, (row + 1) * length)].map((value) => value * (scales[row] ?? 0));
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

describe('directions of sketches', () => {
  it('are of unit length, orthogonal, and the same each time', () => {
    const directions = createDirections(384, 384);
    for (let row = 0; row < DIRECTIONS; row += 9) {
      const one = rowOf(directions, row, 384);
      expect(dot(one, one)).toBeCloseTo(1, 2);
      for (let other = 0; other < row; other += 5)
        expect(Math.abs(dot(one, rowOf(directions, other, 384)))).toBeLessThan(0.01);
    }
    expect(createDirections(384, 384).rows).toEqual(directions.rows);
  });

  it('exist for dimensions below their number, and leave the padding empty', () => {
    const directions = createDirections(5, 32);
    const last = rowOf(directions, 127, 32);
    expect(dot(last, last)).toBeCloseTo(1, 2);
    expect(last.slice(5)).toEqual(new Array(27).fill(0));
  });
});

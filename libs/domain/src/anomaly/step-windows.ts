import { STEPS_PER_HOUR } from './anomaly-types';

/** Lengths in steps of five minutes: from ten minutes, so that a loop is seen at once, to a day, so that a slow drift is. */
export const windowSteps = [2, 3, 6, STEPS_PER_HOUR, 6 * STEPS_PER_HOUR, 24 * STEPS_PER_HOUR] as const;
const SIZE = 24 * STEPS_PER_HOUR;

/** Running sums of what was spent and what was expected over the last steps. */
export class StepWindows {
  private readonly actual = new Float32Array(SIZE);
  private readonly expected = new Float32Array(SIZE);
  private readonly actualSums = new Float64Array(windowSteps.length);
  private readonly expectedSums = new Float64Array(windowSteps.length);
  private count = 0;

  push(actual: number, expected: number): void {
    const at = this.count % SIZE;
    // Rounded as it is kept, so that what leaves a sum is what went in.
    const spent = Math.fround(actual);
    const thought = Math.fround(expected);
    for (let i = 0; i < windowSteps.length; i++) {
      const steps = windowSteps[i] ?? 1;
      const old = (this.count - steps) % SIZE;
      const isFull = this.count >= steps;
      this.actualSums[i] = (this.actualSums[i] ?? 0) + spent - (isFull ? (this.actual[old] ?? 0) : 0);
      this.expectedSums[i] = (this.expectedSums[i] ?? 0) + thought - (isFull ? (this.expected[old] ?? 0) : 0);
    }
    this.actual[at] = spent;
    this.expected[at] = thought;
    this.count += 1;
  }

  /** Begins anew: what was spent before has been told, and counts no more. */
  clear(): void {
    this.count = 0;
    this.actualSums.fill(0);
    this.expectedSums.fill(0);
  }

  /** Whether that much was seen. */
  isFilled(window: number): boolean {
    return this.count >= (windowSteps[window] ?? 0);
  }

  actualOf(window: number): number {
    return Math.max(0, this.actualSums[window] ?? 0);
  }

  expectedOf(window: number): number {
    return Math.max(0, this.expectedSums[window] ?? 0);
  }
}

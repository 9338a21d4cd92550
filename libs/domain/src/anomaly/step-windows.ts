import { STEPS_PER_HOUR } from './anomaly-types';

/** Lengths in steps of five minutes: from ten minutes, so that a loop is seen at once, to a day, so that a slow drift is. */
export const windowSteps = [2, 3, 6, STEPS_PER_HOUR, 6 * STEPS_PER_HOUR, 24 * STEPS_PER_HOUR] as const;
const SIZE = 24 * STEPS_PER_HOUR + 1;

/** What was spent and what was expected over the last steps, as running totals: a step is one entry, a window the difference of two. */
export class StepWindows {
  private readonly actual = new Float64Array(SIZE);
  private readonly expected = new Float64Array(SIZE);
  private readonly requests = new Float64Array(SIZE);
  private at = 0;
  private count = 0;

  push(actual: number, expected: number, requests: number): void {
    const before = this.at;
    this.at = before + 1 === SIZE ? 0 : before + 1;
    this.actual[this.at] = (this.actual[before] ?? 0) + actual;
    this.expected[this.at] = (this.expected[before] ?? 0) + expected;
    this.requests[this.at] = (this.requests[before] ?? 0) + requests;
    this.count += 1;
  }

  /** Begins anew: what was spent before has been told, and counts no more. */
  clear(): void {
    this.count = 0;
    this.actual[this.at] = 0;
    this.expected[this.at] = 0;
    this.requests[this.at] = 0;
  }

  /** Whether that much was seen. */
  isFilled(window: number): boolean {
    return this.count >= (windowSteps[window] ?? 0);
  }

  actualOf(window: number): number {
    return this.over(this.actual, window);
  }

  expectedOf(window: number): number {
    return this.over(this.expected, window);
  }

  requestsOf(window: number): number {
    return this.over(this.requests, window);
  }

  /** The most that a step of the window has cost beyond its calls at that price: a single dear call lies within one step. */
  largestSurprise(window: number, pricePerCall: number): number {
    const steps = Math.min(this.count, windowSteps[window] ?? 0);
    let largest = 0;
    for (let back = 0, at = this.at; back < steps; back++) {
      const before = at === 0 ? SIZE - 1 : at - 1;
      const amount = (this.actual[at] ?? 0) - (this.actual[before] ?? 0);
      const calls = (this.requests[at] ?? 0) - (this.requests[before] ?? 0);
      largest = Math.max(largest, amount - pricePerCall * calls);
      at = before;
    }
    return largest;
  }

  /** Over what was seen, where that is less. */
  private over(totals: Float64Array, window: number): number {
    const steps = Math.min(this.count, windowSteps[window] ?? 0);
    const from = this.at - steps;
    return Math.max(0, (totals[this.at] ?? 0) - (totals[from < 0 ? from + SIZE : from] ?? 0));
  }
}

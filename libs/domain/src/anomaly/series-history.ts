import { HOUR_MS } from './anomaly-types';

export const HISTORY_DAYS = 35;
const HOURS_PER_DAY = 24;
const HOURS_PER_WEEK = 168;
const SIZE = HISTORY_DAYS * HOURS_PER_DAY;
/** What looked like an anomaly at the same hour so often is usual: in weeks of that weekday, in days of that kind. */
const AGAIN_WEEKS = 2;
const AGAIN_DAYS = 4;

/** Number of the hour since 1970 in UTC. */
export const hourOf = (epochMs: number): number => Math.floor(epochMs / HOUR_MS);

/** 0 Sunday to 6 Saturday; 1970 began on a Thursday. */
export const weekdayOf = (hour: number): number => (Math.floor(hour / HOURS_PER_DAY) + 4) % 7;

/** What a scope spent in each hour of the last five weeks. Hours that are kept out, and those before the first, are NaN; others without a row are 0. */
export class SeriesHistory {
  private readonly amounts = new Float32Array(SIZE).fill(NaN);
  /** Of hours that are kept out because they looked like an anomaly of which nobody has said anything; few. */
  private readonly held = new Map<number, number>();
  private first = NaN;
  private last = NaN;

  /** The first hour that is known of this scope; NaN before there is one. */
  get firstHour(): number {
    return this.first;
  }

  /** Puts down an hour, NaN for one that is kept out. Hours between the last one and this were without spend. */
  put(hour: number, amount: number): void {
    if (Number.isNaN(this.first)) this.first = hour;
    else for (let gap = Math.max(this.last + 1, hour - SIZE); gap < hour; gap++) this.amounts[gap % SIZE] = 0;
    this.amounts[hour % SIZE] = amount;
    this.last = Math.max(hour, Number.isNaN(this.last) ? hour : this.last);
  }

  /** Puts down what was spent in an hour that is kept out: if it comes again and again at that time, it is usual all the same. */
  hold(hour: number, amount: number): void {
    this.put(hour, NaN);
    this.held.set(hour, amount);
  }

  /** Forgets what is held and too long ago, or known to be an anomaly. */
  release(hour: number, isAnomaly: (hour: number) => boolean): void {
    for (const at of this.held.keys()) if (at <= hour - SIZE || isAnomaly(at)) this.held.delete(at);
  }

  at(hour: number): number {
    if (!(hour >= this.first) || hour > this.last || hour <= this.last - SIZE) return NaN;
    return this.amounts[hour % SIZE] ?? NaN;
  }

  ageDays(hour: number): number {
    return Number.isNaN(this.first) ? 0 : (hour - this.first) / HOURS_PER_DAY;
  }

  /** Amounts of the same weekday and hour in the weeks before. */
  sameSlot(hour: number): number[] {
    const found: number[] = [];
    const held: number[] = [];
    for (let at = hour - HOURS_PER_WEEK; at > hour - SIZE; at -= HOURS_PER_WEEK) this.collect(at, found, held);
    return held.length < AGAIN_WEEKS ? found : [...found, ...held];
  }

  /** Amounts of the same hour on days of the same kind before: working days, Saturdays, Sundays. `shift` asks for a neighbour of the hour. */
  sameKindOfDay(hour: number, shift = 0): number[] {
    const kind = kindOfDay(hour);
    const found: number[] = [];
    const held: number[] = [];
    for (let at = hour - HOURS_PER_DAY; at > hour - SIZE; at -= HOURS_PER_DAY)
      if (kindOfDay(at) === kind) this.collect(at + shift, found, held);
    return held.length < AGAIN_DAYS ? found : [...found, ...held];
  }

  /** Sum over `hours` up to and with `lastHour`; hours kept out count as the others do on average. NaN where fewer than half are known. */
  sum(lastHour: number, hours: number): number {
    let sum = 0;
    let known = 0;
    for (let at = lastHour - hours + 1; at <= lastHour; at++) {
      const amount = this.at(at);
      if (Number.isNaN(amount)) continue;
      sum += amount;
      known += 1;
    }
    return known * 2 < hours ? NaN : (sum * hours) / known;
  }

  private collect(hour: number, into: number[], held: number[]): void {
    const amount = this.at(hour);
    if (!Number.isNaN(amount)) into.push(amount);
    else if (this.held.size > 0) {
      const kept = this.held.get(hour);
      if (kept !== undefined) held.push(kept);
    }
  }
}

function kindOfDay(hour: number): number {
  const weekday = weekdayOf(hour);
  return weekday === 0 || weekday === 6 ? weekday : 1;
}

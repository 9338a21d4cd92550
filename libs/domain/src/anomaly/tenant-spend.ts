import type { AnomalyDimension, AnomalyScope, SpendRow } from './anomaly-types';
import { isMonthEnd } from './expected-spend';
import { quantileOf } from './order-statistics';
import { HISTORY_DAYS } from './series-history';
import { SpendSeries, type HourKeeping, type PeerLevel } from './spend-series';

const MAX_MONTH_END = 2;
const LITTLE = 0.05;

/** All scopes of one tenant. */
export class TenantSpend {
  readonly total: SpendSeries;
  private readonly series = new Map<string, SpendSeries>();
  private readonly monthEnd = { actual: 0, expected: 0, factor: 1, isNow: false };

  constructor(
    readonly tenantId: string,
    private readonly maxValues: number,
  ) {
    this.total = this.find({ dimension: 'total', value: '' });
  }

  all(): Iterable<SpendSeries> {
    return this.series.values();
  }

  get size(): number {
    return this.series.size;
  }

  find({ dimension, value }: Pick<AnomalyScope, 'dimension' | 'value'>): SpendSeries {
    const key = `${dimension}\0${value}`;
    let found = this.series.get(key);
    if (!found) {
      found = new SpendSeries({ tenantId: this.tenantId, dimension, value });
      this.series.set(key, found);
    }
    return found;
  }

  /** The series of each row, with those that have none in this step. */
  amounts(rows: readonly SpendRow[]): Map<SpendSeries, SpendRow> {
    const found = new Map<SpendSeries, SpendRow>();
    for (const row of rows) found.set(this.find(row), row);
    return found;
  }

  beginHour(hour: number): void {
    const factor = this.factorOf(hour);
    const levels = new Map<AnomalyDimension, PeerLevel>();
    const newcomers: SpendSeries[] = [];
    const hours = new Map<AnomalyDimension, { hour: number[]; day: number[] }>();
    for (const series of this.series.values()) {
      const isYoung = series.history.ageDays(hour) < 7;
      if (isYoung) newcomers.push(series);
      else {
        series.beginHour(hour, undefined, factor);
        const known = hours.get(series.scope.dimension) ?? { hour: [], day: [] };
        known.hour.push(series.expected);
        known.day.push(series.usualDay);
        hours.set(series.scope.dimension, known);
      }
    }
    for (const [dimension, known] of hours)
      levels.set(dimension, { hourNanoUsd: median(known.hour), dayNanoUsd: median(known.day) });
    for (const series of newcomers)
      series.beginHour(hour, levels.get(series.scope.dimension) ?? this.littleOfTotal(), factor);
  }

  endHour(
    hour: number,
    amountOf: (series: SpendSeries) => number,
    keepingOf: (scope: AnomalyScope) => HourKeeping,
  ): void {
    const { monthEnd, total } = this;
    if (monthEnd.isNow && keepingOf(total.scope) === 'kept') {
      monthEnd.actual += amountOf(total);
      monthEnd.expected += total.expected / monthEnd.factor;
    }
    for (const series of this.series.values()) series.endHour(hour, amountOf(series), keepingOf(series.scope));
  }

  /** An anomaly is over: what was spent while it lasted must not look like the next one. */
  settle(): void {
    for (const series of this.series.values()) series.windows.clear();
  }

  /** Lets go of scopes without spend in all that is remembered, and of the smallest where there are too many. */
  sweep(hour: number): void {
    const byDimension = new Map<AnomalyDimension, SpendSeries[]>();
    for (const series of this.series.values()) {
      const { dimension } = series.scope;
      if (dimension === 'total') continue;
      if (series.history.ageDays(hour) > HISTORY_DAYS && series.usualDay === 0) this.drop(series);
      else byDimension.set(dimension, [...(byDimension.get(dimension) ?? []), series]);
    }
    for (const all of byDimension.values()) {
      if (all.length <= this.maxValues) continue;
      all.sort((a, b) => b.usualDay - a.usualDay);
      for (const series of all.slice(this.maxValues)) this.drop(series);
    }
  }

  /** For the first of its kind. */
  private littleOfTotal(): PeerLevel {
    return { hourNanoUsd: this.total.expected * LITTLE, dayNanoUsd: this.total.usualDay * LITTLE };
  }

  private drop({ scope }: SpendSeries): void {
    this.series.delete(`${scope.dimension}\0${scope.value}`);
  }

  /** What the last month's end was like, by the hours that were known then. */
  private factorOf(hour: number): number {
    const { monthEnd } = this;
    const isNow = isMonthEnd(hour);
    if (monthEnd.isNow && !isNow && monthEnd.expected > 0)
      monthEnd.factor = Math.min(MAX_MONTH_END, Math.max(1, monthEnd.actual / monthEnd.expected));
    if (isNow !== monthEnd.isNow) {
      monthEnd.actual = 0;
      monthEnd.expected = 0;
    }
    monthEnd.isNow = isNow;
    return isNow ? monthEnd.factor : 1;
  }
}

const median = (values: number[]): number =>
  quantileOf(
    values.sort((a, b) => a - b),
    0.5,
  );

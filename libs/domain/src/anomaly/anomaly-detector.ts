import {
  HOUR_MS,
  STEPS_PER_HOUR,
  type AnomalyFinding,
  type AnomalyScope,
  type AnomalySettings,
  type SpendRow,
} from './anomaly-types';
import { NEW_NORMAL_MS, type FeedbackBook } from './feedback-book';
import { judgeSeries } from './judge-series';
import type { HourKeeping, SpendSeries } from './spend-series';
import { windowSteps } from './step-windows';
import { TenantSpend } from './tenant-spend';

/** Nothing is said of a tenant of which less is known: before that there is no weekend to know a working day by. */
const MIN_AGE_DAYS = 7;
/** Spend beyond what is planned has to be this share of an excess. */
const UNPLANNED_SHARE = 0.4;
const MINUTES_PER_STEP = 60 / STEPS_PER_HOUR;

/** An anomaly that is under way, as far as what is usual must not learn from it. */
export interface OpenAnomaly {
  readonly scopes: readonly AnomalyScope[];
  readonly sinceMs: number;
}

/**
 * Finds spend beyond what is expected of a tenant, its users, features and models. Fed with the amounts of steps of five minutes in their order; hours that were missed or lie before the
 * start come by `learnHour`. Keeps five weeks of hours for each scope (about 13 KB), and does no I/O. One use at a time.
 */
export class AnomalyDetector {
  private readonly tenants = new Map<string, TenantSpend>();
  private hour = NaN;
  private open: readonly OpenAnomaly[] = [];
  private feedback: FeedbackBook;

  constructor(
    private readonly settings: AnomalySettings,
    feedback: FeedbackBook,
  ) {
    this.feedback = feedback;
  }

  /** The hour under way, or the last that was learned; NaN before there is any. */
  get lastHour(): number {
    return this.hour;
  }

  get seriesCount(): number {
    let count = 0;
    for (const tenant of this.tenants.values()) count += tenant.size;
    return count;
  }

  /** What people have said and what is under way, as it is known now. */
  take(feedback: FeedbackBook, open: readonly OpenAnomaly[]): void {
    this.feedback = feedback;
    const before = new Set(this.open.map(({ scopes }) => scopes[0]?.tenantId ?? ''));
    for (const { scopes } of open) before.delete(scopes[0]?.tenantId ?? '');
    for (const tenantId of before) this.tenants.get(tenantId)?.settle();
    this.open = open;
  }

  /** An hour of long ago: what was spent, and no more. Has to come before all others, in order. */
  remember(hour: number, rows: readonly SpendRow[]): void {
    this.hour = hour;
    this.eachTenant(rows, (_tenant, amounts) => {
      for (const [series, row] of amounts)
        series.history.put(hour, this.keepingOf(series.scope, hour * HOUR_MS) === 'kept' ? row.costNanoUsd : NaN);
    });
  }

  /** A whole hour that nobody judges: history at the start, or hours that were missed. Hours come in their order, without gaps. */
  learnHour(hour: number, rows: readonly SpendRow[]): void {
    if (hour <= this.hour) return;
    this.moveTo(hour);
    this.eachTenant(rows, (tenant, amounts) => {
      for (const series of tenant.all()) {
        const row = amounts.get(series);
        const each = (row?.costNanoUsd ?? 0) / STEPS_PER_HOUR;
        const requests = (row?.requests ?? 0) / STEPS_PER_HOUR;
        for (let step = 0; step < STEPS_PER_HOUR; step++) series.step(each, requests, series.expected / STEPS_PER_HOUR);
      }
    });
  }

  /** What was spent in the five minutes before `untilMs`; scopes without a row spent nothing. Gives what is beyond expectation. */
  observe(untilMs: number, rows: readonly SpendRow[]): AnomalyFinding[] {
    this.moveTo(Math.floor((untilMs - 1) / HOUR_MS));
    const findings: AnomalyFinding[] = [];
    this.eachTenant(rows, (tenant, amounts) => {
      for (const series of tenant.all()) {
        const row = amounts.get(series);
        series.step(row?.costNanoUsd ?? 0, row?.requests ?? 0, series.expected / STEPS_PER_HOUR);
      }
      findings.push(...this.judge(tenant, untilMs));
    });
    return findings;
  }

  private judge(tenant: TenantSpend, atMs: number): AnomalyFinding[] {
    const { total } = tenant;
    if (total.history.ageDays(this.hour) < MIN_AGE_DAYS || total.expected === 0) return [];
    const context = { settings: this.settings, hour: this.hour };
    const found: AnomalyFinding[] = [];
    for (const series of tenant.all()) {
      const finding = judgeSeries(series, { ...context, total: series === total ? undefined : total });
      if (finding) found.push({ ...finding, score: finding.score / this.feedback.cautionOf(series.scope, atMs) });
    }
    if (found.length === 0) return found;
    const planned = this.feedback.plannedIn(tenant.tenantId, atMs).map((scope) => tenant.find(scope));
    return planned.length === 0 ? found : found.filter((finding) => isBeyond(finding, planned));
  }

  private eachTenant(
    rows: readonly SpendRow[],
    act: (tenant: TenantSpend, amounts: Map<SpendSeries, SpendRow>) => void,
  ): void {
    const byTenant = new Map<string, SpendRow[]>();
    for (const row of rows) {
      const known = byTenant.get(row.tenantId);
      if (known) known.push(row);
      else byTenant.set(row.tenantId, [row]);
    }
    for (const tenantId of byTenant.keys())
      if (!this.tenants.has(tenantId)) this.tenants.set(tenantId, new TenantSpend(tenantId, this.settings.maxValues));
    for (const [tenantId, tenant] of this.tenants) {
      const amounts = tenant.amounts(byTenant.get(tenantId) ?? []);
      act(tenant, amounts);
    }
  }

  /** Ends hours up to this one, and begins it. */
  private moveTo(hour: number): void {
    if (Number.isNaN(this.hour)) this.hour = hour;
    else if (hour > this.hour) {
      // What was missed in between counts as without spend: callers that know better learn those hours.
      for (const tenant of this.tenants.values())
        tenant.endHour(
          this.hour,
          (series) => series.hourSoFar,
          (scope) => this.keepingOf(scope, this.hour * HOUR_MS),
        );
      this.hour = hour;
    } else return;
    for (const tenant of this.tenants.values()) {
      if (hour % 24 === 0) {
        tenant.sweep(hour);
        for (const { history, scope } of tenant.all())
          history.release(hour, (at) => this.feedback.isKeptOut(scope, at * HOUR_MS));
      }
      tenant.beginHour(hour);
    }
  }

  private keepingOf(scope: AnomalyScope, hourMs: number): HourKeeping {
    if (this.feedback.isKeptOut(scope, hourMs)) return 'out';
    const isOpen = this.open.some(
      ({ scopes, sinceMs }) =>
        hourMs + HOUR_MS > sinceMs && hourMs - sinceMs < NEW_NORMAL_MS && scopes.some((each) => isSame(each, scope)),
    );
    return isOpen ? 'held' : 'kept';
  }
}

/** Whether an excess is more than what planned work accounts for. */
function isBeyond(finding: AnomalyFinding, planned: readonly SpendSeries[]): boolean {
  const excess = finding.actualNanoUsd - finding.expectedNanoUsd;
  const window = windowSteps.findIndex((steps) => steps * MINUTES_PER_STEP === finding.windowMinutes);
  const largest = planned.reduce((sum, { scope, windows }) => {
    if (scope.dimension === 'total') return Infinity;
    if (scope.dimension === finding.dimension) return scope.value === finding.value ? Infinity : sum;
    return Math.max(sum, windows.actualOf(window) - windows.expectedOf(window));
  }, 0);
  return excess - largest > UNPLANNED_SHARE * excess;
}

const isSame = (a: AnomalyScope, b: AnomalyScope): boolean =>
  a.tenantId === b.tenantId && a.dimension === b.dimension && a.value === b.value;

import { chanceAbove, elapsedShare, forecastCosts, type CostForecast, type ForecastInterval } from '@costlane/domain';
import { isPerTenant, type AnalyticsStore, type CostHistory } from '@costlane/ledger';
import { refusal } from '../read-parameters';
import { dayOf } from '../read-range';
import { rowsResult, type Report, type Row } from '../report';
import { ratio, rounded, usd } from '../usd';
import { periodAround, type ForecastPeriod } from './forecast-period';

const groupings = ['team', 'user', 'feature', 'key', 'model', 'provider', 'endpoint'] as const;
const periods = ['month', 'week', 'day'] as const;

interface ForecastQuery {
  tenantId?: string;
  of?: { grouping: (typeof groupings)[number]; value: string };
  period: ForecastPeriod;
  budgetNanoUsd?: string;
  now: Date;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
const HISTORY_DAYS = 180;
/** For the time of day at which payments are made. */
const HOURLY_DAYS = 28;

/** What will have been paid by the end of the day, week or month, and what that means for a budget. */
export const forecastReport: Report<ForecastQuery> = {
  name: 'forecast',
  read(reader, { tenantId, now }) {
    const period = reader.oneOf('period', periods, 'month');
    const grouping = reader.oneOf('group_by', ['total', ...groupings], 'total');
    const value = reader.text('value');
    if (grouping === 'total' && value !== undefined)
      throw refusal('group_by', `has to say what "value" is: ${groupings.join(', ')}`);
    if (grouping !== 'total' && value === undefined) throw refusal('value', `has to name the ${grouping}`);
    if (grouping !== 'total' && isPerTenant(grouping) && tenantId === undefined)
      throw refusal('tenant_id', `has to say whose ${grouping} it is`);
    return {
      tenantId,
      ...(grouping !== 'total' && value !== undefined ? { of: { grouping, value } } : {}),
      period,
      budgetNanoUsd: reader.usd('budget_usd')?.toString(),
      now: new Date(now.getTime() - (now.getTime() % MINUTE_MS)),
    };
  },
  async run(store: AnalyticsStore, query) {
    const history = await store.history({ ...query, days: HISTORY_DAYS, hourlyDays: HOURLY_DAYS });
    const { start, end } = periodAround(query.period, query.now);
    const made = forecastOf(history, query.now, end);
    const today = dayOf(query.now);
    const paidSoFar = sumOf(history, start.getTime(), today);
    const expected = paidSoFar + BigInt(Math.round(made.rest));
    const interval = (of: ForecastInterval | undefined) =>
      of === undefined ? null : { low_usd: usd(paidSoFar + nano(of.low)), high_usd: usd(paidSoFar + nano(of.high)) };
    const head = {
      tenant_id: query.tenantId ?? null,
      period: query.period,
      period_start: start.toISOString(),
      period_end: end.toISOString(),
      as_of: query.now.toISOString(),
      ...(query.of ? { group_by: query.of.grouping, value: query.of.value } : {}),
      method: made.method,
      paid_so_far_usd: usd(paidSoFar),
      expected_usd: usd(expected),
      interval_80: interval(made.interval80),
      interval_95: interval(made.interval95),
      past_forecasts: made.pastErrors.length,
      budget: query.budgetNanoUsd === undefined ? null : budgetOf(BigInt(query.budgetNanoUsd), paidSoFar, made, today),
    };
    return rowsResult(head, daysOf(history, made, start.getTime(), today), {
      date: '',
      paid_usd: null,
      expected_usd: '',
    });
  },
};

const nano = (amount: number): bigint => BigInt(Math.round(amount));
const dateOf = (day: number): string => new Date(day).toISOString().slice(0, 'YYYY-MM-DD'.length);

function forecastOf({ days, hours }: CostHistory, now: Date, end: Date): CostForecast {
  const today = dayOf(now);
  const past = Array.from({ length: HISTORY_DAYS }, (_, i) =>
    Number(days.get(dateOf(today - (HISTORY_DAYS - i) * DAY_MS)) ?? 0n),
  );
  const byHour = Array.from({ length: 24 }, () => 0);
  for (const [hour, paid] of hours) {
    // Today's own hours would make a quiet morning look like the whole of a day.
    const index = new Date(hour).getUTCHours();
    if (Date.parse(hour) < today) byHour[index] = (byHour[index] ?? 0) + Number(paid);
  }
  return forecastCosts({
    days: past,
    paidToday: Number(days.get(dateOf(today)) ?? 0n),
    elapsedShare: elapsedShare(byHour, (now.getTime() - today) / HOUR_MS),
    remainingDays: Math.round((end.getTime() - today) / DAY_MS),
  });
}

function sumOf({ days }: CostHistory, from: number, until: number): bigint {
  let sum = 0n;
  for (let day = from; day <= until; day += DAY_MS) sum += days.get(dateOf(day)) ?? 0n;
  return sum;
}

/** Each day of the period: what was paid, and from today on what is expected of the whole day. */
function daysOf({ days }: CostHistory, made: CostForecast, start: number, today: number): Row[] {
  const rows: Row[] = [];
  for (let day = start; day < today; day += DAY_MS) {
    const paid = days.get(dateOf(day)) ?? 0n;
    rows.push({ date: dateOf(day), paid_usd: usd(paid), expected_usd: usd(paid) });
  }
  made.restByDay.forEach((rest, ahead) => {
    const date = dateOf(today + ahead * DAY_MS);
    const paid = ahead === 0 ? (days.get(date) ?? 0n) : undefined;
    rows.push({
      date,
      paid_usd: paid === undefined ? null : usd(paid),
      expected_usd: usd((paid ?? 0n) + nano(rest)),
    });
  });
  return rows;
}

/** How a budget fares: `expected_on` is the day on which it is expected to be used up. */
function budgetOf(limit: bigint, paidSoFar: bigint, made: CostForecast, today: number) {
  let left = Number(limit - paidSoFar);
  const ahead = made.restByDay.findIndex((rest) => (left -= rest) < 0);
  const chance = chanceAbove(made, Number(limit - paidSoFar));
  return {
    limit_usd: usd(limit),
    used_share: ratio(paidSoFar, limit),
    expected_share: ratio(paidSoFar + nano(made.rest), limit),
    chance_exceeded: chance === undefined ? null : rounded(chance, 4),
    expected_on: ahead === -1 ? null : dateOf(today + ahead * DAY_MS),
  };
}

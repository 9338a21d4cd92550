// How many requests come when: growth, weekdays, hours of the day, and what is injected.
import { injectedAnomalies } from './happenings.mjs';
import { tenants } from './world.mjs';
import { drawerOf, shareOf } from './random.mjs';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Distance of two hours on the clock's face. */
const hoursApart = (a, b) => Math.min(Math.abs(a - b), 24 - Math.abs(a - b));

/** A tenant's traffic in an hour against its mean, before it is drawn: `progress` is the share of the time that has gone by. */
export function intensityOf(tenant, startMs, progress) {
  const time = new Date(startMs);
  const isWeekend = time.getUTCDay() % 6 === 0;
  const apart = hoursApart(time.getUTCHours() + 0.5, tenant.peakHour);
  const byHour = 0.08 + Math.exp(-0.5 * (apart / (tenant.spread / 1.5)) ** 2);
  return tenant.share * tenant.growth ** progress * (isWeekend ? tenant.weekend : 1) * byHour;
}

/** The injected anomalies with their times, in order: `{ …anomaly, fromMs, toMs }`. */
export function anomaliesUntil(untilMs, days) {
  return injectedAnomalies
    .filter(({ daysAgo }) => daysAgo < days)
    .map((anomaly) => {
      const dayStart = Math.floor(untilMs / dayMs) * dayMs;
      const fromMs =
        anomaly.daysAgo === 0
          ? untilMs + anomaly.startHour * hourMs
          : dayStart - anomaly.daysAgo * dayMs + anomaly.startHour * hourMs;
      return { ...anomaly, fromMs, toMs: fromMs + anomaly.hours * hourMs };
    });
}

/**
 * The hours of the history: `{ startMs, progress, counts, injected }`, `counts` the usual requests of each tenant, `injected` what anomalies add:
 * `{ anomaly, count }`. All counts add up to exactly `requests`. Deterministic: the same settings give the same hours.
 */
export function hoursOf({ seed, untilMs, days, requests }) {
  const fromMs = untilMs - days * dayMs;
  const anomalies = anomaliesUntil(untilMs, days);
  const hours = Array.from({ length: days * 24 }, (_, at) => {
    const startMs = fromMs + at * hourMs;
    const progress = at / (days * 24);
    const weights = tenants.map((tenant) => {
      const noise = 0.8 + 0.4 * shareOf(seed, tenant.id, startMs);
      return intensityOf(tenant, startMs, progress) * noise;
    });
    const extra = anomalies
      .filter((one) => one.factor > 0 && startMs >= one.fromMs && startMs < one.toMs)
      .map((anomaly) => ({ anomaly, weight: anomaly.factor * meanIntensity(anomaly.tenantId, progress) }));
    return { startMs, progress, weights, extra };
  });
  return withCounts(hours, requests, seed);
}

/** Of a tenant over a week, which is what an anomaly's factor multiplies: a loop does not follow office hours. */
function meanIntensity(tenantId, progress) {
  const tenant = tenants.find(({ id }) => id === tenantId);
  const monday = Date.UTC(2026, 0, 5);
  let sum = 0;
  for (let hour = 0; hour < 168; hour += 1) sum += intensityOf(tenant, monday + hour * hourMs, progress);
  return sum / 168;
}

/** Whole numbers that add up: each part takes what the running sum has come to. */
function withCounts(hours, requests, seed) {
  const weightsOf = ({ weights, extra }) => [...weights, ...extra.map(({ weight }) => weight)];
  const total = hours.reduce((sum, hour) => sum + weightsOf(hour).reduce((a, b) => a + b, 0), 0);
  let given = 0;
  let seen = 0;
  return hours.map((hour) => {
    seen += weightsOf(hour).reduce((a, b) => a + b, 0);
    const inHour = Math.min(requests, Math.round((seen / total) * requests)) - given;
    given += inHour;
    return divide(hour, inHour, drawerOf(seed, 'hour', hour.startMs));
  });
}

function divide({ startMs, progress, weights, extra }, inHour, draw) {
  const counts = tenants.map(() => 0);
  const injected = extra.map(({ anomaly }) => ({ anomaly, count: 0 }));
  const bins = [...tenants.keys(), ...injected.keys()].map((index, at) => ({
    index,
    isInjected: at >= tenants.length,
  }));
  const binWeights = [...weights, ...extra.map(({ weight }) => weight)];
  for (let one = 0; one < inHour; one += 1) {
    const { index, isInjected } = draw.weighted(bins, binWeights);
    if (isInjected) injected[index].count += 1;
    else counts[index] += 1;
  }
  return { startMs, progress, counts, injected };
}

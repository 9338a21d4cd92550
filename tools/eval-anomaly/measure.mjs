// What came of one world: which injections were found, when, and which incidents were about nothing.
import { injectionBehind } from './run-seed.mjs';
import { DAYS, START_MS, STEPS_PER_DAY } from './world.mjs';

const STEP_MS = 300_000;
/** Until what was spent is in a rollup, with the default ROLLUP_INTERVAL_SECONDS. */
const ROLLUP_DELAY_MS = 60_000;
const DAYS_A_MONTH = 30;

export function measureWorld({ tenants, injections, incidents, events, seriesCount, scanMs }) {
  const byTenant = tenants.map((_, at) => injections.filter((injection) => injection.tenantAt === at));
  const firstOf = new Map();
  const falseAlerts = [];
  for (const incident of incidents) {
    const behind = injectionBehind(incident, byTenant);
    if (!behind) falseAlerts.push(describe(incident, events));
    else if (!firstOf.has(behind) || firstOf.get(behind).openedAtMs > incident.openedAtMs)
      firstOf.set(behind, incident);
  }
  const all = injections.map((injection) => outcomeOf(injection, firstOf.get(injection)));
  return {
    tenantMonths: (tenants.length * DAYS) / DAYS_A_MONTH,
    counted: all.filter(({ counts }) => counts),
    belowMinimum: all.filter(({ counts }) => !counts).length,
    falseAlerts,
    seriesCount,
    scanMs,
  };
}

function outcomeOf(injection, incident) {
  const { kind, scope, countsFromStep, fromStep, offset, excessUsd, usualDayUsd } = injection;
  const counts = countsFromStep !== undefined;
  const begun = counts && (countsFromStep === fromStep ? fromStep + offset : countsFromStep);
  const found = incident !== undefined;
  return {
    kind,
    scope: `${scope.dimension} ${scope.value}`.trim(),
    counts,
    found,
    day: Math.floor((countsFromStep ?? fromStep) / STEPS_PER_DAY),
    excessUsd,
    usualDayUsd,
    ratio: Math.max(injection.calls ?? 1, injection.price ?? 1),
    // What is found before it counts is found at once.
    latencyMinutes:
      found && counts
        ? Math.max(0, (incident.openedAtMs + ROLLUP_DELAY_MS - (START_MS + begun * STEP_MS)) / 60_000)
        : undefined,
    isNamed:
      found && incident.cause.some(({ dimension, value }) => dimension === scope.dimension && value === scope.value),
  };
}

function describe(incident, events) {
  const { launch } = events[Number(incident.tenantId.split('-')[1])];
  const isLaunch = launch !== undefined && incident.cause.some(({ value }) => value === launch.feature);
  return {
    scope: incident.dimension,
    day: Math.floor((incident.openedAtMs - START_MS) / 86_400_000),
    windowMinutes: incident.windowMinutes,
    ratio: incident.actualNanoUsd / Math.max(1, incident.expectedNanoUsd),
    impactUsd: incident.impactNanoUsd / 1e9,
    isLaunch: isLaunch && incident.openedAtMs >= START_MS + launch.fromStep * STEP_MS,
  };
}

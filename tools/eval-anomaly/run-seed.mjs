// One world of ninety days through the detector, as the service would run it.
import { drawEvents } from './events.mjs';
import { drawInjections } from './injections.mjs';
import { createRandom } from './random.mjs';
import { createTenantTraffic, lastStep } from './simulate.mjs';
import { createTruth } from './truth.mjs';
import { drawTenants, START_MS } from './world.mjs';

const STEP_MS = 300_000;
const HOUR_STEPS = 12;
const HOUR_MS = 3_600_000;
const NANO = 1e9;
/** After so many hours somebody has looked at an alert and says what it was. */
const VERDICT_AFTER_MS = 4 * HOUR_MS;

/** Hours as the rollup holds them: one row a scope, growing while the hour lasts. */
function createRollup() {
  let hours = new Map();
  return {
    add(hour, tenantId, cells) {
      const rows = hours.get(hour) ?? hours.set(hour, new Map()).get(hour);
      for (const [user, feature, model, usd, calls] of cells)
        if (calls > 0)
          for (const [dimension, value] of [
            ['total', ''],
            ['user', user],
            ['feature', feature],
            ['model', model],
          ]) {
            const key = `${tenantId}|${dimension}|${value}`;
            const row =
              rows.get(key) ??
              rows.set(key, { hour, tenantId, dimension, value, costNanoUsd: 0, requests: 0 }).get(key);
            row.costNanoUsd += Math.round(usd * NANO);
            row.requests += calls;
          }
    },
    /** Copies, as a query would give them. */
    read(fromHour) {
      hours = new Map([...hours].filter(([hour]) => hour >= fromHour));
      return [...hours.values()].flatMap((rows) => [...rows.values()].map((row) => ({ ...row })));
    },
  };
}

/** The world of a seed: `cellsOf(tenantAt, step)` has to be asked in the order of the steps. */
export function createWorld(seed) {
  const random = createRandom(seed * 7919 + 17);
  const tenants = drawTenants(random);
  const events = drawEvents(random, tenants);
  const injections = tenants.map((tenant, at) => drawInjections(random, tenant, at));
  const traffic = tenants.map((tenant, at) =>
    createTenantTraffic({ random, tenant, events: events[at], injections: injections[at] }),
  );
  return { tenants, events, injections, cellsOf: (at, step) => traffic[at](step) };
}

export function runWorld({ tenants, events, injections, cellsOf }, library, settings, { hasFeedback = false } = {}) {
  const truths = injections.map((of) => createTruth(of, settings));
  const judgements = events.flatMap(({ launch }, at) => announced(launch, tenants[at].name));
  const watch = createWatch(library, settings, judgements, hasFeedback ? injections : undefined);
  const rollup = createRollup();
  for (let step = 0; step < lastStep; step++) {
    const hour = Math.floor(START_MS / HOUR_MS) + Math.floor(step / HOUR_STEPS);
    for (let at = 0; at < tenants.length; at++) {
      const cells = cellsOf(at, step);
      truths[at].note(step, cells);
      rollup.add(hour, tenants[at].name, cells);
    }
    watch.scan(START_MS + (step + 1) * STEP_MS, rollup.read(hour - 1));
  }
  return {
    injections: truths.flatMap((truth) => truth.judged()),
    incidents: watch.incidents(),
    seriesCount: watch.seriesCount(),
    scanMs: watch.scanMs(),
  };
}

const announced = (launch, tenantId) =>
  launch?.isAnnounced
    ? [
        {
          tenantId,
          dimension: 'feature',
          value: launch.feature,
          verdict: 'planned',
          fromMs: START_MS + launch.fromStep * STEP_MS,
          untilMs: START_MS + (launch.fromStep + launch.rampSteps) * STEP_MS + 7 * 24 * HOUR_MS,
          judgedAtMs: START_MS,
        },
      ]
    : [];

function createWatch(
  { AnomalyDetector, FeedbackBook, RollupSteps, mergeFindings, judgementsOf },
  settings,
  judgements,
  injections,
) {
  const feedback = new FeedbackBook(judgements);
  const detector = new AnomalyDetector(settings, feedback);
  const steps = new RollupSteps();
  const all = new Map();
  let open = [];
  let next = 0;
  let spentMs = 0;
  const waiting = [];

  function say(atMs) {
    while (waiting.length > 0 && waiting[0].atMs <= atMs) {
      const { id } = waiting.shift();
      const incident = all.get(id);
      const injection = injectionBehind(incident, injections);
      for (const judgement of judgementsOf(incident, { verdict: injection ? 'yes' : 'no', judgedAtMs: atMs }))
        feedback.add(judgement);
    }
  }

  return {
    scan(atMs, rows) {
      const begun = performance.now();
      if (injections) say(atMs);
      detector.take(
        feedback,
        open.map(({ cause, startedAtMs }) => ({ scopes: cause, sinceMs: startedAtMs })),
      );
      const findings = detector.observe(atMs, steps.advance(rows));
      const { opened, updated, resolved } = mergeFindings(open, findings, atMs);
      const named = opened.map((incident) => ({ ...incident, id: String(next++), openedAtMs: atMs }));
      const changed = new Map([...updated, ...resolved].map((incident) => [incident.id, incident]));
      open = [
        ...open
          .map((incident) => changed.get(incident.id) ?? incident)
          .filter(({ resolvedAtMs }) => resolvedAtMs === undefined),
        ...named,
      ];
      for (const incident of [...named, ...changed.values()])
        all.set(incident.id, { ...all.get(incident.id), ...incident });
      for (const { id } of named) waiting.push({ id, atMs: atMs + VERDICT_AFTER_MS });
      spentMs += performance.now() - begun;
    },
    incidents: () => [...all.values()],
    seriesCount: () => detector.seriesCount,
    scanMs: () => spentMs / lastStep,
  };
}

/** The injection that an incident is about: under way when it was opened, or over for less than an hour, in one of its scopes. */
export function injectionBehind(incident, injections) {
  const at = Number(incident.tenantId.split('-')[1]);
  const step = (incident.openedAtMs - START_MS) / STEP_MS;
  return injections[at].find(({ fromStep, untilStep }) => step > fromStep && step <= untilStep + HOUR_STEPS);
}

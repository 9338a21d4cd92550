// What happens to all or to one tenant without anything being wrong: holidays, outages, launches, a move to another model.
import { choice } from './random.mjs';
import { DAYS, STEPS_PER_DAY } from './world.mjs';

function drawLaunch(random, tenant) {
  if (random() < 0.35) return undefined;
  const fromDay = 25 + Math.floor(random() * 55);
  return {
    kind: 'launch',
    feature: choice(random, tenant.features).name,
    fromStep: fromDay * STEPS_PER_DAY + Math.floor(random() * STEPS_PER_DAY),
    rampSteps: (4 + Math.floor(random() * 10)) * STEPS_PER_DAY,
    factor: 1.4 + random() * 1.1,
    // Somebody has said so beforehand, as the docs ask for.
    isAnnounced: random() < 0.5,
  };
}

/** Half of a feature's calls go to its other model, which costs as much by the call: nothing costs more. */
function drawMove(random, tenant) {
  if (random() < 0.6) return undefined;
  return {
    kind: 'move',
    feature: choice(random, tenant.features).name,
    to: 'standard-2',
    fromStep: (30 + Math.floor(random() * 50)) * STEPS_PER_DAY,
  };
}

const drawOutages = (random) =>
  Array.from({ length: 1 + Math.floor(random() * 2) }, () => ({
    fromStep: Math.floor(random() * DAYS * STEPS_PER_DAY),
    steps: 6 + Math.floor(random() * 24),
    // Who could not work catches up within the next hour.
    catchUp: 1 + random() * 0.3,
  }));

/** One set of events for each tenant; holidays are the same for all. */
export function drawEvents(random, tenants) {
  const holidays = new Set(Array.from({ length: 4 }, () => Math.floor(random() * DAYS)));
  return tenants.map((tenant) => ({
    holidays,
    outages: drawOutages(random),
    launch: drawLaunch(random, tenant),
    move: drawMove(random, tenant),
  }));
}

/** By what the calls of a whole tenant differ in a step. */
export function factorOfEvents({ holidays, outages }, step) {
  let factor = holidays.has(Math.floor(step / STEPS_PER_DAY)) ? 0.2 : 1;
  for (const { fromStep, steps, catchUp } of outages) {
    if (step >= fromStep && step < fromStep + steps) factor = 0;
    else if (step >= fromStep + steps && step < fromStep + steps + 12) factor *= catchUp;
  }
  return factor;
}

export function factorOfLaunch(launch, feature, step) {
  if (launch === undefined || launch.feature !== feature || step < launch.fromStep) return 1;
  return 1 + (launch.factor - 1) * Math.min(1, (step - launch.fromStep) / launch.rampSteps);
}

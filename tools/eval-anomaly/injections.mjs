// What goes wrong on purpose: of many kinds, three times the usual of its scope at the least, at any time of day.
import { choice } from './random.mjs';
import { DAYS, DEAR_MODEL, STEPS_PER_DAY } from './world.mjs';

const between = (random, low, high) => low * (high / low) ** random();
const HOUR = 12;
/** Days without an injection, for the detector to learn from, and between two of a tenant. */
const FIRST_DAY = 14;
const APART_STEPS = 2 * STEPS_PER_DAY;

export const kinds = {
  /** One user's agent calls itself again and again. */
  'runaway-loop': (random, tenant) => ({
    user: choice(random, established(tenant)).name,
    calls: between(random, 4, 60),
    isFlat: random() < 0.7,
    steps: Math.round(between(random, HOUR, 10 * HOUR)),
  }),
  /** A feature's prompt has grown: the same calls, dearer. */
  'grown-prompt': (random, tenant) => ({
    feature: choice(random, tenant.features).name,
    price: between(random, 3, 8),
    steps: Math.round(between(random, 4 * HOUR, 30 * HOUR)),
  }),
  /** A feature asks a dear model instead of its own. */
  'dear-model': (random, tenant) => ({
    feature: choice(random, tenant.features).name,
    model: DEAR_MODEL.name,
    price: between(random, 3, 15),
    steps: Math.round(between(random, 3 * HOUR, 30 * HOUR)),
  }),
  /** The cache is off: all that was answered from it is paid again. */
  'cache-off': (random, tenant) => ({
    ...(random() < 0.5 ? { feature: choice(random, tenant.features).name } : {}),
    calls: between(random, 3, 4.5),
    steps: Math.round(between(random, 3 * HOUR, 24 * HOUR)),
  }),
  /** A client repeats what fails. */
  'retry-storm': (random, tenant) => ({
    feature: choice(random, tenant.features).name,
    calls: between(random, 3, 12),
    steps: Math.round(between(random, 0.75 * HOUR, 6 * HOUR)),
  }),
  /** Somebody else uses a user's key, day and night, with a dear model. */
  'leaked-key': (random, tenant) => ({
    user: choice(random, established(tenant)).name,
    model: DEAR_MODEL.name,
    usdPerHour: (tenant.dollarsADay / 24) * between(random, 0.5, 6),
    steps: Math.round(between(random, 4 * HOUR, 36 * HOUR)),
  }),
  /** A feature becomes dearer day by day. */
  'slow-drift': (random, tenant) => ({
    feature: choice(random, tenant.features).name,
    price: between(random, 3.2, 6),
    rampSteps: Math.round(between(random, 3, 7) * STEPS_PER_DAY),
    steps: 9 * STEPS_PER_DAY,
  }),
};

const established = ({ users }) =>
  users.filter(({ comesOnDay, leavesOnDay }) => comesOnDay === 0 && leavesOnDay === DAYS);

/** By what calls and their price differ at `step` within the injection. */
export function strength({ calls = 1, price = 1, rampSteps = 0 }, since) {
  const share = rampSteps === 0 ? 1 : Math.min(1, since / rampSteps);
  return { calls: calls ** share, price: price ** share };
}

/** For one tenant, one after another with quiet days in between. */
export function drawInjections(random, tenant, tenantAt) {
  const drawn = [];
  const names = Object.keys(kinds);
  let step = (FIRST_DAY + random() * 4) * STEPS_PER_DAY;
  for (let next = Math.floor(random() * names.length); ; next++) {
    const kind = names[next % names.length];
    const injection = { kind, tenantAt, ...kinds[kind](random, tenant) };
    injection.fromStep = Math.floor(step + random() * STEPS_PER_DAY * 3);
    // It begins within a step, as things do.
    injection.offset = random();
    injection.untilStep = injection.fromStep + injection.steps;
    if (injection.untilStep + APART_STEPS > DAYS * STEPS_PER_DAY) return drawn;
    drawn.push(injection);
    step = injection.untilStep + APART_STEPS;
  }
}

// Traffic of one tenant, step by step: what each user spends on each feature with each model, and what was expected of it without noise.
import { factorOfEvents, factorOfLaunch } from './events.mjs';
import { strength } from './injections.mjs';
import { logNormal, normal, poisson } from './random.mjs';
import { DAYS, START_MS, STEPS_PER_DAY } from './world.mjs';

const HOUR_STEPS = 12;
/** Costs of a call: log-normal with this spread, and one in two hundred with a context fifteen times as long. */
const CALL_SPREAD = 1;
const LONG_SHARE = 0.005;
const LONG_FACTOR = 15;
const MEAN_FACTOR = Math.exp(CALL_SPREAD ** 2 / 2) * (1 + LONG_SHARE * (LONG_FACTOR - 1));
const MANY_CALLS = 25;
const MANY_VARIANCE = 4;

function costOf(random, calls, usdPerCall) {
  if (calls === 0) return 0;
  if (calls > MANY_CALLS) return Math.max(0, usdPerCall * (calls + Math.sqrt(MANY_VARIANCE * calls) * normal(random)));
  let sum = 0;
  for (let call = 0; call < calls; call++)
    sum += (logNormal(random, 0, CALL_SPREAD) * (random() < LONG_SHARE ? LONG_FACTOR : 1)) / MEAN_FACTOR;
  return sum * usdPerCall;
}

function shareOfHour(tenant, { kind }, step) {
  const local = new Date(START_MS + step * 300_000 + tenant.utcOffsetHours * 3_600_000);
  const weekday = local.getUTCDay();
  const weekend = weekday === 6 ? kind.weekend[0] : weekday === 0 ? kind.weekend[1] : 1;
  return kind.shape[local.getUTCHours()] * weekend;
}

function monthEndFactor(tenant, step) {
  return new Date(START_MS + step * 300_000 + 2 * 86_400_000).getUTCDate() <= 2 ? tenant.monthEnd : 1;
}

/** Gives, for each step, `cells` as [user, feature, model, usd, calls, usual usd]; `usual` is the mean without noise and without what is injected. */
export function createTenantTraffic({ random, tenant, events, injections }) {
  const dayActivity = new Map();
  let hourly = [];

  function beginDay() {
    for (const user of tenant.users)
      dayActivity.set(user, user.kind.presence < 1 && random() < 0.12 ? 0 : logNormal(random, -0.06, 0.35));
  }

  function beginHour(step) {
    const day = step / STEPS_PER_DAY;
    const level = (1 + tenant.growthPerDay) ** day * monthEndFactor(tenant, step) * logNormal(random, 0, 0.04);
    const activity = new Map();
    hourly = [];
    for (const cell of tenant.cells) {
      const { user } = cell;
      if (day < user.comesOnDay || day >= user.leavesOnDay) continue;
      const mean = cell.callsPerDay * shareOfHour(tenant, user, step) * (1 + tenant.growthPerDay) ** day;
      if (!activity.has(user)) {
        const { presence, burst } = user.kind;
        activity.set(user, random() < presence ? logNormal(random, -(burst ** 2) / 2, burst) / presence : 0);
      }
      const drawn =
        cell.callsPerDay * shareOfHour(tenant, user, step) * level * (dayActivity.get(user) ?? 1) * activity.get(user);
      hourly.push({ cell, mean: mean / HOUR_STEPS, drawn: drawn / HOUR_STEPS });
    }
  }

  function* usualCells(step) {
    const factor = factorOfEvents(events, step);
    const { launch, move } = events;
    for (const { cell, mean, drawn } of hourly) {
      const more = factorOfLaunch(launch, cell.feature, step) * factor;
      const isMoved = move !== undefined && step >= move.fromStep && move.feature === cell.feature && random() < 0.5;
      yield { cell, model: isMoved ? move.to : cell.model, mean: mean * more, rate: drawn * more };
    }
  }

  function* scheduled(step) {
    const { batch, cron } = tenant;
    const ofDay = step % STEPS_PER_DAY;
    const weekday = new Date(START_MS + step * 300_000).getUTCDay();
    const runs = batch && ofDay >= batch.fromStep && ofDay < batch.fromStep + batch.steps;
    if (runs && (batch.weekday === undefined || batch.weekday === weekday)) {
      const usd = batch.usd / batch.steps;
      yield [batch.user, batch.feature, batch.model, usd * logNormal(random, 0, 0.2), 20, usd];
    }
    if (cron && step % HOUR_STEPS === 0)
      yield [cron.user, cron.feature, cron.model, cron.usd * logNormal(random, 0, 0.2), 10, cron.usd];
  }

  return function cellsOf(step) {
    if (step % STEPS_PER_DAY === 0) beginDay();
    if (step % HOUR_STEPS === 0) beginHour(step);
    const injection = injections.find(({ fromStep, untilStep }) => step >= fromStep && step < untilStep);
    const cells = [];
    for (const { cell, model, mean, rate } of usualCells(step)) {
      const changed = injection ? change(injection, cell, step) : undefined;
      const calls = poisson(random, rate * (changed?.calls ?? 1));
      const usd = costOf(random, calls, cell.usdPerCall * (changed?.price ?? 1));
      const usual = mean * cell.usdPerCall;
      if (calls > 0 || usual > 0)
        cells.push([
          cell.user.name,
          cell.feature,
          changed?.model ?? model,
          usd,
          calls,
          usual,
          changed ? usual * changed.calls * changed.price : usual,
        ]);
    }
    for (const cell of scheduled(step)) cells.push([...cell, cell[5]]);
    if (injection) cells.push(...added(random, tenant, injection, step));
    return cells;
  };
}

/** A step in which an injection begins has only a part of it. */
const partOf = ({ fromStep, offset }, step) => (step === fromStep ? 1 - offset : 1);

function change(injection, { user, feature }, step) {
  const { kind } = injection;
  if (injection.isFlat || kind === 'leaked-key') return undefined;
  if (injection.user !== undefined && injection.user !== user.name) return undefined;
  if (injection.feature !== undefined && injection.feature !== feature) return undefined;
  const { calls, price } = strength(injection, step - injection.fromStep);
  const part = partOf(injection, step);
  return { calls: 1 + (calls - 1) * part, price: 1 + (price - 1) * part, model: injection.model };
}

/** Spend that has no hours: a loop goes on at the pace of the user's working day, a stolen key at its own. */
function added(random, tenant, injection, step) {
  const cells = tenant.cells.filter(({ user }) => user.name === injection.user);
  const [main] = cells.sort((a, b) => b.weight - a.weight);
  if (main === undefined) return [];
  let usd = 0;
  if (injection.kind === 'leaked-key') usd = injection.usdPerHour / HOUR_STEPS;
  else if (injection.isFlat) usd = ((injection.calls - 1) * main.callsPerDay * main.usdPerCall) / 10 / HOUR_STEPS;
  if (usd === 0) return [];
  const model = injection.model ?? main.model;
  const usdPerCall = injection.model === undefined ? main.usdPerCall : main.usdPerCall * 5;
  const calls = poisson(random, (usd * partOf(injection, step)) / usdPerCall);
  return [[injection.user, main.feature, model, costOf(random, calls, usdPerCall), calls, 0, usd]];
}

export const lastStep = DAYS * STEPS_PER_DAY;

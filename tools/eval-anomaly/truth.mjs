// What counts: from which moment on an injection is three times the usual of its scope and enough money to matter, by means without noise.
const HOUR_STEPS = 12;
const LEAST_RATIO = 3;

/** Whose spend the injection is. */
export function scopeOf({ user, feature }) {
  if (user !== undefined) return { dimension: 'user', value: user };
  return feature !== undefined ? { dimension: 'feature', value: feature } : { dimension: 'total', value: '' };
}

const isOf = ({ dimension, value }, [user, feature]) =>
  dimension === 'total' || (dimension === 'user' ? user : feature) === value;

/** Keeps means of the scope of each injection while it lasts, and of the day before it. */
export function createTruth(injections, settings) {
  const known = injections.map((injection) => ({ injection, scope: scopeOf(injection), usualDay: 0, steps: [] }));
  return {
    note(step, cells) {
      for (const each of known) {
        const { fromStep, untilStep } = each.injection;
        if (step < fromStep - 7 * 288 || step >= untilStep) continue;
        const own = cells.filter((cell) => isOf(each.scope, cell));
        const usual = own.reduce((sum, cell) => sum + cell[5], 0);
        if (step < fromStep) each.usualDay += usual / 7;
        else each.steps.push({ usual, actual: own.reduce((sum, cell) => sum + cell[6], 0) });
      }
    },
    /** Injections with `countsFromStep`: the first step from which, over the hour to come, it is at least three times the usual and its excess at least the minimum; undefined: it never is. */
    judged: () =>
      known.map(({ injection, scope, usualDay, steps }) => {
        const least = Math.max(settings.minImpactNanoUsd / 1e9, settings.minImpactShare * usualDay);
        const at = steps.findIndex((_, from) => isEnough(steps.slice(from, from + HOUR_STEPS), least));
        const excess = steps.reduce((sum, { actual, usual }) => sum + actual - usual, 0);
        return {
          ...injection,
          scope,
          usualDayUsd: usualDay,
          excessUsd: excess,
          countsFromStep: at < 0 ? undefined : injection.fromStep + at,
        };
      }),
  };
}

function isEnough(hour, least) {
  if (hour.length < HOUR_STEPS) return false;
  const actual = hour.reduce((sum, step) => sum + step.actual, 0);
  const usual = hour.reduce((sum, step) => sum + step.usual, 0);
  return actual - usual >= least && actual >= LEAST_RATIO * usual;
}

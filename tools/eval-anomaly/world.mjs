// Eight tenants as they might be: who uses which feature with which model, when, and how much a call costs. Drawn from one seed.
import { choice, logNormal, poisson, shuffled } from './random.mjs';

export const DAYS = 90;
export const STEPS_PER_DAY = 288;
export const STEPS = DAYS * STEPS_PER_DAY;
/** A Monday, 00:00 UTC. */
export const START_MS = Date.UTC(2026, 5, 1);

/** Mean dollars of a call to a model, and what a dear one costs against it. */
const models = [
  { name: 'mini', priceFactor: 0.25 },
  { name: 'small', priceFactor: 0.5 },
  { name: 'standard', priceFactor: 1 },
  { name: 'large', priceFactor: 3 },
  { name: 'frontier', priceFactor: 12 },
];
export const DEAR_MODEL = models[4];

/** Share of the day's calls in each local hour. */
const office = [0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 3, 7, 10, 11, 10, 8, 9, 10, 9, 8, 6, 3, 1.5, 1, 0.8, 0.5, 0.3];
const evening = [2, 1, 0.5, 0.3, 0.3, 0.5, 1, 2, 3, 3, 3, 4, 5, 4, 4, 4, 5, 6, 8, 10, 11, 10, 7, 4];
const round = Array.from({ length: 24 }, () => 1);
const shapes = { office, evening, round };

const normalised = (shape) => {
  const sum = shape.reduce((total, part) => total + part, 0);
  return shape.map((part) => part / sum);
};

/** How people and programs differ: `burst` is the spread of an hour's activity, `presence` the chance of a call at all in a working hour. */
const kinds = [
  { name: 'office', share: 0.6, shape: normalised(office), weekend: [0.05, 0.05], burst: 0.6, presence: 0.7 },
  { name: 'evening', share: 0.15, shape: normalised(evening), weekend: [1.1, 1.2], burst: 0.7, presence: 0.6 },
  { name: 'service', share: 0.15, shape: normalised(round), weekend: [0.9, 0.9], burst: 0.2, presence: 1 },
  { name: 'daytime-service', share: 0.1, shape: normalised(evening), weekend: [0.6, 0.5], burst: 0.25, presence: 1 },
];

function drawKind(random) {
  let at = random();
  for (const kind of kinds) if ((at -= kind.share) < 0) return kind;
  return kinds[0];
}

function drawFeatures(random) {
  const count = 4 + Math.floor(random() * 5);
  return Array.from({ length: count }, (_, at) => {
    const [main, other] = shuffled(random, models.slice(0, 4));
    return {
      name: `feature-${at}`,
      weight: logNormal(random, 0, 0.8),
      main,
      other,
      otherShare: random() * 0.3,
      usdPerCall: 0.004 * logNormal(random, 0, 0.5),
    };
  });
}

function drawUsers(random, tenant, features) {
  const count = 24 + Math.floor(random() * 30);
  return Array.from({ length: count }, (_, at) => {
    const kind = drawKind(random);
    const chosen = shuffled(random, features).slice(0, 1 + Math.floor(random() * 3));
    // Some come later, some leave.
    const comesOnDay = random() < 0.12 ? Math.floor(random() * DAYS) : 0;
    const leavesOnDay = random() < 0.06 ? Math.floor(30 + random() * (DAYS - 30)) : DAYS;
    return { name: `user-${at}`, kind, features: chosen, weight: logNormal(random, 0, 0.7), comesOnDay, leavesOnDay };
  });
}

/** Each user's use of each feature with each of its models, in mean dollars a day. */
function drawCells(users, dollarsADay) {
  const cells = [];
  for (const user of users) {
    const sum = user.features.reduce((total, feature) => total + feature.weight, 0);
    for (const feature of user.features) {
      for (const [model, share] of [
        [feature.main, 1 - feature.otherShare],
        [feature.other, feature.otherShare],
      ]) {
        const usdPerCall = feature.usdPerCall * model.priceFactor;
        const weight = (user.weight * feature.weight * share) / sum;
        if (weight > 0)
          cells.push({ user, feature: feature.name, model: model.name, usdPerCall, weight: weight * usdPerCall });
      }
    }
  }
  const total = cells.reduce((sum, cell) => sum + cell.weight, 0);
  for (const cell of cells) cell.callsPerDay = (cell.weight / total) * (dollarsADay / cell.usdPerCall);
  return cells.filter((cell) => cell.callsPerDay > 0.5);
}

/** A batch every night, or every week, by one account: a twentieth to a sixth of the tenant's day within an hour or two. */
function drawBatch(random, dollarsADay) {
  if (random() < 0.4) return undefined;
  const weekday = random() < 0.5 ? undefined : Math.floor(random() * 7);
  const usd = dollarsADay * (0.05 + random() * 0.11);
  const fromStep = Math.floor(random() * 24) * 12;
  return {
    user: 'batch-account',
    feature: 'nightly-report',
    model: 'small',
    weekday,
    usd,
    fromStep,
    steps: 12 + Math.floor(random() * 14),
  };
}

/** A job that runs at each full hour within five minutes. */
function drawCron(random, dollarsADay) {
  if (random() < 0.5) return undefined;
  return { user: 'cron-account', feature: 'sync', model: 'mini', usd: (dollarsADay * (0.02 + random() * 0.05)) / 24 };
}

function drawTenant(random, at) {
  const dollarsADay = 120 * logNormal(random, 0, 0.6);
  const features = drawFeatures(random);
  const users = drawUsers(random, at, features);
  return {
    name: `tenant-${at}`,
    dollarsADay,
    utcOffsetHours: choice(random, [-8, -5, 0, 1, 1, 2, 5.5, 9]),
    growthPerDay: -0.001 + random() * 0.007,
    monthEnd: random() < 0.25 ? 1.3 + random() * 0.4 : 1,
    features,
    users,
    cells: drawCells(users, dollarsADay),
    batch: drawBatch(random, dollarsADay),
    cron: drawCron(random, dollarsADay),
  };
}

export const drawTenants = (random, count = 8) => Array.from({ length: count }, (_, at) => drawTenant(random, at));
export { poisson, shapes };

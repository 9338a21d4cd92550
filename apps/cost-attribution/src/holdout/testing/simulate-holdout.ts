import { groupOf, type HoldoutGroup, type HoldoutUser } from '@costlane/domain';
import { seededRandom } from '../../experiments/testing/simulate';

// In a test's own context each look-up of a global takes longer than the arithmetic.
const { cos, exp, log, max, PI, round, sqrt } = Math;

/** Traffic of users who differ, and what optimisation does to it. Shares and spreads without unit, amounts in nano-dollars. */
export interface HoldoutWorld {
  users: number;
  heldShare: number;
  meanRequests: number;
  /** Of the logarithms: requests of a user, list price between users, and between the requests of one. */
  activitySpread: number;
  userSpread: number;
  requestSpread: number;
  meanBaseline: number;
  /** What the holdout pays of its list price: less than all of it where the provider gives a discount to anybody, or the model that is counted from would not have been asked. */
  heldShareOfList: number;
  /** Users' own hit rates lie evenly between these. */
  hitRates: readonly [number, number];
  /** And what a request that is asked costs of its list price. */
  costShares: readonly [number, number];
  /** How much longer a cheaper model's answer is: it goes into the list price that is counted for it. */
  lengthFactor: number;
  infrastructure: number;
}

export const usualHoldoutWorld: HoldoutWorld = {
  users: 600,
  heldShare: 0.1,
  meanRequests: 3,
  activitySpread: 1,
  userSpread: 0.6,
  requestSpread: 0.8,
  meanBaseline: 3e6,
  heldShareOfList: 0.97,
  hitRates: [0.1, 0.6],
  costShares: [0.2, 0.9],
  lengthFactor: 1,
  infrastructure: 900,
};

const middle = ([low, high]: readonly [number, number]): number => (low + high) / 2;

/** What is saved of a request in truth, in nano-dollars: what it would have cost, less what it costs. */
export const trueSavingOfRequest = (world: HoldoutWorld): number =>
  world.meanBaseline * (world.heldShareOfList - shareOfTrueBaseline(world)) - world.infrastructure;

/** The same of the list price that is counted. */
export const trueShare = (world: HoldoutWorld): number => trueSavingOfRequest(world) / world.meanBaseline;

/** Of what the request would have had as its list price. */
const shareOfTrueBaseline = ({ hitRates, costShares, lengthFactor }: HoldoutWorld): number =>
  (1 - middle(hitRates)) * middle(costShares) * lengthFactor;

/** What users do in a period, drawn by `seed`. */
export function simulateHoldout(world: HoldoutWorld, seed: number): { holdout: HoldoutGroup; optimised: HoldoutGroup } {
  const random = seededRandom(seed);
  const groups: { held: HoldoutUser[]; other: HoldoutUser[] } = { held: [], other: [] };
  for (let at = 0; at < world.users; at++) {
    const isHeld = random() < world.heldShare;
    (isHeld ? groups.held : groups.other).push(userOf(world, isHeld, random));
  }
  return { holdout: groupOf(groups.held), optimised: groupOf(groups.other) };
}

function userOf(world: HoldoutWorld, isHeld: boolean, random: () => number): HoldoutUser {
  const requests = max(1, round(logNormal(world.meanRequests, world.activitySpread, random)));
  const level = logNormal(world.meanBaseline, world.userSpread, random);
  const hitRate = between(world.hitRates, random);
  const costShare = between(world.costShares, random);
  let [baseline, cost] = [0, 0];
  for (let at = 0; at < requests; at++) {
    const list = logNormal(level, world.requestSpread, random);
    baseline += isHeld ? list : list * world.lengthFactor;
    if (isHeld) cost += list * world.heldShareOfList;
    else cost += world.infrastructure + (random() < hitRate ? 0 : list * world.lengthFactor * costShare);
  }
  return { requests, baseline, cost, weight: 1 };
}

const between = ([low, high]: readonly [number, number], random: () => number): number => low + (high - low) * random();

/** With this mean; `spread` is of the logarithm. */
function logNormal(mean: number, spread: number, random: () => number): number {
  const normal = sqrt(-2 * log(1 - random())) * cos(2 * PI * random());
  return mean * exp(spread * normal - (spread * spread) / 2);
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How a tenant spends. */
export interface SpendingWorld {
  /** Weekend days' share of a working day's. */
  weekend: number;
  /** A day's growth, as a share. */
  growth: number;
  /** Spread of a day's own noise (of its logarithm), and of the level's wandering from day to day. */
  noise: number;
  wander: number;
  /** Share of days that cost five times as much as others. */
  outliers: number;
}

const WORKDAY_NANO_USD = 40e9;

/** What was paid, day by day. */
export function simulateCosts(world: SpendingWorld, days: number, seed: number): number[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let level = Math.log(WORKDAY_NANO_USD);
  return Array.from({ length: days }, (_, day) => {
    level += Math.log1p(world.growth) + world.wander * normal();
    const factor = day % 7 >= 5 ? world.weekend : 1;
    const odd = random() < world.outliers ? 5 : 1;
    return Math.round(Math.exp(level + world.noise * normal()) * factor * odd);
  });
}

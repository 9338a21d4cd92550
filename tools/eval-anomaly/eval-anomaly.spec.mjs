import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { drawInjections, strength } from './injections.mjs';
import { createRandom } from './random.mjs';
import { createTruth, scopeOf } from './truth.mjs';
import { DAYS, drawTenants, STEPS_PER_DAY } from './world.mjs';

describe('the evaluation of anomaly detection', () => {
  it('draws the same world from the same seed, and injections of three times the usual or more', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => JSON.stringify(drawTenants(createRandom(seed), 2)));
    expect(first === again).toBe(true);
    expect(first === other).toBe(false);
    const random = createRandom(7);
    const [tenant] = drawTenants(random, 1);
    const injections = drawInjections(random, tenant, 0);
    expect(injections.length).toBeGreaterThan(5);
    for (const [at, injection] of injections.entries()) {
      const { calls, price } = strength(injection, injection.steps);
      if (injection.kind !== 'leaked-key') expect(calls * price).toBeGreaterThanOrEqual(3);
      expect(injection.untilStep).toBeLessThan(DAYS * STEPS_PER_DAY);
      if (at > 0) expect(injection.fromStep).toBeGreaterThanOrEqual(injections[at - 1].untilStep + 2 * STEPS_PER_DAY);
    }
  });

  it('counts an injection from when it is both three times the usual and enough money, and never before', () => {
    const injection = { kind: 'retry-storm', feature: 'f', fromStep: 2_016, untilStep: 2_016 + 48 };
    const settings = { minImpactNanoUsd: 5e9, minImpactShare: 0.1 };
    const judged = (usdAt) => {
      const truth = createTruth([injection], settings);
      for (let step = 0; step < injection.untilStep; step++) {
        const usd = step < injection.fromStep ? 0.1 : usdAt(step - injection.fromStep);
        truth.note(step, [
          ['u', 'f', 'm', 0, 1, 0.1, usd],
          ['u', 'other', 'm', 0, 1, 50, 50],
        ]);
      }
      return truth.judged()[0];
    };
    expect(scopeOf(injection)).toEqual({ dimension: 'feature', value: 'f' });
    expect(judged(() => 0.6).countsFromStep).toBe(injection.fromStep);
    expect(judged((since) => (since < 12 ? 0.29 : 0.6)).countsFromStep).toBeGreaterThan(injection.fromStep);
    // Enough times, too little money.
    expect(judged(() => 0.31).countsFromStep).toBeUndefined();
  });

  it('refuses options that it does not know', () => {
    const command = fileURLToPath(new URL('./main.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [command, '--seeds', 'many'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('--seeds must be a whole number')]);
  });
});

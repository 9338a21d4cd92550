import { createRandom } from '../training/seeded-random';
import { createFalseHitController, type FalseHitController } from './false-hit-controller';
import { shareBounds } from './share-bounds';

/** Candidates whose wrong share is `boast` times what their probability says. */
function run(controller: FalseHitController, count: number, boast: number, seed: number, auditShare = 0.1) {
  const random = createRandom(seed);
  let hits = 0;
  let wrong = 0;
  for (let candidate = 0; candidate < count; candidate += 1) {
    const foreseen = random() ** 4;
    const isWrong = random() < Math.min(1, foreseen * boast);
    const isHit = controller.admit(1 - foreseen);
    if (isHit) {
      hits += 1;
      wrong += isWrong ? 1 : 0;
    }
    if (random() < auditShare) controller.recordAudit(1 - foreseen, isWrong);
  }
  return { hits, wrongShare: hits === 0 ? 0 : wrong / hits };
}

const seeds = Array.from({ length: 10 }, (_, index) => index + 1);

test.each([0.01, 0.02, 0.05])(
  'with honest probabilities the wrong share stays within %p and many are served',
  (limit) => {
    const runs = seeds.map((seed) => run(createFalseHitController({ limit }), 8_000, 1, seed, 0.2));
    const meanShare = runs.reduce((sum, { wrongShare }) => sum + wrongShare, 0) / runs.length;
    expect(meanShare).toBeLessThanOrEqual(limit);
    expect(meanShare).toBeGreaterThan(limit / 4);
    expect(runs.filter(({ wrongShare }) => wrongShare <= limit).length).toBeGreaterThanOrEqual(9);
    for (const { hits } of runs) expect(hits).toBeGreaterThan(8_000 * limit ** 0.5 * 0.5);
  },
);

test.each([2, 4])('probabilities that boast %p-fold are found out', (boast) => {
  const runs = seeds.map((seed) => run(createFalseHitController({ limit: 0.02 }), 8_000, boast, seed, 0.2));
  expect(runs.filter(({ wrongShare }) => wrongShare <= 0.02).length).toBeGreaterThanOrEqual(9);
});

test('before any audit it serves less than the probabilities alone would allow', () => {
  const controller = createFalseHitController({ limit: 0.02 });
  expect(controller.admit(0.98)).toBe(false);
  expect(controller.admit(0.999)).toBe(true);
  expect(controller.status()).toMatchObject({ state: 'normal', hits: 1, audits: 0 });
});

test('bad audits tighten it and in the end switch it off; then nothing is served', () => {
  const controller = createFalseHitController({ limit: 0.02 });
  const states = new Set<string>();
  for (let audit = 0; audit < 400; audit += 1) {
    for (let hit = 0; hit < 5; hit += 1) controller.admit(0.9999);
    controller.recordAudit(0.9999, audit % 3 === 0);
    states.add(controller.status().state);
  }
  expect([...states]).toEqual(['normal', 'tightened', 'off']);
  expect(controller.admit(0.99999)).toBe(false);
  expect(controller.status().threshold).toBeGreaterThan(1);
  expect(controller.status().interval.low).toBeGreaterThan(0.02);
});

test('good audits of what is not served open it again, slowly', () => {
  const controller = createFalseHitController({ limit: 0.05 });
  for (let audit = 0; audit < 400; audit += 1) controller.recordAudit(0.9999, audit % 3 === 0);
  expect(controller.status().state).toBe('off');
  let audits = 0;
  for (; controller.status().state === 'off' && audits < 5_000; audits += 1) {
    controller.admit(0.99995);
    controller.recordAudit(0.99995, false);
  }
  expect(controller.status().state).toBe('tightened');
  expect(audits).toBeGreaterThan(20);
  for (; controller.status().state === 'tightened' && audits < 20_000; audits += 1) {
    controller.admit(0.99995);
    controller.recordAudit(0.99995, false);
  }
  expect(controller.status().state).toBe('normal');
});

test('a limit that is no share is refused', () => {
  expect(() => createFalseHitController({ limit: 0 })).toThrow('between 0 and 1');
  expect(() => createFalseHitController({ limit: 1 })).toThrow('between 0 and 1');
});

test('bounds of a share enclose it and close in', () => {
  const few = shareBounds(1, 100, 1.28);
  const many = shareBounds(100, 10_000, 1.28);
  expect(few.low).toBeLessThan(0.01);
  expect(few.high).toBeGreaterThan(0.01);
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
});

import type { ModelHealthMessage } from '@costlane/contracts';
import type { ModelHealth, ProviderAdapter } from '@costlane/providers';
import { fakeAdapter, success } from '../testing/fakes';
import { createHealthReport } from './report-health';

const healthy: ModelHealth = { model: 'm', isBreakerOpen: false, inFlight: 3, limit: 100 };

function reporting(health: () => ModelHealth[]) {
  const { adapter } = fakeAdapter(async () => success());
  const adapters = new Map<string, ProviderAdapter>([
    ['openai', { ...adapter, health }],
    ['mock', adapter],
  ]);
  const told: ModelHealthMessage[][] = [];
  const clock = { nowMs: 0 };
  const tick = createHealthReport({ adapters, report: (each) => told.push(each), now: () => clock.nowMs });
  return { told, clock, tick };
}

describe('the report of health', () => {
  it('names every model with its provider, and 0 for what is not known', () => {
    const { told, tick } = reporting(() => [{ ...healthy, firstTokenP50Ms: 80, retryAfterMs: 5 }]);
    tick();
    expect(told).toEqual([
      [
        {
          provider: 'openai',
          model: 'm',
          isBreakerOpen: false,
          inFlight: 3,
          limit: 100,
          firstTokenP50Ms: 80,
          tokensPerSecond: 0,
          errorShare: 0,
        },
      ],
    ]);
  });

  it('is made again when there is news, else every ten seconds', () => {
    let health = healthy;
    const { told, clock, tick } = reporting(() => [health]);
    const at = (nowMs: number, now: Partial<ModelHealth> = {}): number => {
      clock.nowMs = nowMs;
      health = { ...health, ...now };
      tick();
      return told.length;
    };
    expect(at(0)).toBe(1);
    expect(at(2_000, { inFlight: 90 })).toBe(1);
    expect(at(4_000, { isBreakerOpen: true })).toBe(2);
    expect(at(6_000, { firstTokenP50Ms: 100 })).toBe(3);
    expect(at(8_000, { firstTokenP50Ms: 101 })).toBe(3);
    expect(at(15_999)).toBe(3);
    expect(at(16_000)).toBe(4);
  });

  it('is none while no model was asked', () => {
    const { told, tick } = reporting(() => []);
    tick();
    expect(told).toEqual([]);
  });
});

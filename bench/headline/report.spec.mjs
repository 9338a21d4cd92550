import { renderHeadline } from './report.mjs';

jest.mock('../../tools/lib/load-sources.mjs', () => ({ root: process.cwd(), loadSources: jest.fn() }));

const times = (count, p95Ms = 40) => ({ count, p50Ms: 3, p95Ms, p99Ms: 90, maxMs: 120 });
const self = { cpuShare: 0.1, lateP50Ms: 0.7, lateP99Ms: 3 };
const open = (more = {}) => ({
  sent: 1_000,
  answered: 1_000,
  ratePerSecond: 100,
  answeredPerSecond: 99.6,
  seconds: 10,
  connections: 50,
  mostInFlight: 20,
  waitedForConnection: 0,
  unknownTopics: 0,
  tiers: { memory: 500, semantic: 150, coalesced: 20, miss: 330 },
  byTier: { memory: times(500), semantic: times(150), coalesced: times(20), miss: times(330, 900) },
  hits: times(650),
  all: times(1_000, 800),
  wrong: { semantic: 3 },
  models: { simple: { 'mock-economy': 1_000 } },
  cpuSeconds: { gateway: 5 },
  memory: { gateway: 200 },
  gateway: { semanticLookUps: { hit: 150, late: 30 }, fallbacks: {} },
  ledger: {
    records: 1_000,
    isComplete: true,
    calls: 330,
    choices: [{ model: 'mock-economy', requests: 330, gain: 0.1 }],
    baselineUsd: 10,
    paidUsd: 2,
    cacheUsd: 4,
    routingUsd: 3,
    prefixUsd: 1,
    batchingUsd: 0,
  },
  self,
  ...more,
});
const cost = {
  naive: { listUsd: 10, discountedUsd: 8, tokens: { prompt: 1, cached: 0, output: 1 } },
  paidUsd: 2,
  saved: 0.75,
};
const ceiling = { firstOfIntent: 0.2, otherWords: 0.2, sameWords: 0.6 };
const rendered = (more) =>
  renderHeadline({ seed: 7, seconds: 10, machine: '2 cores', ceiling, cost, open: open(), ...more });

describe('the figures of the headline', () => {
  it('say what was reached, and from what', () => {
    const text = rendered();
    expect(text).toContain('seed 7');
    expect(text).toContain('| not asked of a provider (goal: 63 %) |  | 67.0 % |');
    expect(text).toContain('3 (2.00 % of semantic hits)');
    expect(text).toContain('| saved by routing | $3.00 | 30.0 % |');
    expect(text).toMatch(/CPU µs a request \| 5000 /);
    expect(text).not.toContain('missed');
  });

  it('say which goal was missed', () => {
    const text = rendered({
      open: open({ hits: times(650, 140), tiers: { memory: 500, miss: 500 } }),
      cost: { ...cost, saved: 0.5 },
    });
    expect(text).toContain('140 (missed)');
    expect(text).toContain('50.0 % (missed)');
    expect(text.match(/\(missed\)/g)).toHaveLength(3);
  });

  it('warn of a generator that did not keep up, of services that fell over, and of a ledger that is not complete', () => {
    const { ledger } = open();
    const text = rendered({
      open: open({ self: { ...self, lateP99Ms: 60 }, ledger: { ...ledger, isComplete: false } }),
      restarts: 2,
      tuned: ['CACHE_SIMILARITY_THRESHOLD=0.85'],
    });
    expect(text).toContain('**The load generator did not keep up');
    expect(text).toContain('2 times a service had to be started again');
    expect(text).toContain('INCOMPLETE');
    expect(text).toContain('CACHE_SIMILARITY_THRESHOLD=0.85');
  });

  it('leave out what was not measured', () => {
    const text = renderHeadline({ seed: 1, seconds: 5, machine: 'm', limit: { steps: [] } });
    expect(text).toContain('none that was tried');
    expect(text).not.toContain('undefined');
    expect(text).not.toContain('NaN');
  });
});

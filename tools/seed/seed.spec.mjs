import { emptyUsage, errorTable, tierOfPrice } from '@costlane/domain';
import { unpaidSavings } from '@costlane/contracts';
import { createPriceCatalog } from '@costlane/pricing';
import { priceRun } from '../../apps/provider-worker/src/work/price-run';
import { budgetsOf, roundLimit } from './budgets.mjs';
import { anomaliesUntil, hoursOf, hourMs } from './calendar.mjs';
import { editionOf, settingsOfId } from './drafts.mjs';
import { createTally, recordsOf } from './history.mjs';
import { settingsOf } from './options.mjs';
import { jsonOf, renderSeed } from './report.mjs';
import { writeHistory } from './write.mjs';
import { tenantIds, tenants } from './world.mjs';

const library = { emptyUsage, errorTable, tierOfPrice, unpaidSavings, priceRun };
const catalog = createPriceCatalog();
const settings = { seed: 1, days: 90, requests: 11_000, untilMs: Date.UTC(2026, 10, 27, 8) };
const historyOf = (changes = {}) => [...recordsOf(library, catalog, { ...settings, ...changes })];
const share = (list, isSuch) => list.filter(isSuch).length / list.length;

afterAll(() => catalog.close());

describe('the history', () => {
  const history = historyOf();
  const records = history.map(({ record }) => record);

  it('has exactly as many requests as were asked for, in the order of their time, within its days', () => {
    expect(records).toHaveLength(11_000);
    const times = records.map(({ createdAtMs }) => createdAtMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(settings.untilMs - 90 * 24 * hourMs);
    const isPossible = ({ createdAtMs, finishedAtMs }) =>
      finishedAtMs >= createdAtMs && finishedAtMs <= settings.untilMs;
    expect(records.filter((record) => !isPossible(record))).toEqual([]);
    expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(11_000);
  });

  it('is the same for the same options and another for another seed', () => {
    const textOf = (changes) => JSON.stringify(historyOf({ requests: 1_000, ...changes }));
    expect(textOf()).toBe(textOf());
    expect(textOf({ seed: 2 })).not.toBe(textOf());
  });

  it('adds up to the nano-dollar in every record', () => {
    const isSound = ({ baselineNanoUsd, paidNanoUsd, savings }) =>
      paidNanoUsd >= 0 &&
      baselineNanoUsd - paidNanoUsd === savings.cache + savings.routing + savings.prefix + savings.batching;
    expect(records.filter((record) => !isSound(record))).toEqual([]);
  });

  it('has eight tenants of the demo and nobody else’s', () => {
    expect([...new Set(records.map(({ tenantId }) => tenantId))].sort()).toEqual([...tenantIds].sort());
    expect(tenantIds).toHaveLength(8);
    const isOurs = ({ tenantId, requestId, userId }) =>
      tenantId.startsWith('demo-') && requestId.startsWith('demo_') && userId.startsWith(tenantId);
    expect(records.filter((record) => !isOurs(record))).toEqual([]);
  });

  it('has every cache tier, four providers, streams, batches, failures and savings of each kind', () => {
    const tiers = new Set(records.map(({ cacheTier }) => cacheTier));
    expect([...tiers].sort()).toEqual(['coalesced', 'exact', 'memory', 'miss', 'semantic']);
    const providers = new Set(records.map(({ provider }) => provider));
    for (const name of ['openai', 'anthropic', 'google', 'cohere']) expect(providers).toContain(name);
    expect(share(records, ({ cacheTier }) => cacheTier !== 'miss')).toBeGreaterThan(0.2);
    expect(share(records, ({ stream }) => stream)).toBeGreaterThan(0.3);
    expect(share(records, ({ endpoint }) => endpoint === '/v1/batch')).toBeGreaterThan(0.03);
    const failures = share(records, ({ errorCode }) => errorCode !== undefined);
    expect(failures).toBeGreaterThan(0.008);
    expect(failures).toBeLessThan(0.03);
    for (const cause of ['cache', 'routing', 'prefix', 'batching'])
      expect(records.reduce((sum, { savings }) => sum + savings[cause], 0)).toBeGreaterThan(0);
  });

  it('pays nothing for hits, half of the price in a batch, and for doubtful answers twice', () => {
    const hits = records.filter(({ cacheTier }) => cacheTier !== 'miss');
    expect(hits.filter(({ paidNanoUsd, upstreamCalls }) => paidNanoUsd + upstreamCalls > 0)).toEqual([]);
    for (const record of records.filter(
      ({ endpoint, provider, paidNanoUsd }) => endpoint === '/v1/batch' && provider === 'anthropic' && paidNanoUsd > 0,
    ))
      expect(Math.abs(record.savings.batching - record.paidNanoUsd)).toBeLessThanOrEqual(8);
    const doubted = records.filter(({ otherCalls }) => otherCalls);
    expect(doubted.length).toBeGreaterThan(0);
    for (const { savings, upstreamCalls } of doubted) {
      expect(upstreamCalls).toBe(2);
      expect(savings.routing).toBeLessThan(0);
    }
  });

  it('keeps the holdout from cache, routing and batching, and its users in it', () => {
    const held = records.filter(({ isHoldout }) => isHoldout);
    expect(new Set(held.map(({ tenantId }) => tenantId))).toEqual(new Set(['demo-cedar', 'demo-maple']));
    for (const { cacheTier, savings, endpoint } of held) {
      expect(cacheTier).toBe('miss');
      expect(savings).toMatchObject({ cache: 0, routing: 0, batching: 0 });
      expect(endpoint).not.toBe('/v1/batch');
    }
    const users = new Set(held.map(({ userId }) => userId));
    expect(records.filter(({ userId, isHoldout }) => users.has(userId) && !isHoldout)).toEqual([]);
  });

  it('shows a user of an experiment one variant only', () => {
    const variants = new Map();
    for (const { experimentId, experimentVariant, userId } of records.filter((record) => record.experimentId)) {
      const key = `${experimentId} ${userId}`;
      expect(variants.get(key) ?? experimentVariant).toBe(experimentVariant);
      variants.set(key, experimentVariant);
    }
    expect(new Set([...variants.keys()].map((key) => key.split(' ')[0])).size).toBe(2);
  });

  it('has quiet weekends, busy hours and growth', () => {
    const birch = records.filter(({ tenantId }) => tenantId === 'demo-birch');
    const isWeekend = ({ createdAtMs }) => new Date(createdAtMs).getUTCDay() % 6 === 0;
    expect(share(birch, isWeekend)).toBeLessThan(0.12);
    expect(
      share(birch, ({ createdAtMs }) => Math.abs(new Date(createdAtMs).getUTCHours() + 0.5 - 15) < 4),
    ).toBeGreaterThan(0.6);
    const third = 30 * 24 * hourMs;
    const early = birch.filter(({ createdAtMs }) => createdAtMs < settings.untilMs - 2 * third).length;
    const late = birch.filter(({ createdAtMs }) => createdAtMs >= settings.untilMs - third).length;
    expect(late / early).toBeGreaterThan(1.2);
  });

  it('puts injected anomalies where it says', () => {
    for (const { record, anomaly } of history.filter((each) => each.anomaly)) {
      expect(record.createdAtMs).toBeGreaterThanOrEqual(anomaly.fromMs);
      expect(record.createdAtMs).toBeLessThan(anomaly.toMs);
      expect(record.tenantId).toBe(anomaly.tenantId);
    }
    const swapped = records.filter(({ modelUsed }) => modelUsed === 'gpt-6-astra');
    const { fromMs, toMs } = anomaliesUntil(settings.untilMs, 90).find(
      ({ kind }) => kind === 'a dear model swapped in',
    );
    expect(swapped.length).toBeGreaterThan(0);
    for (const { createdAtMs } of swapped) {
      expect(createdAtMs).toBeGreaterThanOrEqual(fromMs);
      expect(createdAtMs).toBeLessThan(toMs);
    }
  });

  it('is told of as it is: by tenant, with what was injected', () => {
    const tally = createTally(settings);
    for (const each of history) tally.add(each);
    const told = jsonOf({ history: settings, tally, isDryRun: true });
    expect(told).toMatchObject({ edition: 'demo_1_2026112708_90d_11000', requests: 11_000, is_dry_run: true });
    expect(Object.values(told.tenants).reduce((sum, { requests }) => sum + requests, 0)).toBe(11_000);
    expect(told.injected_anomalies).toHaveLength(7);
    const text = renderSeed({ history: settings, tally, isDryRun: true }, (head, rows) => [head, ...rows].join('\n'));
    expect(text).toMatch(/Nothing was written/);
    for (const { kind } of told.injected_anomalies) expect(text).toContain(kind);
  });
});

describe('its budgets', () => {
  const tally = createTally(settings);
  for (const each of historyOf()) tally.add(each);
  const budgets = budgetsOf(tally.recentPaid);

  it('are those of demo tenants, with limits near what these spend', () => {
    expect(new Set(budgets.map(({ scope }) => scope))).toEqual(new Set(['org', 'user', 'team', 'feature', 'key']));
    for (const { tenantId, limitNanoUsd, softLimitNanoUsd } of budgets) {
      expect(tenantIds).toContain(tenantId);
      expect(limitNanoUsd).toBeGreaterThanOrEqual(1_000_000_000);
      expect(softLimitNanoUsd).toBeLessThan(limitNanoUsd);
    }
    const paidOf = (tenantId) =>
      [...tally.recentPaid]
        .filter(([key]) => key.startsWith(`${tenantId} `))
        .reduce((sum, [, paid]) => sum + Number(paid), 0);
    const limitOf = (tenantId) => budgets.find((one) => one.tenantId === tenantId && one.scope === 'org').limitNanoUsd;
    expect(limitOf('demo-hazel')).toBeLessThan(paidOf('demo-hazel'));
    expect(limitOf('demo-birch')).toBeGreaterThan(paidOf('demo-birch'));
  });

  it.each([
    [0n, 1n],
    [1_000_000_000n, 1n],
    [1_000_000_001n, 2n],
    [99_400_000_000n, 100n],
    [101_000_000_000n, 110n],
    [12_345_000_000_000n, 13_000n],
  ])('are round: %s nano-dollars become %s dollars', (nanoUsd, dollars) => {
    expect(roundLimit(nanoUsd)).toBe(dollars * 1_000_000_000n);
  });
});

describe('writing it', () => {
  it.each([[1], [3], [11]])('ends with the error where the ledger does not take batch %s', async (failing) => {
    let batches = 0;
    const ledger = {
      ensurePartitions: async () => 0,
      rollups: { run: async () => ({ hours: 0 }) },
      async record(batch) {
        batches += 1;
        if (batches === failing) throw new Error('Postgres is away');
        return { inserted: batch.length, duplicates: 0, rejected: 0 };
      },
    };
    const progressOf = () => () => undefined;
    const asked = { library, catalog, ledger, history: settings, nowMs: settings.untilMs, progressOf };
    await expect(writeHistory(asked)).rejects.toThrow('Postgres is away');
  });
});

describe('its calendar', () => {
  it.each([100, 999, 12_345])('divides %s requests among hours without losing one', (requests) => {
    const hours = hoursOf({ ...settings, days: 7, requests });
    expect(hours).toHaveLength(7 * 24);
    const counted = hours.flatMap(({ counts, injected }) => [...counts, ...injected.map(({ count }) => count)]);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(requests);
  });

  it('knows each feature by a share of its tenant', () => {
    for (const { features } of tenants)
      expect(features.reduce((sum, feature) => sum + feature.share, 0)).toBeCloseTo(1, 9);
    expect(tenants.reduce((sum, tenant) => sum + tenant.share, 0)).toBeCloseTo(1, 9);
  });
});

describe('its ids', () => {
  it('say by which options they were made', () => {
    expect(settingsOfId(`${editionOf(settings)}_00000042`)).toEqual(settings);
    expect(settingsOfId('req_1')).toBeUndefined();
  });
});

describe('its options', () => {
  const nowMs = Date.UTC(2026, 10, 27, 9, 30);

  it('end at the last full hour where nothing is said', () => {
    expect(settingsOf([], nowMs)).toMatchObject({
      isChosen: false,
      history: { seed: 1, days: 90, requests: 40_000, untilMs: Date.UTC(2026, 10, 27, 9) },
    });
    expect(settingsOf(['--until', '2026-11-01'], nowMs)).toMatchObject({
      isChosen: true,
      history: { untilMs: Date.UTC(2026, 10, 1) },
    });
    expect(settingsOf(['--until', '2026-11-01T07:00Z'], nowMs).history.untilMs).toBe(Date.UTC(2026, 10, 1, 7));
  });

  it.each([
    [['--requests', '12'], /--requests has to be a whole number from 100/],
    [['--days', 'ten'], /--days has to be a whole number from 7 to 400, not "ten"/],
    [['--until', 'yesterday'], /--until has to be a day or a full hour/],
    [['--until', '2027-01-01'], /has not come yet/],
    [['--database', 'nonsense'], /--database has to be an address/],
    [['--remove', '--dry-run'], /do not go together/],
    [['--nonsense'], /--nonsense/],
  ])('%j are refused by name', (argv, message) => {
    expect(() => settingsOf(argv, nowMs)).toThrow(message);
  });
});

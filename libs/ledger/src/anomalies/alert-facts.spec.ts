import type { CompletionRecord } from '@costlane/contracts';
import { rollUpAll } from '../analytics/testing/roll-up';
import { sampleRecord } from '../testing/sample-record';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const USD = 1_000_000_000;

let made = 0;
const spend = (changes: Partial<CompletionRecord>, paidUsd: number): CompletionRecord => {
  const paidNanoUsd = Math.round(paidUsd * USD);
  const savings = { cache: 0, routing: 0, prefix: 0, batching: 0 };
  return sampleRecord({ requestId: `r${++made}`, paidNanoUsd, baselineNanoUsd: paidNanoUsd, savings, ...changes });
};

describeWithPostgres('what alert rules are judged by', () => {
  let test: TestLedger;
  const keep = async (records: CompletionRecord[]): Promise<void> => {
    await test.empty();
    await test.ledger.record(records);
    await rollUpAll(test.rows);
  };
  beforeAll(async () => {
    test = await startTestLedger();
  });
  afterAll(() => test.end());

  it('is the spend of the running UTC day, of each tenant and of all, above the limit and not at it', async () => {
    await keep([
      spend({ tenantId: 'acme', userId: 'ann' }, 7),
      spend({ tenantId: 'acme', userId: 'bob' }, 3.000000001),
      spend({ tenantId: 'globex', userId: 'ann' }, 10),
      spend({ tenantId: 'initech', userId: 'ann', createdAtMs: Date.now() - DAY_MS }, 90),
    ]);
    expect(await test.ledger.alertFacts.daySpend(10n * BigInt(USD))).toEqual([
      { tenantId: '*', spentNanoUsd: 20_000_000_001n },
      { tenantId: 'acme', spentNanoUsd: 10_000_000_001n },
    ]);
    expect(await test.ledger.alertFacts.daySpend(21n * BigInt(USD))).toEqual([]);
  });

  it('is the spend of each user of each tenant, held out or not, and of nobody without a name', async () => {
    await keep([
      spend({ tenantId: 'acme', userId: 'ann' }, 6),
      spend({ tenantId: 'acme', userId: 'ann', isHoldout: true }, 5),
      spend({ tenantId: 'globex', userId: 'ann' }, 9),
      spend({ tenantId: 'acme', userId: undefined }, 50),
    ]);
    expect(await test.ledger.alertFacts.userSpend(10n * BigInt(USD))).toEqual([
      { tenantId: 'acme', userId: 'ann', spentNanoUsd: 11_000_000_000n },
    ]);
  });

  it('is the hit rate of tenants with enough requests an hour, without what is older', async () => {
    const tiers = ['memory', 'exact', 'semantic', 'coalesced', 'miss', 'miss', 'miss', 'miss'] as const;
    await keep([
      ...tiers.map((cacheTier) => spend({ tenantId: 'acme', cacheTier }, 0)),
      ...tiers.map(() => spend({ tenantId: 'acme', cacheTier: 'memory', createdAtMs: Date.now() - 3 * HOUR_MS }, 0)),
      spend({ tenantId: 'globex', cacheTier: 'miss' }, 0),
    ]);
    expect(await test.ledger.alertFacts.hitRates(3)).toEqual([
      { tenantId: '*', requests: 9, hits: 4 },
      { tenantId: 'acme', requests: 8, hits: 4 },
    ]);
    // Of two hours at the most: 9 requests are no 10 an hour.
    expect(await test.ledger.alertFacts.hitRates(10)).toEqual([]);
  });
});

describeWithPostgres('the outbox of alerts', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
  });
  afterAll(() => test.end());

  it('knows what was overtaken on its way to the same sink', async () => {
    const { alerts } = test.ledger;
    const message = (...keys: string[]) => ({ notices: keys.map((key) => ({ key })) });
    await alerts.enqueue([{ sink: 'slack', message: message('a', 'b') }]);
    await alerts.enqueue([
      { sink: 'webhook', message: message('b') },
      { sink: 'slack', message: message('a', 'c') },
    ]);
    const [first] = await alerts.claim('slack', 1, 60_000);
    expect(first).toBeDefined();
    const of = first ?? { number: '', sink: '' };
    expect(await alerts.overtaken(of, ['a', 'b'])).toEqual(new Set(['a']));
    expect(await alerts.overtaken({ ...of, sink: 'webhook' }, ['a', 'b'])).toEqual(new Set(['b']));
  });

  it('forgets after a week, also what is for a sink that is there no more', async () => {
    await test.rows(`UPDATE alert_outbox SET created_at = now() - interval '8 days' WHERE sink = 'webhook'`);
    await test.ledger.alerts.deleteOld();
    expect(await test.rows(`SELECT DISTINCT sink, state FROM alert_outbox`)).toEqual([
      { sink: 'slack', state: 'pending' },
    ]);
  });
});

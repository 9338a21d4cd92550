import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CompletionRecord } from '@costlane/contracts';
import { describeWithPostgres, startTestLedger, type TestLedger } from '../testing/test-ledger';
import { rollUpAll } from './testing/roll-up';
import { sampleTraffic } from './testing/sample-traffic';

const FROM = new Date('2026-10-20T00:00:00Z');
const NOVEMBER = Date.parse('2026-11-01T00:00:00Z');
const INFRASTRUCTURE = 700;

const records = sampleTraffic({ from: FROM, days: 30, requestsPerDay: 60 });
const recent = records.filter(({ createdAtMs }) => createdAtMs >= NOVEMBER);
const acme = recent.filter(({ tenantId }) => tenantId === 'acme');

type Row = Record<string, string | number | null>;
type Amount = (record: CompletionRecord) => number;
type Key = (record: CompletionRecord) => string;

const paid: Amount = ({ paidNanoUsd }) => paidNanoUsd;
const saved: Amount = ({ baselineNanoUsd, paidNanoUsd }) => baselineNanoUsd - paidNanoUsd;
const cost: Amount = (record) => paid(record) + INFRASTRUCTURE;
const net: Amount = (record) => saved(record) - INFRASTRUCTURE;
const sum = (of: CompletionRecord[], amount: Amount): number => of.reduce((total, record) => total + amount(record), 0);
const dollars = (of: CompletionRecord[], amount: Amount): number => sum(of, amount) / 1e9;
const share = (of: CompletionRecord[], is: (record: CompletionRecord) => boolean): number =>
  of.filter(is).length / of.length;
const isHit = ({ cacheTier }: CompletionRecord): boolean => cacheTier !== 'miss';
const input: Amount = ({ usage }) => (usage?.freshInputTokens ?? 0) + (usage?.cacheReadTokens ?? 0);
const output: Amount = ({ usage }) => usage?.outputTokens ?? 0;
const dayOf: Key = ({ createdAtMs }) => new Date(createdAtMs).toISOString().slice(0, 10);
const weekOf: Key = ({ createdAtMs }) => {
  const day = new Date(createdAtMs);
  return new Date(createdAtMs - ((day.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
};
const usersOf = (of: CompletionRecord[]): number => new Set(of.map(({ userId }) => userId).filter(Boolean)).size;

/** Groups of records, each with what it adds up to, in no order. */
function grouped(of: CompletionRecord[], key: Key, columns: (group: CompletionRecord[]) => object): object[] {
  const groups = new Map<string, CompletionRecord[]>();
  for (const record of of) groups.set(key(record), [...(groups.get(key(record)) ?? []), record]);
  return [...groups].map(([name, group]) => ({ key: name, ...columns(group) }));
}

const whoHas = (field: 'userId' | 'featureName') => acme.filter((record) => record[field] !== undefined);
const userCosts = (group: CompletionRecord[]) => ({ requests: group.length, cost: dollars(group, cost) });

/** What each statement has to say, by its heading, and which of its columns name a row. */
const expected: Record<string, { names: string[]; rows: () => object[] }> = {
  'Cost per user since a date': {
    names: ['user_id'],
    rows: () =>
      grouped(
        whoHas('userId'),
        ({ userId }) => String(userId),
        (group) => ({ ...userCosts(group), net_savings: dollars(group, net) }),
      ),
  },
  'Top users, with their share of the bill': {
    names: ['user_id'],
    rows: () =>
      grouped(
        acme,
        ({ userId }) => String(userId ?? null),
        (group) => ({
          paid: dollars(group, paid),
          share: Number((sum(group, paid) / sum(acme, paid)).toFixed(4)),
        }),
      ),
  },
  'ROI by feature': {
    names: ['feature_name'],
    rows: () =>
      grouped(
        whoHas('featureName'),
        ({ featureName }) => String(featureName),
        (group) => ({
          savings: dollars(group, saved),
          infrastructure: (group.length * INFRASTRUCTURE) / 1e9,
          roi: sum(group, saved) / (group.length * INFRASTRUCTURE),
        }),
      ),
  },
  'Economics per experiment variant': {
    names: ['experiment_id', 'experiment_variant'],
    rows: () =>
      grouped(
        acme.filter(({ experimentId }) => experimentId !== undefined),
        ({ experimentId, experimentVariant }) => `${experimentId}/${experimentVariant}`,
        (group) => ({
          requests: group.length,
          users: usersOf(group),
          cost_per_call: dollars(group, cost) / group.length,
          net_savings_per_call: dollars(group, net) / group.length,
          mean_latency_ms:
            sum(
              group.filter(({ errorCode }) => !errorCode),
              ({ latencyMs }) => latencyMs,
            ) / group.filter(({ errorCode }) => !errorCode).length,
          error_rate: share(group, ({ errorCode }) => errorCode !== undefined),
        }),
      ),
  },
  'Cost per call of each feature': {
    names: ['feature_name'],
    rows: () =>
      grouped(
        whoHas('featureName'),
        ({ featureName }) => String(featureName),
        (group) => ({
          calls: group.length,
          cost_per_call: dollars(group, cost) / group.length,
        }),
      ),
  },
  'Hit rate by model': {
    names: ['model_used'],
    rows: () =>
      grouped(
        recent,
        ({ modelUsed }) => modelUsed,
        (group) => ({
          requests: group.length,
          hit_rate: share(group, isHit),
          saved_by_caches: dollars(group, ({ savings }) => savings.cache),
        }),
      ),
  },
  'Savings by cause by month': {
    names: ['month'],
    rows: () =>
      grouped(
        records,
        (record) => `${dayOf(record).slice(0, 7)}-01`,
        (group) => ({
          cache: dollars(group, ({ savings }) => savings.cache),
          routing: dollars(group, ({ savings }) => savings.routing),
          prefix: dollars(group, ({ savings }) => savings.prefix),
          batching: dollars(group, ({ savings }) => savings.batching),
          infrastructure: (-group.length * INFRASTRUCTURE) / 1e9,
          net: dollars(group, net),
        }),
      ),
  },
  'Cost by day and model': {
    names: ['date', 'model_used'],
    rows: () =>
      grouped(
        acme,
        (record) => `${dayOf(record)}/${record.modelUsed}`,
        (group) => ({
          paid: dollars(group, paid),
          tokens_input: sum(group, input),
          tokens_output: sum(group, output),
        }),
      ),
  },
  'What a million tokens cost, by provider': {
    names: ['provider'],
    rows: () =>
      grouped(
        recent.filter((record) => !isHit(record)),
        ({ provider }) => provider,
        (group) => ({
          paid_per_million_tokens: (dollars(group, paid) / (sum(group, input) + sum(group, output))) * 1e6,
        }),
      ),
  },
  'Cost per active user, by week': {
    names: ['week'],
    rows: () =>
      grouped(
        records.filter(({ tenantId, userId }) => tenantId === 'acme' && userId),
        weekOf,
        (group) => ({
          active_users: usersOf(group),
          cost_per_active_user: dollars(group, cost) / usersOf(group),
        }),
      ),
  },
  'Models that stood in for others, and what that saved': {
    names: ['model_asked', 'model_used'],
    rows: () =>
      grouped(
        recent.filter(({ modelAsked, modelUsed }) => modelAsked !== modelUsed),
        ({ modelAsked, modelUsed }) => `${modelAsked}/${modelUsed}`,
        (group) => ({ requests: group.length, saved: dollars(group, ({ savings }) => savings.routing) }),
      ),
  },
  'Errors that cost money': {
    names: ['error_code', 'provider'],
    rows: () =>
      grouped(
        recent.filter(({ errorCode, paidNanoUsd }) => errorCode && paidNanoUsd > 0),
        ({ errorCode, provider }) => `${errorCode}/${provider}`,
        (group) => ({ requests: group.length, paid: dollars(group, paid) }),
      ),
  },
  'Where optimisation lost money': {
    names: ['feature_name'],
    rows: () =>
      grouped(
        acme.filter((record) => saved(record) < 0),
        ({ featureName }) => String(featureName ?? null),
        (group) => ({
          requests: group.length,
          lost: dollars(group, saved),
        }),
      ),
  },
  'Requests without a price': {
    names: ['provider', 'model_used'],
    rows: () =>
      grouped(
        recent.filter(({ priceVersion, upstreamCalls }) => priceVersion === undefined && upstreamCalls > 0),
        ({ provider, modelUsed }) => `${provider}/${modelUsed}`,
        (group) => ({ requests: group.length, output_tokens: sum(group, output) }),
      ),
  },
  'The same without reading detail': {
    names: ['user_id'],
    rows: () => grouped(whoHas('userId'), ({ userId }) => String(userId), userCosts),
  },
};

/** The statements of the document, by the heading above each. */
function documentedSql(): [string, string][] {
  const text = readFileSync(path.join(__dirname, '../../../../docs/analytics.md'), 'utf8');
  return [...text.matchAll(/^### (.+)$(?:(?!^### )[\s\S])*?^```sql\n([\s\S]+?)^```$/gm)].map(
    ([, heading = '', sql = '']) => [heading, sql],
  );
}

const statements = documentedSql();

describeWithPostgres('the SQL of docs/analytics.md', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await startTestLedger();
    await test.another({ infrastructureCostOf: () => INFRASTRUCTURE }).record(records);
    await rollUpAll(test.rows);
  });
  afterAll(() => test.end());

  it('is all of it known here', () => {
    expect(statements.map(([heading]) => heading).sort()).toEqual(Object.keys(expected).sort());
    const count = readFileSync(path.join(__dirname, '../../../../docs/analytics.md'), 'utf8').match(
      /^```sql$/gm,
    )?.length;
    expect(statements).toHaveLength(count ?? 0);
  });

  it.each(statements)('%s: says what the records say', async (heading, sql) => {
    const { names, rows: expectedRows } = expected[heading] ?? { names: [], rows: () => [] };
    // As text: dates of a driver would be in local time.
    const rows = await test.rows<Record<string, string>>(
      `SELECT ${await columnsAsText(test, sql)} FROM (${sql.trim().replace(/;$/, '')}) asked`,
    );
    const found = rows.map((row) => keyed(row, names));
    const wanted = expectedRows();
    expect(wanted.length).toBeGreaterThan(0);
    expect(found).toHaveLength(wanted.length);
    for (const row of wanted as Row[]) {
      const same = found.find(({ key }) => key === row['key']);
      for (const [column, value] of Object.entries(row))
        if (typeof value === 'number')
          expect([heading, column, same?.[column]]).toEqual([heading, column, near(value)]);
    }
  });
});

/** Rounded figures of statements have two to four decimals; sums are exact but for a double's last digits. */
const near = (value: number): unknown =>
  expect.closeTo(value, Math.abs(value) > 100 ? 2 : Math.abs(value) < 0.9 ? 9 : 4);

function keyed(row: Record<string, string | null>, names: string[]): Row {
  const figures = Object.entries(row).filter(([column]) => !names.includes(column));
  return {
    key: names.map((name) => String(row[name])).join('/'),
    ...Object.fromEntries(figures.map(([column, text]) => [column, text === null ? null : Number(text)])),
  };
}

async function columnsAsText(test: TestLedger, sql: string): Promise<string> {
  const [row] = await test.rows<object>(`SELECT * FROM (${sql.trim().replace(/;$/, '')}) asked LIMIT 1`);
  return Object.keys(row ?? {})
    .map((column) => `"${column}"::text`)
    .join(', ');
}

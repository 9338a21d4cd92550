import type { ChargeRow } from '@costlane/ledger';
import { reportRecords, LAST_DAY } from '../testing/report-records';
import { describeWithPostgres, startTestAnalytics, type TestAnalytics } from '../testing/test-analytics';
import { exportFocus } from './export-focus';
import { problemsOf, type FocusRow } from './testing/validate-focus';

const DAY_MS = 86_400_000;
const recent = reportRecords().filter(({ createdAtMs }) => createdAtMs >= LAST_DAY - 28 * DAY_MS);

/** Tables whose fields hold no line break, as an export's. */
function parseCsv(text: string): { columns: string[]; rows: FocusRow[] } {
  const cellsOf = (line: string): (string | null)[] =>
    [...line.matchAll(/("(?:[^"]|"")*"|[^",]*)(?:,|$)/g)]
      .slice(0, line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).length)
      .map(([, cell = '']) =>
        cell === '' ? null : cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
      );
  const [header = '', ...lines] = text.trimEnd().split('\r\n');
  const columns = cellsOf(header).map(String);
  return {
    columns,
    rows: lines.map((line) => Object.fromEntries(cellsOf(line).map((cell, i) => [columns[i] ?? '', cell]))),
  };
}

const nano = (text: string | null | undefined): bigint => BigInt(String(text).replace('.', ''));

const charge = (changes: Partial<ChargeRow> = {}): ChargeRow => ({
  day: '2026-11-01',
  tenantId: 'acme',
  model: 'm',
  provider: 'p',
  endpoint: '',
  userId: '',
  requests: 1,
  unpricedRequests: 0,
  upstreamCalls: 1,
  freshInputTokens: 1,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 1,
  reasoningTokens: 0,
  paidNanoUsd: 1n,
  baselineNanoUsd: 1n,
  infrastructureNanoUsd: 0n,
  cacheNanoUsd: 0n,
  routingNanoUsd: 0n,
  prefixNanoUsd: 0n,
  batchingNanoUsd: 0n,
  ...changes,
});

describeWithPostgres('the FOCUS export', () => {
  let test: TestAnalytics;
  beforeAll(async () => void (test = await startTestAnalytics()));
  afterAll(() => test.end());

  it.each([{ detail: 'model' }, { detail: 'user' }])('by $detail keeps every rule of FOCUS 1.2', async ({ detail }) => {
    for (const tenantId of [undefined, 'acme', 'nobody']) {
      const { columns, rows } = parseCsv(await test.exported('focus', { detail }, tenantId));
      expect(problemsOf(columns, rows)).toEqual([]);
      expect(rows.length > 0).toBe(tenantId !== 'nobody');
    }
  });

  it.each([{ detail: 'model' }, { detail: 'user' }])(
    'by $detail bills what is on record, to the nano-dollar',
    async ({ detail }) => {
      const { rows } = parseCsv(await test.exported('focus', { detail }));
      const sum = (column: string) => rows.reduce((total, row) => total + nano(row[column]), 0n);
      const onRecord = (amount: (record: (typeof recent)[number]) => number) =>
        recent.reduce((total, record) => total + BigInt(amount(record)), 0n);
      expect(sum('BilledCost')).toBe(onRecord(({ paidNanoUsd }) => paidNanoUsd));
      expect(sum('x_BaselineCost')).toBe(onRecord(({ baselineNanoUsd }) => baselineNanoUsd));
      expect(sum('x_SavingsCache')).toBe(onRecord(({ savings }) => savings.cache));
      const asked = recent.filter(({ upstreamCalls }) => upstreamCalls > 0);
      const tokens = asked.reduce((total, { usage }) => total + (usage?.freshInputTokens ?? 0) + 73, 0);
      expect(rows.reduce((total, row) => total + Number(row['ConsumedQuantity']), 0)).toBe(tokens);
    },
  );

  it('tells users apart by tags, and their model’s provider', async () => {
    const { rows } = parseCsv(await test.exported('focus', { detail: 'user' }, 'acme'));
    const users = new Set(rows.map((row) => (JSON.parse(row['Tags'] ?? '{}') as { user_id?: string }).user_id));
    expect(users).toEqual(new Set(recent.filter((one) => one.tenantId === 'acme').map(({ userId }) => userId)));
    for (const row of rows) expect(row['SkuId']).toBe(`${row['ProviderName']}/${row['x_Model']}`);
  });

  it('is the same as JSON, every digit of it', async () => {
    const json = await test.exported('focus', { format: 'json' });
    const { data } = JSON.parse(json) as { data: { focus_version: string; rows: Record<string, unknown>[] } };
    const { rows, columns } = parseCsv(await test.exported('focus'));
    expect(data.rows.map((row) => Object.keys(row))).toEqual(rows.map(() => columns));
    expect(json).toContain(`"BilledCost":${rows[1]?.['BilledCost']},`);
    expect(data.rows.map((row) => row['x_Requests'])).toEqual(rows.map((row) => Number(row['x_Requests'])));
    expect(JSON.parse(await test.exported('focus', { format: 'json' }, 'nobody'))).toMatchObject({
      data: { rows: [] },
    });
  });

  it('is caught by its validator when it breaks a rule', async () => {
    const { columns, rows } = parseCsv(await test.exported('focus', {}, 'acme'));
    const broken = (column: string, value: string | null) =>
      problemsOf(columns, [{ ...(rows[0] as FocusRow), [column]: value }, ...rows.slice(1)]);
    for (const [column, value] of [
      ['BilledCost', '$1'],
      ['BilledCost', null],
      ['EffectiveCost', '1,000.5'],
      ['ListCost', '99.0'],
      ['BillingCurrency', 'Dollar'],
      ['BillingPeriodEnd', '2026-11-02T00:00:00Z'],
      ['ChargePeriodStart', '2026-11-01'],
      ['ChargePeriodEnd', '2026-10-01T00:00:00Z'],
      ['ChargeCategory', 'Fee'],
      ['ChargeClass', 'Regular'],
      ['ConsumedQuantity', null],
      ['ConsumedUnit', null],
      ['PricingQuantity', '1/3'],
      ['PricingUnit', null],
      ['ProviderName', null],
      ['ServiceCategory', 'AI'],
      ['ServiceSubcategory', 'Databases'],
      ['SkuId', null],
      ['SubAccountName', null],
      ['InvoiceId', 'inv-1'],
      ['Tags', '{"a":{"b":1}}'],
      ['Tags', 'team=search'],
      ['x_SavingsCache', 'much'],
    ] as const)
      expect([column, broken(column, value)]).toEqual([column, expect.arrayContaining([expect.any(String)])]);
    expect(problemsOf(columns.slice(1), rows)).toContain('BilledCost MUST be present');
    expect(problemsOf([...columns, 'Savings'], rows)).toContain('Savings is no column of FOCUS');
  });
});

describe('a large FOCUS export', () => {
  it('holds one page at a time, and ends when its reader leaves', async () => {
    let pages = 0;
    const store = {
      charges: ({ after, limit }: { after?: ChargeRow; limit: number }) => {
        pages += 1;
        const next = after === undefined ? 0 : Number(after.model) + 1;
        return Promise.resolve(Array.from({ length: limit }, (_, i) => charge({ model: String(next + i) })));
      },
    };
    const range = {
      from: new Date('2026-11-01T00:00:00Z'),
      to: new Date('2026-12-01T00:00:00Z'),
      grain: 'day' as const,
    };
    let pieces = 0;
    for await (const piece of exportFocus(store, { range, detail: 'model', format: 'csv' }, { billingAccount: 'b' })) {
      pieces += 1;
      expect(pages).toBe(pieces);
      expect(piece.length).toBeLessThan(1_000_000);
      if (pieces === 5) break;
    }
    expect(pages).toBe(5);
  });

  it('lets no spreadsheet run a name, and leaves it whole in JSON', async () => {
    const store = { charges: () => Promise.resolve([charge({ tenantId: 'acme', model: '=1+1', userId: 'u' })]) };
    const range = {
      from: new Date('2026-11-01T00:00:00Z'),
      to: new Date('2026-12-01T00:00:00Z'),
      grain: 'day' as const,
    };
    const textOf = async (format: 'csv' | 'json') => {
      let text = '';
      for await (const piece of exportFocus(store, { range, detail: 'user', format }, { billingAccount: 'b' }))
        text += piece;
      return text;
    };
    expect(await textOf('csv')).toContain(`,'=1+1,`);
    expect(await textOf('json')).toContain(`"x_Model":"=1+1"`);
  });
});

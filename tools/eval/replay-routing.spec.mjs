import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLedger, createScratchDatabase } from '@costlane/ledger';
import { createLogger } from '@costlane/platform';
import { sampleRecord } from '@costlane/testing';

const root = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'costlane-replay-spec-'));
const deadlineMs = 120_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args) =>
  new Promise((resolve) => {
    const script = path.join(root, 'tools/eval/replay-routing.mjs');
    execFile(process.execPath, [script, ...args], { maxBuffer: 2 ** 24 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

const write = (name, content) => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};
const json = (name, value) => write(name, JSON.stringify(value));

const row = (more = {}) => ({
  tenant_id: 'acme',
  provider: 'mock',
  model_asked: 'auto',
  model_used: 'mock-standard',
  cache_tier: 'miss',
  http_status: 200,
  fresh_input_tokens: 900,
  output_tokens: 100,
  paid_nano_usd: 10_000_000,
  baseline_nano_usd: 30_000_000,
  complexity: 0.1,
  predicted_gain: 0.2,
  ...more,
});
const traffic = [
  row(),
  row({ complexity: 0.5, tenant_id: 'globex' }),
  row({ complexity: 0.9 }),
  row({ cache_tier: 'exact', paid_nano_usd: 0 }),
  row({ http_status: 503, error_code: 'unavailable', paid_nano_usd: 0 }),
  row({ model_asked: 'mock-standard' }),
  row({ complexity: null }),
];
const policy = json('policy.json', { models: ['mock-economy', 'mock-premium'] });

test(
  'rows as JSON, JSON lines and CSV give the same forecast, which adds up',
  async () => {
    const lines = write('rows.jsonl', traffic.map((one) => JSON.stringify(one)).join('\n'));
    const names = Object.keys(row());
    const cells = [names, ...traffic.map((one) => names.map((name) => one[name] ?? ''))];
    const csv = write('rows.csv', cells.map((line) => line.join(',')).join('\n'));
    const reports = [];
    for (const file of [json('rows.json', traffic), lines, csv]) {
      const { stdout, stderr } = await run('--rows', file, '--policy', policy, '--json');
      expect(stderr).toBe('');
      reports.push(JSON.parse(stdout).report);
    }
    expect(reports[1]).toEqual(reports[0]);
    expect(reports[2]).toEqual(reports[0]);
    expect(reports[0]).toMatchObject({
      requests: 7,
      outcomes: { changed: 2, same: 2, fixed: 2, unjudged: 1, refused: 0 },
      paidNanoUsd: 50_000_000,
      // 1,000 tokens go from $10 to $1.50 a million, and 1,000 to $30.
      cost: { likely: 50_000_000 - 8_500_000 + 20_000_000 },
      baselineNanoUsd: 210_000_000,
      models: expect.arrayContaining([
        { from: 'mock-standard', to: 'mock-economy', requests: 1 },
        { from: 'mock-standard', to: 'mock-premium', requests: 1 },
      ]),
      qualityChange: { predicted: 1, unpredicted: 1 },
    });
    expect(reports[0].tenants.map(({ tenantId, changed }) => [tenantId, changed])).toEqual([
      ['acme', 2],
      ['globex', 0],
    ]);
  },
  deadlineMs,
);

test(
  'settings of the policy decide: thresholds and tenants’ models',
  async () => {
    const rows = json('rows.json', traffic);
    const report = async (document) =>
      JSON.parse((await run('--rows', rows, '--json', '--policy', json('other.json', document))).stdout).report;
    const models = ['mock-economy', 'mock-premium'];
    const cheap = await report({ models, settings: { standardFrom: 1, premiumFrom: 1 } });
    expect(cheap).toMatchObject({ outcomes: { changed: 3 }, cost: { likely: 50_000_000 - 3 * 8_500_000 } });
    const tenants = [{ tenantId: 'acme', models: ['mock-standard'] }];
    expect(await report({ models, tenants })).toMatchObject({ outcomes: { changed: 0 } });
  },
  deadlineMs,
);

test(
  'auto chooses from what it had to choose from then, not from models that requests named',
  async () => {
    const candidates = [
      { model: 'mock-standard', provider: 'mock' },
      { model: 'mock-premium', provider: 'mock' },
    ];
    const rows = [
      row({ complexity: 0.9, route_decision: { route: 'complexity', candidates } }),
      row({ complexity: 0.1 }),
      row({ model_asked: 'mock-economy', model_used: 'mock-economy' }),
    ];
    const { report } = JSON.parse((await run('--rows', json('pool.json', rows), '--json')).stdout);
    expect(report.models).toEqual([{ from: 'mock-standard', to: 'mock-premium', requests: 1 }]);
  },
  deadlineMs,
);

test(
  'a workload with prompts is judged, counted and priced by the product',
  async () => {
    const asks = [
      'What is the capital of France?',
      'Prove that there are infinitely many primes. Be rigorous and explain each step.',
    ];
    const lines = asks.map((prompt) => JSON.stringify({ prompt, output_tokens: 50 }));
    const { stdout } = await run(
      '--model',
      'mock-standard',
      '--rows',
      write('workload.jsonl', lines.join('\n')),
      '--policy',
      policy,
      '--json',
    );
    const { report } = JSON.parse(stdout);
    expect(report).toMatchObject({ requests: 2, outcomes: { unjudged: 0 } });
    expect(report.paidNanoUsd).toBeGreaterThan(2 * 50 * 10_000);
    // How many depends on the predictor's weights; the simple question goes down whatever they say.
    expect(report.models).toContainEqual({ from: 'mock-standard', to: 'mock-economy', requests: expect.any(Number) });
  },
  deadlineMs,
);

test(
  'the table says what is a forecast and what was left as it was',
  async () => {
    const { stdout } = await run('--rows', json('rows.json', traffic), '--policy', policy);
    expect(stdout).toContain('7 requests of rows.json');
    expect(stdout).toContain('- 1 (14.3 %) left the choice, but their record has no complexity');
    expect(stdout).toContain('if tokens differ (prompt × 1.15, answer × 1.5, new reasoning × 4)');
    expect(stdout).toMatch(/standard → economy +\| 1 /);
  },
  deadlineMs,
);

test(
  'what is wrong is said in a sentence',
  async () => {
    const rows = json('rows.json', traffic);
    for (const [args, sentence] of [
      [[], 'give either --rows or --database'],
      [['--rows', '/nowhere.csv'], '/nowhere.csv: there is no such file'],
      [['--rows', json('none.json', [])], 'none.json: no rows'],
      [
        ['--rows', json('bad.json', [row({ paid_nano_usd: 0.5 })])],
        'bad.json: row 1: paid_nano_usd has to be a whole number of nano-dollars, not 0.5',
      ],
      [
        ['--rows', json('unpriced.json', [row({ model_used: 'gpt-x', paid_nano_usd: null })])],
        'row 1: paid_nano_usd is missing, and the price of "gpt-x" is not known',
      ],
      [
        ['--rows', rows, '--policy', json('p1.json', { models: ['gpt-x'] })],
        'names the model "gpt-x", whose price is not known',
      ],
      [['--rows', rows, '--policy', json('p2.json', { setings: {} })], 'p2.json: there is no field "setings"'],
      [['--rows', rows, '--output-factor', '0.5'], '--output-factor has to be a number from 1 to 100'],
      [['--database', 'postgres://u:secret@127.0.0.1:9/x'], 'the ledger at 127.0.0.1:9 cannot be read'],
    ]) {
      const { code, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stderr).toContain(sentence);
      expect(stderr).not.toMatch(/ {4}at |secret/);
    }
  },
  deadlineMs,
);

(process.env.DATABASE_URL ? test : test.skip)(
  'the ledger itself is read',
  async () => {
    const database = await createScratchDatabase(process.env.DATABASE_URL);
    const logger = createLogger({ service: 'replay-spec', level: 'fatal' });
    const ledger = createLedger({ databaseUrl: database.url, logger });
    try {
      await ledger.migrate();
      const now = Date.now();
      const route = {
        strategy: 'cost_optimal',
        route: 'complexity',
        reason: 'r',
        tier: 'standard',
        candidates: [],
        complexity: 0.1,
        predictedGain: 0.2,
      };
      const usage = {
        freshInputTokens: 900,
        cacheReadTokens: 0,
        cacheWriteShortTokens: 0,
        cacheWriteLongTokens: 0,
        outputTokens: 100,
        reasoningTokens: 0,
      };
      const records = Array.from({ length: 5 }, (_, at) =>
        sampleRecord({
          requestId: `req_${at}`,
          modelAsked: 'auto',
          modelUsed: 'mock-standard',
          usage,
          route,
          usageSource: 'provider',
          paidNanoUsd: 10_000_000,
          baselineNanoUsd: 10_000_000,
          createdAtMs: now - at,
          finishedAtMs: now,
        }),
      );
      await ledger.record(records);
      const { stdout, stderr } = await run(
        '--database',
        database.url,
        '--policy',
        policy,
        '--json',
        '--limit',
        '4',
        '--tenant',
        'acme',
      );
      expect(stderr).toBe('');
      expect(JSON.parse(stdout).report).toMatchObject({
        requests: 4,
        outcomes: { changed: 4 },
        paidNanoUsd: 40_000_000,
        cost: { likely: 6_000_000 },
      });
      const none = await run('--database', database.url, '--tenant', 'nobody');
      expect(none.stderr).toContain('the ledger holds no requests of the last 7 days');
    } finally {
      await ledger.close();
      await database.drop();
    }
  },
  deadlineMs,
);

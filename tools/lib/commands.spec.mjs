import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { addAnomaliesCommand } from './anomalies-command.mjs';
import { addBudgetsCommand } from './budgets-command.mjs';
import { addLedgerCommand, addRollupCommand } from './ledger-command.mjs';
import { addReportCommand } from './report-command.mjs';
import { startFakeGateway } from '../testing/fake-gateway.mjs';

const main = path.resolve(__dirname, '../costlane.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'costlane-commands-'));
const deadlineMs = 60_000;
let gateway;

beforeAll(async () => {
  gateway = await startFakeGateway();
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command line against the fake gateway. */
const costlane = (...args) =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      COSTLANE_URL: gateway.url,
      COSTLANE_ADMIN_KEY: 'cl_admin',
      COSTLANE_DATA_DIR: path.join(folder, 'none'),
    };
    execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

/** What a command is refused with, in this process. */
async function refusalOf(args) {
  const context = { env: { COSTLANE_URL: gateway.url }, root: folder };
  let said = '';
  const program = new Command('costlane').exitOverride().configureOutput({ writeErr: (text) => (said += text) });
  const add = [addBudgetsCommand, addReportCommand, addLedgerCommand, addRollupCommand, addAnomaliesCommand];
  for (const addCommand of add) addCommand(program, context);
  const error = await program.parseAsync(['node', 'costlane', ...args]).then(
    () => new Error('was not refused'),
    (caught) => caught,
  );
  return said || error.message;
}

const budget = {
  id: 'bud_1',
  scope: 'user',
  tenant_id: 'acme',
  scope_id: '*',
  period: 'day',
  limit_usd: '10.000000000',
  soft_limit_usd: '5.000000000',
  on_exceeded: 'throttle',
  on_unreachable: 'open',
};

describe('costlane budgets', () => {
  it(
    'sets one with what was given and nothing else',
    async () => {
      gateway.set('POST /admin/budgets', { status: 201, data: budget });
      const args = ['--tenant', 'acme', '--scope', 'user', '--id', '*', '--period', 'day', '--limit', '10'];
      const { code, stdout } = await costlane('budgets', 'set', ...args, '--on-exceeded', 'throttle');
      expect(code).toBe(0);
      expect(gateway.last()).toMatchObject({
        method: 'POST',
        authorization: 'Bearer cl_admin',
        type: 'application/json',
      });
      expect(JSON.parse(gateway.last().body)).toEqual({
        scope: 'user',
        tenant_id: 'acme',
        scope_id: '*',
        period: 'day',
        limit_usd: '10',
        on_exceeded: 'throttle',
      });
      expect(stdout).toMatch(/bud_1 .*acme .*user .*\$10\.00 .*throttle/);
    },
    deadlineMs,
  );

  it(
    'lists each account with what is spent and left',
    async () => {
      const accounts = [
        {
          subject: 'u1',
          spent_usd: '9.500000000',
          reserved_usd: '0.250000000',
          remaining_usd: '0.250000000',
          used_share: 0.95,
        },
        {
          subject: 'u2',
          spent_usd: '1.000000000',
          reserved_usd: '0.000000000',
          remaining_usd: '9.000000000',
          used_share: 0.1,
        },
      ];
      gateway.set('GET /admin/budgets', { data: { budgets: [{ ...budget, accounts }] } });
      const { stdout } = await costlane('budgets', 'list', '--tenant', 'acme');
      expect(gateway.last().query).toEqual({ tenant_id: 'acme' });
      expect(stdout.trimEnd().split('\n')).toHaveLength(3);
      expect(stdout).toMatch(/u1 .*\$10\.00 +\$9\.50 +\$0\.2500 +\$0\.25 +95\.0 %/);
      gateway.set('GET /admin/budgets', { data: [] });
      expect((await costlane('budgets', 'list')).stdout).toMatch(/There are no budgets/);
    },
    deadlineMs,
  );

  it(
    'removes one by its id',
    async () => {
      gateway.set('DELETE /admin/budgets/bud_1', { data: budget });
      expect(await costlane('budgets', 'remove', 'bud_1')).toMatchObject({
        code: 0,
        stdout: 'Budget bud_1 is removed.\n',
      });
    },
    deadlineMs,
  );
});

describe('costlane report', () => {
  const head = { tenant_id: null, from: '2026-11-01T00:00:00.000Z', to: '2026-11-28T00:00:00.000Z' };
  const figures = {
    requests: 1200,
    errors: 6,
    error_rate: 0.005,
    hit_rate: 0.25,
    paid_usd: '12.345678901',
    baseline_usd: '10.000000000',
    savings_usd: '-2.345678901',
    net_savings_usd: '-2.500000000',
    mean_latency_ms: 812.4,
  };

  it(
    'asks for what was asked for, and shows amounts aligned and negative savings as such',
    async () => {
      const rows = [
        { tenant_id: 'acme', user_id: 'u\u001b[2J1', ...figures },
        { tenant_id: 'acme', user_id: 'u2', ...figures, paid_usd: '1234.500000000', savings_usd: '0.001000000' },
      ];
      gateway.set('GET /analytics/costs', {
        data: { ...head, group_by: 'user', has_more: true, totals: figures, rows },
      });
      const { stdout } = await costlane(
        'report',
        'costs',
        '--by',
        'user',
        '--from',
        '2026-11-01',
        '--tenant',
        'acme',
        '--limit',
        '2',
      );
      expect(gateway.last().query).toEqual({ group_by: 'user', from: '2026-11-01', tenant_id: 'acme', limit: '2' });
      expect(stdout).toMatch(/All tenants, 2026-11-01 00:00 to 2026-11-28 00:00/);
      expect(stdout).toMatch(/u2 .*\$1,234\.50 .*<\$0\.01/);
      expect(stdout).toMatch(/−\$2\.35/);
      expect(stdout).toMatch(/all .*\$12\.35/);
      expect(stdout).toMatch(/There is more/);
      expect(stdout).not.toContain('\u001b');
      const widths = stdout.split('\n').filter((line) => /^acme|^all/.test(line));
      expect(new Set(widths.map((line) => line.length)).size).toBe(1);
    },
    deadlineMs,
  );

  it(
    'shows a period beside the one before',
    async () => {
      const current = { from: head.from, to: head.to, ...figures };
      const data = {
        ...head,
        current,
        previous: { ...current, paid_usd: '6.000000000' },
        change_share: { paid_usd: 1.0576 },
      };
      gateway.set('GET /analytics/summary', { data });
      expect((await costlane('report')).stdout).toMatch(/paid +\$12\.35 +\$6\.00 +105\.8 %/);
    },
    deadlineMs,
  );

  it(
    'says of a forecast how sure it is, and of a budget how it will fare',
    async () => {
      const data = {
        tenant_id: 'acme',
        period: 'month',
        period_start: '2026-11-01T00:00:00.000Z',
        period_end: '2026-12-01T00:00:00.000Z',
        paid_so_far_usd: '90.000000000',
        expected_usd: '101.000000000',
        interval_80: { low_usd: '98.000000000', high_usd: '104.500000000' },
        interval_95: null,
        budget: {
          limit_usd: '100.000000000',
          used_share: 0.9,
          expected_share: 1.01,
          chance_exceeded: 0.62,
          expected_on: '2026-11-30',
        },
        rows: [],
      };
      gateway.set('GET /analytics/forecast', { data });
      const { stdout } = await costlane('report', 'forecast', '--tenant', 'acme', '--budget', '100');
      expect(gateway.last().query).toEqual({ tenant_id: 'acme', budget_usd: '100' });
      expect(stdout).toMatch(/expected by its end +\$101\.00/);
      expect(stdout).toMatch(/80 of 100 times +\$98\.00 to \$104\.50/);
      expect(stdout).toMatch(/95 of 100 times +not known/);
      expect(stdout).toMatch(/budget: chance exceeded +62\.0 %/);
    },
    deadlineMs,
  );

  it(
    'shows what is measured beside what is computed, and both groups',
    async () => {
      const group = { users: 89, requests: 1028, paid_usd: '11.473238000', paid_share_of_baseline: 0.954509 };
      const data = {
        ...head,
        verdict: 'measured',
        groups: { holdout: group, optimised: { ...group, users: 660 } },
        rows: [
          {
            figure: 'measured',
            saved_usd: '30.3',
            low_usd: '-19.55',
            high_usd: '41.07',
            saved_share: 0.4977,
            low_per_request_usd: '1',
          },
        ],
      };
      gateway.set('GET /analytics/holdout', { data });
      const { stdout } = await costlane('report', 'holdout');
      expect(stdout).toMatch(/verdict +measured/);
      expect(stdout).toMatch(/optimised +660 +1,028 +\$11\.47 +95\.5 %/);
      expect(stdout).toMatch(/measured +\$30\.30 +−\$19\.55 +\$41\.07 +49\.8 %/);
    },
    deadlineMs,
  );

  it(
    'passes CSV on as it comes, and JSON as data',
    async () => {
      gateway.set('GET /analytics/movers', ({ query }) =>
        query.format === 'csv' ? { text: 'a,b\r\n1,2\r\n' } : { data: { rows: [] } },
      );
      expect(await costlane('report', 'movers', '--csv')).toMatchObject({ code: 0, stdout: 'a,b\r\n1,2\r\n' });
      expect(JSON.parse((await costlane('report', 'movers', '--json')).stdout)).toEqual({ rows: [] });
      expect((await costlane('report', 'movers')).stdout).toMatch(/Nothing is on record/);
    },
    deadlineMs,
  );
});

describe('costlane ledger', () => {
  const check = {
    is_balanced: true,
    problems: [],
    requests: 2,
    paid_nano_usd: '1400000000',
    entered_nano_usd: '1400000000',
  };

  it(
    'ends with 0 where the ledger adds up and with 1 where it does not, and says where',
    async () => {
      gateway.set('GET /admin/ledger/check', { data: { ...check, corrections: 2, corrected_nano_usd: '-1500000000' } });
      const good = await costlane('ledger', 'check', '--since', '2026-11-01');
      expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(/adds up .*2 requests: \$1\.40 on record/) });
      expect(good.stdout).toMatch(/2 corrections by hand beside that: −\$1\.50/);
      expect(gateway.last().query).toEqual({ since: '2026-11-01T00:00:00.000Z' });
      const listed = [
        {
          tenant_id: 'acme',
          day: '2026-11-21',
          requests: 2,
          expected_requests: 3,
          paid_nano_usd: '5',
          expected_paid_nano_usd: '7',
          difference_nano_usd: '-2',
        },
      ];
      const problems = ['3 days of tenants on which the entries are not what the records say'];
      gateway.set('GET /admin/ledger/check', {
        data: { ...check, is_balanced: false, problems, entry_differences: { count: 3, listed } },
      });
      const bad = await costlane('ledger', 'check');
      expect(bad.code).toBe(1);
      expect(bad.stdout).toMatch(/DOES NOT ADD UP/);
      expect(bad.stdout).toMatch(/✗ 3 days of tenants/);
      expect(bad.stdout).toMatch(/acme +2026-11-21 +2 +3/);
      expect(bad.stdout).toMatch(/… and 2 more/);
      expect((await costlane('ledger', 'check', '--json')).code).toBe(1);
    },
    deadlineMs,
  );

  it(
    'lists entries and enters corrections once',
    async () => {
      const entry = {
        id: '7',
        at: '2026-11-22T08:00:00.000Z',
        kind: 'correct',
        day: '2026-11-21',
        tenant_id: 'acme',
        requests: 0,
        amount_nano_usd: '-1250000000',
        reference: 'INV-17',
        reason: 'credit note',
        made_by: 'admin',
      };
      gateway.set('GET /admin/ledger/entries', { data: { entries: [entry] } });
      expect((await costlane('ledger', 'entries', '--kind', 'correct')).stdout).toMatch(
        /2026-11-22 08:00 .*correct .*−\$1\.25 .*INV-17/,
      );
      gateway.set('POST /admin/ledger/corrections', { data: { is_new: false, entry } });
      const args = [
        '--tenant',
        'acme',
        '--day',
        '2026-11-21',
        '--amount=-1.25',
        '--reference',
        'INV-17',
        '--reason',
        'credit note',
      ];
      expect((await costlane('ledger', 'correct', ...args)).stdout).toMatch(/entered before; nothing was added/);
      expect(JSON.parse(gateway.last().body)).toEqual({
        tenant_id: 'acme',
        day: '2026-11-21',
        amount_usd: '-1.25',
        reference: 'INV-17',
        reason: 'credit note',
      });
    },
    deadlineMs,
  );

  it(
    'sends an export as it is, and ends with 1 where both sides differ',
    async () => {
      const file = path.join(folder, 'usage.csv');
      writeFileSync(file, 'day,model,token_class,tokens\n2026-11-21,gpt-4o,input,5\n');
      const drift = { ours: '4000', theirs: '5000', drift: '1000', drift_percent: 20 };
      const same = { ours: '7', theirs: '7', drift: '0', drift_percent: 0 };
      const cost = { ours: '4000000', theirs: '5000000', drift: '1000000', drift_percent: 20 };
      const tokens = { output: same, fresh_input: drift };
      const days = [
        { day: '2026-11-21', model: 'gpt-4o', side: 'both', is_within: false, tokens, cost_nano_usd: cost },
      ];
      const report = {
        provider: 'openai',
        from: '2026-11-21',
        to: '2026-11-21',
        tolerance_percent: 0.5,
        compared: 1,
        notes: [],
      };
      gateway.set('POST /admin/ledger/reconcile', { data: { ...report, verdict: 'differs', differing: 1, days } });
      const { code, stdout } = await costlane('ledger', 'reconcile', file, '--provider', 'openai');
      expect(code).toBe(1);
      expect(stdout).toMatch(/DIFFER by more than 0\.5 %/);
      expect(stdout).toMatch(/gpt-4o +fresh_input +4,000 +5,000 +1,000 +20\.0 %/);
      expect(stdout).toMatch(/gpt-4o +cost +\$0\.0040 +\$0\.0050 +\$0\.0010 +20\.0 %/);
      expect(stdout).not.toMatch(/output/);
      expect(gateway.last()).toMatchObject({ type: 'text/csv', query: { provider: 'openai', format: 'csv' } });
      expect(gateway.last().body).toMatch(/^day,model,token_class,tokens\n/);
      gateway.set('POST /admin/ledger/reconcile', { data: { ...report, verdict: 'matches', differing: 0, days: [] } });
      expect(await costlane('ledger', 'reconcile', file, '--provider', 'openai')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/agrees with the export, within 0\.5 %/),
      });
    },
    deadlineMs,
  );
});

describe('costlane rollup, anomalies and alerts', () => {
  it(
    'roll up a time, given as days',
    async () => {
      gateway.set('POST /admin/rollup', { data: { hours: 24, days: 1, rows: 310, is_complete: true } });
      expect((await costlane('rollup', '--since', '2026-11-01')).stdout).toMatch(/hours +24/);
      expect(JSON.parse(gateway.last().body)).toEqual({ since: '2026-11-01T00:00:00.000Z' });
    },
    deadlineMs,
  );

  it(
    'list what was found and say what it was',
    async () => {
      const anomaly = {
        id: 'anom_1',
        started_at: '2026-11-27T03:00:00.000Z',
        severity: 'critical',
        status: 'open',
        tenant_id: 'acme',
        dimension: 'user',
        value: 'u1',
        expected_usd: '1.000000000',
        actual_usd: '25.000000000',
        impact_usd: '24.000000000',
      };
      gateway.set('GET /admin/anomalies', { data: { anomalies: [anomaly] } });
      expect((await costlane('anomalies', 'list', '--open')).stdout).toMatch(/anom_1 .*critical .*u1 .*\$24\.00/);
      expect(gateway.last().query).toEqual({ open: 'true' });
      gateway.set('POST /admin/anomalies/anom_1/feedback', { data: {} });
      await costlane('anomalies', 'judge', 'anom_1', 'planned', '--until', '2026-12-01', '--note', 'launch');
      expect(JSON.parse(gateway.last().body)).toEqual({
        verdict: 'planned',
        note: 'launch',
        until: '2026-12-01T00:00:00.000Z',
      });
      gateway.set('POST /admin/anomalies/planned', { status: 201, data: { planned: true } });
      await costlane('anomalies', 'plan', '--tenant', 'acme', '--until', '2026-12-01');
      expect(JSON.parse(gateway.last().body)).toEqual({
        tenant_id: 'acme',
        dimension: 'total',
        until: '2026-12-01T00:00:00.000Z',
      });
      gateway.set('GET /admin/alerts', { data: { alerts: [] } });
      expect((await costlane('alerts', 'list', '--firing')).stdout).toBe('No alert.\n');
      gateway.set('POST /admin/alerts/test', {
        data: { sinks: [{ sink: 'slack', delivered: false, reason: 'answered 500' }] },
      });
      const tested = await costlane('alerts', 'test', '--sink', 'slack');
      expect(tested).toMatchObject({ code: 1, stdout: expect.stringMatching(/slack +false +answered 500/) });
      expect(JSON.parse(gateway.last().body)).toEqual({ sink: 'slack' });
    },
    deadlineMs,
  );
});

describe('what goes wrong', () => {
  it.each([
    [['budgets', 'set', '--tenant', 'a', '--limit', 'much'], /--limit has to be an amount of dollars/],
    [['budgets', 'set', '--tenant', 'a', '--limit', '1', '--scope', 'user'], /--id has to name the user/],
    [
      ['budgets', 'set', '--tenant', 'a', '--limit', '1', '--scope', 'firm'],
      /--scope has to be org, team, user, key or feature, not "firm"/,
    ],
    [['report', 'everything'], /The report has to be summary, costs/],
    [['report', '--csv', '--json'], /--csv and --json do not go together/],
    [
      [
        'ledger',
        'correct',
        '--tenant',
        'a',
        '--day',
        '2026-02-30',
        '--amount',
        '1',
        '--reference',
        'r',
        '--reason',
        's',
      ],
      /--day has to be a day/,
    ],
    [['ledger', 'entries', '--limit', '0'], /--limit has to be a whole number from 1/],
    [['ledger', 'reconcile', '/nowhere/usage.xlsx', '--provider', 'openai'], /--format has to be csv or json/],
    [
      ['ledger', 'reconcile', '/nowhere/usage.csv', '--provider', 'openai'],
      /\/nowhere\/usage\.csv cannot be read \(ENOENT\)/,
    ],
    [['anomalies', 'judge', 'a', 'maybe'], /The verdict has to be yes, no or planned/],
    [['anomalies', 'judge', 'a', 'no', '--until', '2026-12-01'], /--until goes with "planned" only/],
    [['anomalies', 'plan', '--tenant', 'a', '--dimension', 'user', '--until', '2026-12-01'], /--value names the user/],
    [['rollup', '--since', 'yesterday'], /--since has to be a day or a time/],
    [['nonsense'], /unknown command 'nonsense'/],
  ])(
    '%j is refused in one sentence that names the option',
    async (args, message) => {
      const said = await refusalOf(args);
      expect(said).toMatch(message);
      expect(said.trim().split('\n').length).toBeLessThanOrEqual(2);
    },
    deadlineMs,
  );

  it(
    'ends the command with 1 and says nothing on standard output',
    async () => {
      const { code, stdout, stderr } = await costlane('rollup', '--since', 'yesterday');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^--since has to be a day or a time .*\n$/);
    },
    deadlineMs,
  );

  it(
    'a refusal of the gateway is passed on, and a gateway that is not there named',
    async () => {
      gateway.set('GET /analytics/costs', { status: 400, error: 'Parameter "group_by" has to be user or team.' });
      const refused = await costlane('report', 'costs', '--by', 'moon');
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/answered 400: Parameter "group_by" has to be/),
      });
      gateway.set('GET /analytics/costs', { status: 401, error: 'no key' });
      expect((await costlane('report', 'costs')).stderr).toMatch(/Set COSTLANE_ADMIN_KEY/);
      gateway.set('GET /analytics/costs', { text: '<html>' });
      expect((await costlane('report', 'costs')).stderr).toMatch(/something that is no JSON/);
      expect((await costlane('report', 'costs', '--url', 'http://127.0.0.1:9')).stderr).toMatch(
        /Nothing answers at http:\/\/127\.0\.0\.1:9/,
      );
    },
    deadlineMs,
  );
});

describe('programs of their own', () => {
  it(
    'get their options as they are, and their exit code is passed on',
    async () => {
      expect(await costlane('cost-model', '--check')).toMatchObject({ code: 0 });
      expect(await costlane('seed', '--requests', 'many')).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/--requests has to be/),
      });
      expect((await costlane('replay', 'routing', '--help')).stdout).toMatch(/replay:routing -- --rows/);
    },
    deadlineMs,
  );
});

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { attributeSavings, emptyUsage, parseUsd } from '@costlane/domain';
import { createPriceCatalog } from '@costlane/pricing';
import { csvOf } from './csv.mjs';
import { readInputs } from './inputs.mjs';
import { addMonths } from './monthly-costs.mjs';
import { dollars } from './report.mjs';
import { computeModel, computeMonths, levers } from './scenarios.mjs';
import { tenantsOf, usd } from './tables.mjs';

const root = path.resolve(__dirname, '../..');
const shipped = path.join(root, 'docs/cost-model');
const folder = mkdtempSync(path.join(tmpdir(), 'costlane-cost-model-'));
const deadlineMs = 60_000;
const library = { attributeSavings, emptyUsage, parseUsd };
const catalog = createPriceCatalog();

afterAll(() => {
  catalog.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [path.join(root, 'tools/cost-model/main.mjs'), ...args], (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

/** The shipped inputs in a folder of their own, with a change of one file's text. */
function inputsWith(name, change) {
  const copy = mkdtempSync(path.join(folder, 'inputs-'));
  cpSync(shipped, copy, { recursive: true });
  const file = path.join(copy, name);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return copy;
}

const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
const anyModel = fc.constantFrom(
  ['openai', 'gpt-6-sol'],
  ['openai', 'gpt-6-luna'],
  ['anthropic', 'claude-opus-5-5'],
  ['google', 'gemini-3.8-flash'],
  ['cohere', 'command-a'],
);
const anyWorkload = fc
  .record({
    requests_per_day: fc.nat(100_000),
    input_tokens: fc.integer({ min: 1, max: 20_000 }),
    output_tokens: fc.integer({ min: 1, max: 2_000 }),
    prefix_share: anyShare,
    repeat_share: fc.double({ min: 0, max: 0.6, noNaN: true }),
    near_repeat_share: fc.double({ min: 0, max: 0.4, noNaN: true }),
    easy_share: anyShare,
    deadline_share: anyShare,
    models: fc.tuple(anyModel, anyModel),
  })
  .map(({ models: [[provider, model], [easyProvider, easyModel]], ...rest }) => ({
    ...rest,
    tenant: 't',
    use_case: 'u',
    provider,
    model,
    easy_provider: easyProvider,
    easy_model: easyModel,
  }));

describe('the cost model', () => {
  const inputs = readInputs(shipped, parseUsd);

  it(
    'ships with tables and figures that are what its inputs and the price list give',
    async () => {
      expect(await run('--check')).toMatchObject({ code: 0, stderr: '' });
    },
    deadlineMs,
  );

  it('is about 8 tenants and 50,000 requests a day, with the four levers at work', () => {
    const model = computeModel(library, catalog, inputs);
    expect(tenantsOf(model)).toHaveLength(8);
    expect(model.total.requests).toBe(50_000 * 30);
    for (const cause of levers) expect(model.total.sums[cause]).toBeGreaterThan(0n);
  });

  it('adds up to the nano-dollar for any workload, whatever levers are off', () => {
    fc.assert(
      fc.property(fc.array(anyWorkload, { minLength: 1, maxLength: 4 }), fc.subarray(levers), (workloads, off) => {
        const months = computeMonths(library, catalog, { ...inputs, workloads }, { off });
        const { sums, requests } = addMonths(months);
        expect(sums.list - sums.paid).toBe(sums.cache + sums.routing + sums.prefix + sums.batching);
        const counted = months.flatMap(({ classes }) => classes).reduce((sum, { count }) => sum + count, 0);
        expect(counted).toBe(requests);
      }),
    );
  });

  it('costs without any lever what it costs without Costlane', () => {
    fc.assert(
      fc.property(anyWorkload, (workload) => {
        const off = { off: levers };
        const { sums } = addMonths(computeMonths(library, catalog, { ...inputs, workloads: [workload] }, off));
        expect(sums.paid).toBe(sums.direct);
      }),
    );
  });

  it('saves nothing by a lever that is off', () => {
    const sumsWithout = (lever) => addMonths(computeMonths(library, catalog, inputs, { off: [lever] })).sums;
    for (const lever of ['cache', 'routing', 'batching']) expect(sumsWithout(lever)[lever]).toBe(0n);
    // What providers cache by themselves stays.
    expect(sumsWithout('prefix').prefix).toBeLessThan(
      addMonths(computeMonths(library, catalog, inputs, {})).sums.prefix,
    );
  });

  it('divides the infrastructure among the tenants without a remainder', () => {
    const model = computeModel(library, catalog, inputs);
    const shares = tenantsOf(model).map(({ infrastructure }) => infrastructure);
    expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(model.infrastructure);
  });

  it('prices one request of one workload as a record of the ledger would be', () => {
    const workload = {
      ...inputs.workloads[0],
      requests_per_day: 1,
      repeat_share: 0,
      near_repeat_share: 0,
      easy_share: 0,
      prefix_share: 0,
    };
    const assumptions = { ...inputs.assumptions, days_per_month: { value: 1, low: 1, high: 1 } };
    const { sums } = addMonths(computeMonths(library, catalog, { assumptions, workloads: [workload] }, {}));
    // gpt-6-sol: $2 and $10 a million tokens; 1,700 and 220 of them.
    expect(sums).toMatchObject({ list: 5_600_000n, paid: 5_600_000n });
  });
});

describe('the command', () => {
  it(
    'takes inputs of one’s own and leaves the shipped tables alone',
    async () => {
      const own = inputsWith('workloads.csv', (text) => text.split('\n').slice(0, 2).join('\n'));
      const { code, stdout } = await run('--inputs', own, '--out', path.join(own, 'out'), '--json');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ requests: 7_000 * 30 });
      expect(readFileSync(path.join(own, 'out/summary.csv'), 'utf8')).toContain('requests a month,210000,requests');
      expect(await run('--check')).toMatchObject({ code: 0 });
    },
    deadlineMs,
  );

  it(
    'fails where a table is not what the inputs give, and says how to mend it',
    async () => {
      const own = inputsWith('summary.csv', (text) => text.replace('1500000', '1500001'));
      const { code, stderr } = await run('--inputs', own, '--check');
      expect(code).toBe(1);
      expect(stderr).toMatch(/summary\.csv.*npm run cost-model/s);
    },
    deadlineMs,
  );
});

describe('inputs that are wrong', () => {
  const read = (name, change) => () => readInputs(inputsWith(name, change), parseUsd);

  it.each([
    [
      'workloads.csv',
      'support chat,7000',
      'support chat,many',
      /record 1: requests_per_day has to be a whole number .* "many"/,
    ],
    ['workloads.csv', '0.8,0.7,0.22', '0.8,1.7,0.22', /prefix_share has to be a number from 0 to 1, not "1.7"/],
    ['workloads.csv', '0.22,0.18', '0.92,0.18', /more than 1 together/],
    ['workloads.csv', 'openai,gpt-6-sol', 'openai,', /model is empty/],
    ['assumptions.csv', 'repeat_scale,1', 'repeat_scales,1', /no assumption of the name "repeat_scales"/],
    ['assumptions.csv', '2026-11-27,,', 'soon,,', /value has to be a day/],
    ['infrastructure.csv', '0.04048', '4 cents', /price_usd has to be an amount/],
  ])('are refused by file, record and column: %s with "%s" made "%s"', (name, from, to, message) => {
    expect(read(name, (text) => text.replace(from, to))).toThrow(message);
  });

  it('are refused where a file or an assumption is missing', () => {
    expect(() => readInputs(path.join(folder, 'nowhere'), parseUsd)).toThrow(/there is no such file/);
    expect(read('assumptions.csv', (text) => text.replace(/^easy_scale.*\n/m, ''))).toThrow(/"easy_scale" is missing/);
  });

  it('are refused where a model has no list price', () => {
    const workloads = [{ ...readInputs(shipped, parseUsd).workloads[0], model: 'gpt-0' }];
    expect(() => computeMonths(library, catalog, { ...readInputs(shipped, parseUsd), workloads }, {})).toThrow(
      /no list price of openai gpt-0/,
    );
  });
});

describe('amounts', () => {
  it('are written as exact dollars in tables and as round ones for people', () => {
    expect(usd(1_234_000_000_001n)).toBe('1234.000000001');
    expect(usd(-5n)).toBe('-0.000000005');
    expect(dollars(1_234_567_000_000_000n)).toBe('$1,234,567');
    expect(dollars(-4_995_000_000n)).toBe('−$5.00');
  });

  it('keep commas and quotes of texts in one field', () => {
    expect(csvOf(['a', 'b'], [{ a: 'x, "y"', b: 1 }])).toBe('a,b\n"x, ""y""",1\n');
  });
});

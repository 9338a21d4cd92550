import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { settingsOf } from './options.mjs';
import { startCostlane } from './testing/play-costlane.mjs';

const root = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'costlane-eval-spec-'));
const deadlineMs = 120_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args) =>
  new Promise((resolve) => {
    const env = { ...process.env, COSTLANE_API_KEY: '' };
    execFile(
      process.execPath,
      [path.join(root, 'tools/eval/eval.mjs'), ...args],
      { env, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

const write = (name, content) => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};

describe('on simulated models', () => {
  let result;
  const out = path.join(folder, 'simulated');
  const policy = (name) => result.policies.find((one) => one.name === name);

  beforeAll(async () => {
    const { stdout, stderr, code } = await run('--json', '--out', out, '--rounds', '8');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    result = JSON.parse(stdout);
  }, deadlineMs);

  it('compares tiers and policies over all prompts, and says that it is a simulation', () => {
    expect(result).toMatchObject({ mode: 'simulation', prompts: { count: 50 }, rounds: 8, skipped: { judge: 2 } });
    expect(result.policies.length).toBeGreaterThanOrEqual(10);
    const report = readFileSync(path.join(out, 'report.md'), 'utf8');
    expect(report).toContain('SIMULATION');
    for (const { name } of result.policies) expect(report).toContain(`| ${name} `);
  });

  it('has stronger tiers dearer and better, and every policy between the two ends', () => {
    const tiers = ['always economy', 'always standard', 'always premium'].map(policy);
    for (let at = 1; at < 3; at += 1) {
      expect(tiers[at].costNanoUsd).toBeGreaterThan(tiers[at - 1].costNanoUsd);
      expect(tiers[at].score).toBeGreaterThan(tiers[at - 1].score);
    }
    for (const { costNanoUsd, score, scoreInterval, right, failed, tiers: shares } of result.policies) {
      expect(costNanoUsd).toBeGreaterThanOrEqual(tiers[0].costNanoUsd);
      expect(costNanoUsd).toBeLessThanOrEqual(tiers[2].costNanoUsd);
      expect(right).toBeLessThanOrEqual(score);
      expect(scoreInterval[0]).toBeLessThanOrEqual(score);
      expect(scoreInterval[1]).toBeGreaterThanOrEqual(score);
      expect(failed).toBe(0);
      expect(shares.economy + shares.standard + shares.premium).toBeCloseTo(1, 9);
    }
  });

  it('marks on the front exactly those that none beats', () => {
    const beats = (a, b) => a.costNanoUsd < b.costNanoUsd && a.score > b.score;
    for (const one of result.policies)
      if (one.isOnFront) expect(result.policies.filter((other) => beats(other, one))).toEqual([]);
    const front = result.policies.filter(({ isOnFront }) => isOnFront).sort((a, b) => a.costNanoUsd - b.costNanoUsd);
    expect(front.at(0).name).toBe('always economy');
    for (let at = 1; at < front.length; at += 1) expect(front[at].score).toBeGreaterThan(front[at - 1].score);
  });

  it('asks twice only with the confidence check, which makes answers better and dearer', () => {
    const [checked, unchecked] = ['cost_optimal', 'cost_optimal, no confidence check'].map(policy);
    expect(unchecked.steppedUp).toBe(0);
    expect(checked.steppedUp).toBeGreaterThan(0);
    expect(checked.score).toBeGreaterThan(unchecked.score);
    expect(checked.costNanoUsd).toBeGreaterThan(unchecked.costNanoUsd);
  });

  it('draws every policy into the picture', () => {
    const picture = readFileSync(path.join(out, 'cost-quality.svg'), 'utf8');
    expect(picture).toMatch(/^<svg/);
    for (const { name } of result.policies) expect(picture).toContain(`  ${name}<`);
  });

  it(
    'gives the same figures again, and others for another seed',
    async () => {
      const policies = write('few.json', JSON.stringify([{ name: 'a', settings: {} }]));
      const figures = async (seed) =>
        (await run('--json', '--rounds', '2', '--seed', seed, '--policies', policies)).stdout;
      const [first, again, other] = [await figures('1'), await figures('1'), await figures('2')];
      expect(again).toBe(first);
      expect(JSON.parse(other).policies).not.toEqual(JSON.parse(first).policies);
    },
    deadlineMs,
  );
});

describe('what is wrong is said in a sentence', () => {
  it.each([
    [['--url', 'localhost'], '--url has to be an http(s) address, not "localhost"'],
    [['--judge', 'gpt-4o'], '--judge needs --url'],
    [['--resume'], '--resume needs --out'],
    [['--rounds', 'many'], '--rounds has to be a whole number from 1 to 1000, not "many"'],
    [['--prompt', 'x'], "'--prompt'"],
  ])('options %j', (args, sentence) => {
    expect(() => settingsOf(args, {})).toThrow(sentence);
  });

  it.each([
    [['--prompts', '/nowhere/p.jsonl'], '/nowhere/p.jsonl: there is no such file'],
    [['--url', 'http://127.0.0.1:9'], 'http://127.0.0.1:9/models cannot be reached'],
  ])(
    'the command with %j',
    async (args, sentence) => {
      const { code, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stderr).toContain(sentence);
      expect(stderr).not.toContain('    at ');
    },
    deadlineMs,
  );

  it(
    'a policy names a model that is not there',
    async () => {
      const policies = write('unknown.json', JSON.stringify([{ name: 'mine', model: 'gpt-9' }]));
      const { code, stderr } = await run('--policies', policies);
      expect(code).toBe(1);
      expect(stderr).toContain('policy "mine": there is no model "gpt-9"; there is sim-economy');
    },
    deadlineMs,
  );
});

const question = (id, checks) => ({
  id,
  difficulty: 'simple',
  messages: [{ role: 'user', content: `What is 6 * 7? ${id}` }],
  checks,
});
const prompts = (count) =>
  write(
    'mine.jsonl',
    Array.from({ length: count }, (_, at) => JSON.stringify(question(`q${at}`, [{ kind: 'number', value: 42 }]))).join(
      '\n',
    ),
  );

describe('against a running system', () => {
  let costlane;
  const start = async (behave) => (costlane = await startCostlane(behave));
  afterEach(() => costlane.close());

  it(
    'asks each model once and its own choice, past the cache, with costs from the headers',
    async () => {
      const { url, asked } = await start();
      const { stdout, code } = await run('--url', `${url}/v1/`, '--key', 'secret', '--prompts', prompts(3), '--json');
      expect(code).toBe(0);
      const { policies, models, mode } = JSON.parse(stdout);
      const figures = (name) => policies.find((policy) => policy.name === name);
      expect({ mode, models: models.map(({ name }) => name) }).toEqual({ mode: 'live', models: ['eco', 'mid', 'pre'] });
      expect(asked).toHaveLength(3 * 4);
      expect(
        asked.every(
          ({ headers }) => headers['x-costlane-use-cache'] === 'false' && headers.authorization === 'Bearer secret',
        ),
      ).toBe(true);
      expect(figures('always economy')).toMatchObject({ costNanoUsd: 1_000_000, score: 0 });
      expect(figures('always premium')).toMatchObject({ costNanoUsd: 20_000_000, score: 1 });
      expect(figures('auto, as it runs there')).toMatchObject({
        costNanoUsd: 5_000_000,
        score: 1,
        tiers: { standard: 1 },
      });
      expect(figures('cost_optimal').costNanoUsd).toBeGreaterThanOrEqual(1_000_000);
    },
    deadlineMs,
  );

  it(
    'has a judge grade what only a judge can',
    async () => {
      const { url } = await start();
      const file = write('judged.jsonl', JSON.stringify(question('j', [{ kind: 'judge', criteria: 'It is right.' }])));
      const { stdout } = await run('--url', url, '--models', 'pre', '--prompts', file, '--judge', 'mid', '--json');
      const { skipped, policies } = JSON.parse(stdout);
      expect(skipped).toEqual({});
      expect(policies.find(({ name }) => name === 'always premium')).toMatchObject({ score: 0.5 });
    },
    deadlineMs,
  );

  it(
    'keeps the answers of a run that ends early, and goes on from there',
    async () => {
      const out = path.join(folder, 'kept');
      let isKeyTaken = true;
      const refused = { status: 401, message: 'the key was revoked' };
      const { url, asked } = await start((_body, count) => (isKeyTaken && count > 6 ? refused : undefined));
      const args = ['--url', url, '--prompts', prompts(4), '--out', out, '--concurrency', '1'];
      const stopped = await run(...args);
      expect(stopped).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/the key was revoked.*--key[\s\S]*--resume/),
      });
      appendFileSync(path.join(out, 'answers.jsonl'), '{"kind":"model","pro');
      isKeyTaken = false;
      const resumed = await run(...args, '--resume');
      expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('6 answers are there already') });
      expect(asked).toHaveLength(7 + 4 * 4 - 6);
      const other = await run('--url', url, '--prompts', prompts(2), '--out', out, '--resume');
      expect(other.stderr).toContain('holds answers to other prompts');
    },
    deadlineMs,
  );

  it(
    'counts what fails for good, and asks again what may pass',
    async () => {
      const { url, asked } = await start(({ messages, model }, count) => {
        if (count === 1) return { status: 503, message: 'busy' };
        return model === 'eco' && messages[0].content.endsWith('q1') ? { status: 400, message: 'too long' } : undefined;
      });
      const { stdout } = await run('--url', url, '--models', 'eco,pre', '--prompts', prompts(2), '--json');
      const { policies, failures } = JSON.parse(stdout);
      expect(failures).toEqual([{ model: 'eco', prompt: 'q1', why: 'status 400: too long' }]);
      expect(policies.find(({ name }) => name === 'always economy')).toMatchObject({ failed: 1 });
      expect(policies.find(({ name }) => name === 'always premium')).toMatchObject({ failed: 0, score: 1 });
      expect(policies.some(({ name }) => name === 'always standard')).toBe(false);
      expect(asked).toHaveLength(2 * 3 + 1);
    },
    deadlineMs,
  );

  it(
    'names a model that is not served, or that has no price',
    async () => {
      const { url } = await start();
      expect((await run('--url', url, '--models', 'eco,gpt-9')).stderr).toContain(
        'does not serve the model "gpt-9"; it serves eco, mid, pre',
      );
      expect((await run('--url', url, '--models', 'odd')).stderr).toContain('the price of "odd" is not known there');
    },
    deadlineMs,
  );
});

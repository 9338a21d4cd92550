import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'costlane-verifier-'));
const deadlineMs = 180_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (tool, ...args) =>
  promisify(execFile)(process.execPath, [path.join(root, 'tools/verifier', tool), ...args], {
    maxBuffer: 2 ** 24,
    env: { ...process.env, COSTLANE_ONNX_MODEL: '', CACHE_VERIFIER_WEIGHTS: '' },
  });

const places = ['Rome', 'Oslo', 'Lima', 'Cairo', 'Quito', 'Bern', 'Riga', 'Kyiv', 'Doha', 'Baku', 'Hanoi', 'Tunis'];

/** Questions on places: another wording is the same, another place is not. */
const pairs = places.flatMap((place, index) =>
  ['weather', 'population', 'airport'].flatMap((thing) => [
    { a: `What is the ${thing} of ${place}?`, b: `Tell me the ${thing} of ${place}`, same: true },
    { a: `What is the ${thing} in ${place}?`, b: `What is the ${thing} in ${places[(index + 1) % 12]}?`, same: false },
    { a: `Describe the ${thing} of ${place}`, b: `Describe the history of ${place} and its ${thing}`, same: false },
  ]),
);

function writePairs(name, lines) {
  const file = path.join(folder, name);
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

test(
  'training writes weights that the evaluation takes, and both print one JSON document',
  async () => {
    const file = writePairs('pairs.jsonl', pairs);
    const out = path.join(folder, 'weights.bin');
    const trained = JSON.parse(
      (await run('train-verifier.mjs', '--pairs', file, '--out', out, '--no-base', '--json')).stdout,
    );
    expect(trained).toMatchObject({ pairs: pairs.length, out });
    expect(readFileSync(out).subarray(0, 4).toString()).toBe('CVW1');
    const report = path.join(folder, 'report.md');
    const { stdout } = await run('eval-cache.mjs', '--pairs', file, '--weights', out, '--json', '--report', report);
    const figures = JSON.parse(stdout);
    expect(figures).toMatchObject({ modelId: trained.modelId, pairs: { count: pairs.length, same: 36 } });
    expect(figures.embedders.static.verifier.aimed).toHaveLength(4);
    expect(figures.embedders.dense.skipped).toMatch(/COSTLANE_ONNX_MODEL/);
    expect(readFileSync(report, 'utf8')).toContain('## Static model alone');
  },
  deadlineMs,
);

test(
  'a bad line, a wrong option and missing pairs are refused in a sentence',
  async () => {
    const bad = writePairs('bad.jsonl', [pairs[0], '{"a": 1}']);
    await expect(run('train-verifier.mjs', '--pairs', bad)).rejects.toMatchObject({
      stderr: expect.stringContaining('bad.jsonl:2: "a" must be a text'),
    });
    await expect(run('train-verifier.mjs', '--pears', bad)).rejects.toMatchObject({
      stderr: expect.stringContaining('--pears'),
    });
    await expect(
      run('train-verifier.mjs', '--pairs', writePairs('few.jsonl', pairs.slice(0, 4))),
    ).rejects.toMatchObject({
      stderr: expect.stringContaining('too few'),
    });
  },
  deadlineMs,
);

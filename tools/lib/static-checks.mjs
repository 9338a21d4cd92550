// The checks that need no running server: format, lint, types. Each runs one program over the whole repository.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { packageBin } from './package-bin.mjs';
import { run } from './run.mjs';

const checkTimeoutMs = 300_000;

function runNode(root, args) {
  const env = {
    ...process.env,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
    FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  };
  return run(process.execPath, args, { cwd: root, env, timeoutMs: checkTimeoutMs, keptOutputChars: 200_000 });
}

/** Where caches and the project graph lie: thrown away with the data folder. */
function cacheFolder(root) {
  const folder = path.join(root, '.costlane/cache');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Whether every file is formatted as Prettier would; resolves with `{ code, output }`. */
export function checkFormat(root, paths = ['.']) {
  const cache = ['--cache', '--cache-location', path.join(cacheFolder(root), 'prettier')];
  return runNode(root, [packageBin(root, 'prettier'), '--check', '--log-level', 'warn', ...cache, ...paths]);
}

/** The strict type check of all TypeScript in the repository; resolves with `{ code, output }`. */
export function checkTypes(root, args = []) {
  return runNode(root, [packageBin(root, 'typescript7', 'tsc'), '--noEmit', '-p', 'tsconfig.base.json', ...args]);
}

/** Writes the project graph, without which the module-boundary rule only warns and lets everything pass. */
export async function writeProjectGraph(root) {
  const file = path.join(cacheFolder(root), 'graph.json');
  const { code, output } = await runNode(root, [packageBin(root, 'nx'), 'graph', `--file=${file}`]);
  if (code !== 0) throw new Error(`nx could not make the project graph:\n${output}`);
  return file;
}

/** What a file may import depends on its project's tags: a lint cache is only good for the same tags and rules. */
function lintConfigDigest(root) {
  const hash = createHash('sha256');
  const files = ['eslint.config.mjs', 'tsconfig.base.json', 'package-lock.json'];
  for (const folder of ['apps', 'libs']) {
    for (const name of readdirSync(path.join(root, folder)).sort()) files.push(path.join(folder, name, 'project.json'));
  }
  for (const file of files.map((name) => path.join(root, name)).filter(existsSync))
    hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** ESLint over the repository (or `paths`), the module boundaries included; resolves with `{ code, output }`. */
export async function checkLint(root, paths = ['.']) {
  await writeProjectGraph(root);
  const location = path.join(cacheFolder(root), `eslint-${lintConfigDigest(root)}`);
  const cache = ['--cache', '--cache-strategy', 'content', '--cache-location', location];
  return runNode(root, [packageBin(root, 'eslint'), '--max-warnings', '0', ...cache, ...paths]);
}

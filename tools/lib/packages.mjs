// The npm packages: installed by `npm ci` when they are missing or are not the ones that package-lock.json names.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readJson } from './data-dir.mjs';
import { step } from './log.mjs';
import { lastLines, run } from './run.mjs';

const installTimeoutMs = 900_000;

/**
 * Compares the lock file with the list that npm leaves in node_modules once it is done; null when they agree, else the first
 * difference in words. Optional packages (other platforms' binaries) may be absent.
 */
export function packagesDifference(lock, installed) {
  if (!installed?.packages) return 'no packages are installed';
  for (const [name, wanted] of Object.entries(lock.packages)) {
    if (name === '' || wanted.link) continue;
    const present = installed.packages[name];
    if (!present) {
      if (wanted.optional || wanted.devOptional || wanted.peer) continue;
      return `${name} is missing`;
    }
    if (present.version !== wanted.version || present.integrity !== wanted.integrity) {
      return `${name} is ${present.version}, not ${wanted.version}`;
    }
  }
  return null;
}

/** How npm is called here: through the npm that runs us where there is one, else by its name. */
function npmCommand(env) {
  const script = env.npm_execpath;
  return script && /npm-cli\.c?js$/.test(script) ? [process.execPath, script] : ['npm'];
}

/** Runs `npm ci` where it is needed. Throws with npm's own last words when it fails. */
export async function ensurePackages(root, env = process.env) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const reason = packagesDifference(lock, readJson(path.join(root, 'node_modules/.package-lock.json')));
  if (reason === null) return;
  let lastLine = '';
  await step(
    `Installing packages with npm ci (${reason})`,
    async () => {
      const [command, ...first] = npmCommand(env);
      // --include=dev: NODE_ENV=production would leave out what builds and runs the tests.
      const args = [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=http'];
      const { code, output } = await run(command, args, {
        cwd: root,
        env,
        timeoutMs: installTimeoutMs,
        onLine: (line) => {
          lastLine = line.slice(0, 100);
        },
      });
      if (code !== 0)
        throw new Error(`npm ci failed (code ${code}):\n${lastLines(output.replaceAll(/^npm http.*\n/gm, ''))}`);
    },
    () => lastLine,
  );
}

// `npm test`: sets up whatever is missing, runs the stages one after the other, and ends with the line `N passed, N failed`.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { dataDirFrom } from './data-dir.mjs';
import { onStop } from './entry.mjs';
import { lockHolder } from './launcher-lock.mjs';
import { say, seconds } from './log.mjs';
import { ensurePackages } from './packages.mjs';
import { removeDataDir } from './postgres-place.mjs';
import { endRuns } from './run.mjs';
import { parseTestArguments } from './test-arguments.mjs';
import { testEnv } from './test-env.mjs';
import { report } from './test-report.mjs';
import { stages } from './test-stages.mjs';

/** Folders of earlier test runs that were killed, the one of a run that is still going on excepted. */
function removeLeftovers(dataDir) {
  let names = [];
  try {
    names = readdirSync(dataDir).filter((name) => /^test-[A-Za-z0-9]{6}$/.test(name));
  } catch {
    return;
  }
  for (const folder of names.map((name) => path.join(dataDir, name))) {
    if (!lockHolder(folder)) removeDataDir(folder);
  }
}

async function runStage(name, context) {
  const startedAt = Date.now();
  say(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
  const result = await stages[name](context).catch((error) => ({
    passed: 0,
    failed: 1,
    failures: [error.message.split('\n')[0]],
    error,
  }));
  if (result.error) say(result.error.stack ?? result.error.message);
  const durationMs = Date.now() - startedAt;
  say(`── ${name}: ${result.failed > 0 ? `${result.failed} failed` : 'passed'} in ${seconds(durationMs)}`);
  return { name, skipped: 0, ...result, durationMs };
}

/** Runs the tests of the checkout `root` as the arguments say, stops everything that was started, and exits with 1 if any failed. */
export async function runTests(root, args) {
  const { stages: chosen, patterns, jestOptions } = parseTestArguments(args);
  const env = testEnv(process.env);
  const isEndToEnd = (pattern) => /(^|\/)e2e(\/|$)/.test(pattern);
  const context = {
    root,
    env,
    jestOptions,
    unitPatterns: patterns.filter((pattern) => !isEndToEnd(pattern)),
    endToEndPatterns: patterns.filter(isEndToEnd),
    open: new Set(),
  };
  let isStopped = false;
  onStop(
    async (reason, error) => {
      isStopped = true;
      say(`\n  Stopping (${reason}) …`);
      await endRuns();
      await Promise.allSettled([...context.open].map((session) => session.close()));
      process.exit(error ? 1 : 130);
    },
    () => [...context.open].forEach((session) => session.killAll()),
  );
  removeLeftovers(dataDirFrom(env, root));
  const startedAt = Date.now();
  await ensurePackages(root, env);
  const results = [];
  for (const name of chosen) if (!isStopped) results.push(await runStage(name, context));
  if (isStopped) return;
  say(`\nAll stages took ${seconds(Date.now() - startedAt)}.`);
  say(report(results));
  process.exit(results.some(({ failed }) => failed > 0) ? 1 : 0);
}

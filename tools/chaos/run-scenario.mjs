// What every chaos run against a system of its own has in common: options, a data folder and ports of its own, the way out, and the report.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../lib/bundles.mjs';
import { onStop } from '../lib/entry.mjs';
import { openSession } from '../lib/infra.mjs';
import { findFreeBase } from '../lib/ports.mjs';
import { removeDataDir } from '../lib/postgres-place.mjs';
import { testEnv } from '../lib/test-env.mjs';
import { readOptions } from '../verifier/options.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

function environment(base, dataDir) {
  const { COSTLANE_DIST_DIR } = process.env;
  return {
    ...testEnv(process.env),
    COSTLANE_PORT_BASE: String(base),
    COSTLANE_DATA_DIR: dataDir,
    COSTLANE_ADMIN_KEY: `chaos-${randomBytes(24).toString('hex')}`,
    ...(COSTLANE_DIST_DIR ? { COSTLANE_DIST_DIR } : {}),
    MOCK_LLM: 'true',
    // Questions that differ by a number are what is asked; each is to be a call of its own.
    CACHE_SEMANTIC_ENABLED: 'false',
    LOG_LEVEL: 'warn',
  };
}

/**
 * Runs a scenario and gives the exit code: 0 where its summary `isGood`. `run(session, { base, settings, say })` gives the summary,
 * `settingsFor(base)` what the services are told beside what all scenarios tell them.
 */
export async function runScenario(
  { optionTable, usage, settingsOf, renderText, run, settingsFor = () => ({}) },
  args,
  print,
) {
  const say = (text) => process.stderr.write(`${text}\n`);
  const options = readOptions(args, optionTable, usage);
  if (options.help) {
    print(`${usage}\n`);
    return 0;
  }
  const settings = settingsOf(options);
  if (!process.env.COSTLANE_DIST_DIR) await ensureBuilt(root);
  const base = await findFreeBase();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'costlane-chaos-'));
  const binDir = process.env.COSTLANE_BIN_DIR ?? path.join(root, '.costlane/bin');
  const env = { ...environment(base, dataDir), ...settingsFor(base) };
  const session = await openSession({ env, root, binDir });
  const stop = async () => {
    await session.close();
    if (options.keep) cpSync(path.join(dataDir, 'logs'), options.keep, { recursive: true });
    removeDataDir(dataDir);
  };
  onStop(
    async (_reason, error) => {
      await stop();
      process.exit(error ? 1 : 130);
    },
    () => session.killAll(),
  );
  try {
    const summary = await run(session, { base, settings, say });
    print(options.json ? `${JSON.stringify(summary, null, 2)}\n` : `\n${renderText(summary)}\n`);
    return summary.isGood ? 0 : 1;
  } finally {
    await stop();
  }
}

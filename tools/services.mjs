// `node tools/services.mjs`: only the Redis and Postgres that `npm start` would use, in the foreground, for working on single parts.
// Writes REDIS_URL and DATABASE_URL to `dev.env` in the data folder.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePrivately } from './lib/data-dir.mjs';
import { loadEnv, onStop } from './lib/entry.mjs';
import { openSession, startDatabases } from './lib/infra.mjs';
import { say } from './lib/log.mjs';
import { unsupportedReason } from './lib/version.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main() {
  const refusal = unsupportedReason(process.platform, process.version);
  if (refusal) throw new Error(refusal);
  const session = await openSession({ env: loadEnv(root), root });
  const keepAlive = setInterval(() => undefined, 60_000);
  const file = path.join(session.dataDir, 'dev.env');
  const end = async (code) => {
    rmSync(file, { force: true });
    await session.close();
    clearInterval(keepAlive);
    process.exit(code);
  };
  onStop(
    () => end(0),
    () => session.killAll(),
  );
  try {
    await startDatabases(session);
  } catch (error) {
    if (session.isClosing) return;
    say(error.message);
    await end(1);
  }
  const { redis, postgres } = session.state.urls;
  writePrivately(file, `REDIS_URL=${redis}\nDATABASE_URL=${postgres}\n`);
  say(`REDIS_URL=${redis}\nDATABASE_URL=${postgres}\nWritten to ${file}. Ctrl-C stops both.`);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});

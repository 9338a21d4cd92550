// `node libs/jobs/bench/main.mjs [items]`: a batch through store, queue and runner with an executor that answers at once.
// Needs REDIS_URL and DATABASE_URL (a database of its own is made beside it and removed); `node tools/services.mjs` starts both.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Beside the packages, which it imports from there.
const outfile = path.join(root, 'node_modules/.cache/costlane/batch-bench.mjs');
await build({
  entryPoints: [path.join(root, 'libs/jobs/bench/batch-bench.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  loader: { '.lua': 'text' },
  tsconfig: path.join(root, 'tsconfig.base.json'),
  logLevel: 'error',
});
execFileSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit', cwd: root });

// `npm test [-- --only stage,… | path pattern …]`: sets up and runs every test; ends with the line `N passed, N failed`.
import { fileURLToPath } from 'node:url';
import { unsupportedReason } from './lib/version.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const refusal = unsupportedReason(process.platform, process.version);

if (refusal) {
  console.error(refusal);
  process.exit(1);
} else {
  const { runTests } = await import('./lib/test-run.mjs');
  await runTests(root, process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}

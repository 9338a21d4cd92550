// `npm run smoke -- URL`: is a running Costlane well? Tries every door once, in under a minute; exit code 1 when something is wrong.
// COSTLANE_API_KEY is sent where it is set. COST_ATTRIBUTION_URL says where the ledger's service is (default: the gateway's port + 5).
import { runSmoke } from './lib/smoke-run.mjs';

const defaultUrl = 'http://127.0.0.1:8000';

async function main(url) {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error(`"${url}" is not an address: npm run smoke -- ${defaultUrl}`);
  }
  const startedAt = performance.now();
  console.log(`Smoke test of ${url}`);
  const { COSTLANE_API_KEY: key, COST_ATTRIBUTION_URL: costAttributionUrl } = process.env;
  const { passed, failed, skipped } = await runSmoke(url, { key, costAttributionUrl });
  if (passed === 0) throw new Error(`\nNothing that looks like Costlane answers at ${url}.`);
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} in ${took} s`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main(process.argv[2] ?? defaultUrl).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

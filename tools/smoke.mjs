// `npm run smoke -- URL`: is a running Costlane well? Tries every door once, in under a minute; exit code 1 when something is wrong.
// COSTLANE_API_KEY is sent where it is set. COST_ATTRIBUTION_URL says where the ledger's service is (default: the gateway's port + 5).
import { checks, newContext } from './lib/smoke-checks.mjs';
import { smokeClient } from './lib/smoke-client.mjs';

const defaultUrl = 'http://127.0.0.1:8000';

function costAttributionUrl(gatewayUrl) {
  if (process.env.COST_ATTRIBUTION_URL) return process.env.COST_ATTRIBUTION_URL.replace(/\/+$/, '');
  const url = new URL(gatewayUrl);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return `${url.protocol}//${url.hostname}:${port + 5}`;
}

async function runCheck([name, check], context) {
  const startedAt = performance.now();
  try {
    const remark = await check(context);
    if (remark?.skipped) {
      console.log(`– ${name}: not looked at, ${remark.skipped}`);
      return 'skipped';
    }
    const tookMs = Math.round(performance.now() - startedAt);
    console.log(`✓ ${name} (${tookMs} ms)${remark ? `: ${remark}` : ''}`);
    return 'passed';
  } catch (error) {
    console.log(`✗ ${name}: ${error.message}`);
    return 'failed';
  }
}

async function main(url) {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error(`"${url}" is not an address: npm run smoke -- ${defaultUrl}`);
  }
  const startedAt = performance.now();
  console.log(`Smoke test of ${url}`);
  const context = newContext(smokeClient(url, process.env.COSTLANE_API_KEY), costAttributionUrl(url));
  const [first, ...others] = checks;
  const results = [await runCheck(first, context)];
  if (results[0] === 'failed') throw new Error(`\nNothing that looks like Costlane answers at ${url}.`);
  for (const check of others) results.push(await runCheck(check, context));
  const count = (result) => results.filter((one) => one === result).length;
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : '';
  console.log(
    `\n${count('passed')} of ${checks.length} checks passed, ${count('failed')} failed${skipped} in ${took} s`,
  );
  process.exitCode = count('failed') > 0 ? 1 : 0;
}

main(process.argv[2] ?? defaultUrl).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

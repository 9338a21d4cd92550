// Runs the smoke checks one after the other and prints how each went.
import { checks, newContext } from './smoke-checks.mjs';
import { smokeClient } from './smoke-client.mjs';

/** Where the ledger's service is when nothing else was said: five ports above its gateway, as in a stack of one machine. */
export function costAttributionUrlFrom(gatewayUrl) {
  const url = new URL(gatewayUrl);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return `${url.protocol}//${url.hostname}:${port + 5}`;
}

async function runCheck([name, check], context, print) {
  const startedAt = performance.now();
  try {
    const remark = await check(context);
    if (remark?.skipped) {
      print(`– ${name}: not looked at, ${remark.skipped}`);
      return { name, outcome: 'skipped' };
    }
    const tookMs = Math.round(performance.now() - startedAt);
    print(`✓ ${name} (${tookMs} ms)${remark ? `: ${remark}` : ''}`);
    return { name, outcome: 'passed' };
  } catch (error) {
    print(`✗ ${name}: ${error.message}`);
    return { name, outcome: 'failed', reason: error.message };
  }
}

/**
 * Checks the system at `url`; `key` is an API key where one is needed. Resolves with `{ passed, failed, skipped, failures }`. Where the
 * first check fails, nothing answers there and the rest is not tried.
 */
export async function runSmoke(url, { key, costAttributionUrl = costAttributionUrlFrom(url), print = console.log }) {
  const context = newContext(smokeClient(url, key), costAttributionUrl);
  const results = [];
  for (const check of checks) {
    results.push(await runCheck(check, context, print));
    if (results[0].outcome === 'failed') break;
  }
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    failures: results.filter(({ outcome }) => outcome === 'failed').map(({ name, reason }) => `${name}: ${reason}`),
  };
}

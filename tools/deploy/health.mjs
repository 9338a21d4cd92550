// The image's health check. It runs beside the service in the same container and has to find out which one that is: from the command
// line of process 1. Exit code 0 when `/health/ready` of that service says 200.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const timeoutMs = 2_000;

/** Name of the setting and default of each program's HTTP port. */
export const httpPorts = {
  gateway: ['GATEWAY_HTTP_PORT', 8000],
  cache: ['CACHE_HTTP_PORT', 8001],
  router: ['ROUTER_HTTP_PORT', 8002],
  batcher: ['BATCHER_HTTP_PORT', 8003],
  'provider-worker': ['PROVIDER_WORKER_HTTP_PORT', 8004],
  'cost-attribution': ['COST_ATTRIBUTION_HTTP_PORT', 8005],
  'mock-llm': ['MOCK_LLM_PORT', 8090],
};

/** The address to ask for the program that this command line (NUL-separated, as in /proc) runs; undefined when it runs none. */
export function healthUrl(commandLine, env) {
  const program = commandLine.split('\0').find((word) => Object.hasOwn(httpPorts, word));
  if (program === undefined) return undefined;
  const [name, fallback] = httpPorts[program];
  const port = (program === 'gateway' && env.API_PORT) || env[name] || fallback;
  return `http://127.0.0.1:${port}/health/ready`;
}

async function main() {
  const url = healthUrl(readFileSync('/proc/1/cmdline', 'utf8'), process.env);
  if (url === undefined) throw new Error('process 1 runs no service of Costlane');
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href.endsWith('/health.mjs')) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}

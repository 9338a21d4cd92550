// The environment that each program of a stack is started with.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { envPrefix, serviceNames } from './ports.mjs';

const providerSettings = [
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'COHERE_API_KEY',
  'GOOGLE_API_KEY',
  'VLLM_BASE_URL',
  'OPENAI_BASE_URL',
  'ANTHROPIC_BASE_URL',
  'GOOGLE_BASE_URL',
  'COHERE_BASE_URL',
  'PROVIDER_DEPLOYMENTS',
];

/** Whether requests go to the mock provider: as MOCK_LLM says, else exactly when no real provider is configured. */
export function usesMock(env) {
  if (env.MOCK_LLM) return /^(true|1|yes|on)$/i.test(env.MOCK_LLM);
  return !providerSettings.some((name) => env[name]);
}

/** The file in the data folder that holds the first administrator's key where COSTLANE_ADMIN_KEY does not say it. */
export const adminKeyFile = 'admin-key';

/** The administrator's key that this machine knows: COSTLANE_ADMIN_KEY, else the one that the first start made; undefined without. */
export function adminKeyFrom(env, dataDir) {
  if (env.COSTLANE_ADMIN_KEY) return env.COSTLANE_ADMIN_KEY;
  try {
    return readFileSync(path.join(dataDir, adminKeyFile), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Everything that the services of one stack must agree on; the caller's own settings stay and win. */
export function stackEnv({ env, ports, dataDir, urls }) {
  const local = (port) => `127.0.0.1:${port}`;
  const shared = {
    NODE_ENV: 'production',
    AUTH_MODE: 'none',
    // Who can start the stack on this machine may administer it from there; with keys required not even that.
    ADMIN_OPEN_ON_LOOPBACK: String((env.AUTH_MODE ?? 'none') === 'none'),
    // What stands here for load balancers, which need time to take a service out, is the launcher: it waits for nobody.
    SHUTDOWN_GRACE_MS: '0',
    MOCK_LLM_URL: `http://${local(ports.mock)}`,
    MOCK_LLM_PORT: String(ports.mock),
    ROUTER_GRPC_ADDRESS: local(ports.grpc.router),
    BATCHER_GRPC_ADDRESS: local(ports.grpc.batcher),
    CACHE_GRPC_ADDRESS: local(ports.grpc.cache),
    BATCHER_GRPC_ADDRESS: local(ports.grpc.batcher),
    COST_ATTRIBUTION_GRPC_ADDRESS: local(ports.grpc['cost-attribution']),
    PROVIDER_WORKER_GRPC_ADDRESSES: local(ports.grpc['provider-worker']),
  };
  const fixed = { COSTLANE_DATA_DIR: dataDir, REDIS_URL: urls.redis, DATABASE_URL: urls.postgres };
  fixed.MOCK_LLM = String(usesMock(env));
  fixed.COSTLANE_ADMIN_KEY = adminKeyFrom(env, dataDir);
  for (const service of serviceNames) {
    fixed[`${envPrefix(service)}_HTTP_PORT`] = String(ports.http[service]);
    fixed[`${envPrefix(service)}_GRPC_PORT`] = String(ports.grpc[service]);
  }
  fixed.API_PORT = fixed.GATEWAY_HTTP_PORT;
  return { ...shared, ...withoutNpm(env), ...fixed };
}

/** npm's own variables are the launcher's business, not the services'. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}

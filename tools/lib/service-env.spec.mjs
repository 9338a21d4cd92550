import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { portsFrom } from './ports.mjs';
import { adminKeyFrom, stackEnv, usesMock } from './service-env.mjs';

const urls = { redis: 'redis://127.0.0.1:20079', postgres: 'postgres://127.0.0.1:20032/costlane' };

function stackEnvOf(env) {
  return stackEnv({ env, ports: portsFrom({ COSTLANE_PORT_BASE: '20000', ...env }), dataDir: '/nowhere', urls });
}

describe('whether the mock provider is used', () => {
  test.each([
    [{}, true],
    [{ OPENAI_API_KEY: 'sk' }, false],
    [{ VLLM_BASE_URL: 'http://gpu' }, false],
    [{ OPENAI_API_KEY: 'sk', MOCK_LLM: 'true' }, true],
    [{ MOCK_LLM: 'false' }, false],
  ])('with %j: %s', (env, expected) => {
    expect(usesMock(env)).toBe(expected);
  });
});

describe('the environment of the services', () => {
  test('says where each is and where the others are', () => {
    const env = stackEnvOf({});
    expect(env).toMatchObject({
      REDIS_URL: urls.redis,
      DATABASE_URL: urls.postgres,
      API_PORT: '20000',
      GATEWAY_HTTP_PORT: '20000',
      PROVIDER_WORKER_HTTP_PORT: '20004',
      COST_ATTRIBUTION_GRPC_PORT: '20056',
      ROUTER_GRPC_ADDRESS: '127.0.0.1:20053',
      PROVIDER_WORKER_GRPC_ADDRESSES: '127.0.0.1:20055',
      MOCK_LLM: 'true',
      MOCK_LLM_URL: 'http://127.0.0.1:20090',
      AUTH_MODE: 'none',
    });
  });

  test("the caller's own settings win, npm's do not get in", () => {
    const env = stackEnvOf({
      AUTH_MODE: 'required',
      ROUTER_GRPC_ADDRESS: 'router:1',
      npm_config_x: '1',
      npm_lifecycle_event: 'start',
    });
    expect(env).toMatchObject({ AUTH_MODE: 'required', ROUTER_GRPC_ADDRESS: 'router:1' });
    expect(Object.keys(env).filter((name) => name.startsWith('npm_'))).toEqual([]);
  });

  test('tells every address that a service can be told', () => {
    const apps = path.join(__dirname, '../../apps');
    const configs = readdirSync(apps)
      .map((app) => path.join(apps, app, 'src/config.ts'))
      .filter(existsSync);
    const wanted = configs.flatMap(
      (file) => readFileSync(file, 'utf8').match(/\b[A-Z_]+_(GRPC_ADDRESS(ES)?|HTTP_PORT|GRPC_PORT)\b/g) ?? [],
    );
    expect(wanted.length).toBeGreaterThan(10);
    expect(Object.keys(stackEnvOf({}))).toEqual(expect.arrayContaining(wanted));
  });

  test("the administrator's key comes from the environment, else from the data folder", () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'costlane-key-'));
    try {
      expect(adminKeyFrom({}, dataDir)).toBeUndefined();
      writeFileSync(path.join(dataDir, 'admin-key'), 'kept\n');
      expect(adminKeyFrom({}, dataDir)).toBe('kept');
      expect(adminKeyFrom({ COSTLANE_ADMIN_KEY: 'given' }, dataDir)).toBe('given');
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

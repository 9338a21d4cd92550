import { createServer } from 'node:net';
import { busyPortMessage, findFreeBase, isPortFree, portsFrom } from './ports.mjs';

describe('the ports of a stack', () => {
  test('without a base they are the well-known ones', () => {
    const ports = portsFrom({});
    expect(ports.http).toEqual({
      gateway: 8000,
      cache: 8001,
      router: 8002,
      batcher: 8003,
      'provider-worker': 8004,
      'cost-attribution': 8005,
    });
    expect(ports.grpc.gateway).toBe(50_051);
    expect(ports.grpc['cost-attribution']).toBe(50_056);
    expect([ports.redis, ports.postgres, ports.mock]).toEqual([6390, 5442, 8090]);
  });

  test('a base shifts all of them', () => {
    const ports = portsFrom({ COSTLANE_PORT_BASE: '20000' });
    expect(ports.http['cost-attribution']).toBe(20_005);
    expect(ports.grpc.gateway).toBe(20_051);
    expect([ports.postgres, ports.redis, ports.mock]).toEqual([20_032, 20_079, 20_090]);
  });

  test('single settings win over the base, and API_PORT is the gateway', () => {
    const ports = portsFrom({ COSTLANE_PORT_BASE: '20000', API_PORT: '9000', PROVIDER_WORKER_GRPC_PORT: '9555' });
    expect(ports.http.gateway).toBe(9000);
    expect(ports.grpc['provider-worker']).toBe(9555);
    expect(portsFrom({ API_PORT: '9000', GATEWAY_HTTP_PORT: '9100' }).http.gateway).toBe(9100);
  });

  test.each([['80'], ['65500'], ['many'], ['8000.5']])('a base of %s is refused by name', (base) => {
    expect(() => portsFrom({ COSTLANE_PORT_BASE: base })).toThrow(/COSTLANE_PORT_BASE/);
  });

  test('no two of them are the same', () => {
    const { http, grpc, ...others } = portsFrom({ COSTLANE_PORT_BASE: '20000' });
    const all = [...Object.values(http), ...Object.values(grpc), ...Object.values(others)];
    expect(new Set(all).size).toBe(all.length);
  });

  test('a port that something listens on is not free, and the sentence names it and the way round it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address();
    expect(await isPortFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
    expect(busyPortMessage(8000, 'gateway HTTP')).toMatch(/Port 8000 \(gateway HTTP\).*COSTLANE_PORT_BASE=20000/);
    expect(busyPortMessage(20_000, 'gateway HTTP')).toMatch(/COSTLANE_PORT_BASE=31000/);
  });

  test('a free base lies below the ports that systems hand out', async () => {
    const base = await findFreeBase();
    expect(base).toBeGreaterThanOrEqual(20_000);
    expect(base + 99).toBeLessThan(32_768);
  });
});

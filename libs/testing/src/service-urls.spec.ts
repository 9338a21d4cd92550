import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port';
import { databaseUrlForTests, parseEnvLines, redisUrlForTests } from './service-urls';

describe('addresses of the services for tests', () => {
  let checkout: string;
  const environment = { ...process.env };

  beforeEach(async () => {
    checkout = await mkdtemp(path.join(tmpdir(), 'checkout-'));
    await mkdir(path.join(checkout, '.costlane'));
    await mkdir(path.join(checkout, 'libs'));
    await writeFile(path.join(checkout, 'nx.json'), '{}');
    jest.spyOn(process, 'cwd').mockReturnValue(path.join(checkout, 'libs'));
    delete process.env['REDIS_URL'];
    delete process.env['DATABASE_URL'];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    process.env = { ...environment };
    await rm(checkout, { recursive: true });
  });

  it('come from the environment first', async () => {
    await writeFile(path.join(checkout, '.costlane', 'dev.env'), 'REDIS_URL=redis://from-file\n');
    process.env['REDIS_URL'] = 'redis://from-environment';
    expect(redisUrlForTests()).toBe('redis://from-environment');
  });

  it('come from .costlane/dev.env of the checkout next', async () => {
    await writeFile(
      path.join(checkout, '.costlane', 'dev.env'),
      'REDIS_URL=redis://r\nDATABASE_URL="postgres://p?a=b"\n',
    );
    expect(redisUrlForTests()).toBe('redis://r');
    expect(databaseUrlForTests()).toBe('postgres://p?a=b');
  });

  it('are undefined otherwise, which is said once', () => {
    const told = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect([redisUrlForTests(), redisUrlForTests()]).toEqual([undefined, undefined]);
    expect(told).toHaveBeenCalledTimes(1);
    expect(told.mock.calls[0]?.[0]).toContain('no Redis for tests: set REDIS_URL');
  });

  it('are read from lines with comments, quotes and export', () => {
    const text = '# comment\n\nexport A=1\nB = "two words"\nC=\'x=y\'\r\nnot a line\n';
    expect(parseEnvLines(text)).toEqual({ A: '1', B: 'two words', C: 'x=y' });
  });
});

describe('freePort', () => {
  it('gives a port on which a server can listen', async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
    expect(port).toBeGreaterThan(1_023);
  });
});

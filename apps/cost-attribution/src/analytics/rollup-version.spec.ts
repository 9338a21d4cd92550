import type { Redis } from '@costlane/platform';
import { describeWithServers, quiet, startTestStream, type TestStream } from '../testing/test-stream';
import { createRollupVersions } from './rollup-version';

describeWithServers('the word about rollups', () => {
  let stream: TestStream;
  beforeAll(async () => void (stream = await startTestStream()));
  afterAll(() => stream.end());

  it('changes for those whose rows have changed, in every instance', async () => {
    const [here, there] = [0, 1].map(() => createRollupVersions({ ...stream, logger: quiet }));
    const seen = async () => Promise.all(['acme', 'globex', undefined].map((tenant) => there?.current(tenant)));
    expect(await seen()).toEqual(['none', 'none', 'none']);
    await here?.changed(['acme', '*']);
    const [acme, globex, deployment] = await seen();
    expect(globex).toBe('none');
    expect(acme).toBe(deployment);
    expect(acme).not.toBe('none');
    await here?.changed(['acme', '*']);
    expect((await seen())[0]).not.toBe(acme);
    await here?.changed([]);
    expect(await stream.redis.ttl(stream.names.rollupVersions)).toBeGreaterThan(0);
  });

  it('is not known while Redis is away, and nothing fails of it', async () => {
    const away = { hget: () => Promise.reject(new Error('away')), hset: () => Promise.reject(new Error('away')) };
    const versions = createRollupVersions({ redis: away as unknown as Redis, names: stream.names, logger: quiet });
    expect(await versions.current('acme')).toBeUndefined();
    await expect(versions.changed(['acme'])).resolves.toBeUndefined();
  });
});

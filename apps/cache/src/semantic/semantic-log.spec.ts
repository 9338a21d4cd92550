import { waitFor } from '@costlane/testing';
import { describeWithRedis, silent, testRedis, type TestRedis } from '../testing/test-redis';
import { createSemanticLog, type SemanticEvent } from './semantic-log';

describeWithRedis('what cache replicas tell one another', () => {
  let test: TestRedis;
  beforeAll(() => (test = testRedis()));
  afterAll(() => test.end());
  const open = () =>
    createSemanticLog({ redis: test.redis, blockingRedis: test.connect(), names: test.names, logger: silent });
  const fill = (fingerprint: string): SemanticEvent => ({
    kind: 'fill',
    tenantId: 'acme',
    fingerprints: [fingerprint],
  });

  it('reaches every one of them, in order, from the start of each on', async () => {
    const [one, other] = [open(), open()];
    const heard: SemanticEvent[][] = [[], []];
    await one.publish([fill('before')]);
    await one.follow({ onEvent: (event) => heard[0]?.push(event), onGap: () => undefined });
    await other.follow({ onEvent: (event) => heard[1]?.push(event), onGap: () => undefined });
    await one.publish([fill('a'), fill('b')]);
    await other.publish([fill('c')]);
    await waitFor(() => heard.every((events) => events.length === 3));
    for (const events of heard) expect(events).toEqual([fill('a'), fill('b'), fill('c')]);
    await Promise.all([one.stop(), other.stop()]);
  });

  it('survives an event that cannot be read, or that its reader fails on', async () => {
    const log = open();
    const heard: SemanticEvent[] = [];
    const onEvent = (event: SemanticEvent): void => {
      if (event.kind === 'limit') throw new Error('no');
      heard.push(event);
    };
    await log.follow({ onEvent, onGap: () => undefined });
    await test.redis.xadd(test.names.semantic, '*', 'e', '[{');
    await log.publish([{ kind: 'limit', tenantId: 'acme', limit: 0.1 }]);
    await log.publish([fill('d')]);
    await waitFor(() => heard.length === 1);
    expect(heard).toEqual([fill('d')]);
    await log.stop();
  });

  it('tells nothing over again where Redis could not be asked at the start', async () => {
    const log = open();
    await log.publish([{ kind: 'audit', tenantId: 'acme', probability: 0.9, isWrong: true }]);
    const xrevrange = jest.spyOn(test.redis, 'xrevrange').mockRejectedValueOnce(new Error('not connected'));
    const heard: SemanticEvent[] = [];
    let gaps = 0;
    await log.follow({ onEvent: (event) => heard.push(event), onGap: () => gaps++ });
    await waitFor(() => xrevrange.mock.calls.length === 2 && gaps === 1);
    await log.publish([fill('g')]);
    await waitFor(() => heard.length > 0);
    expect(heard).toEqual([fill('g')]);
    xrevrange.mockRestore();
    await log.stop();
  });

  it('tells that something may have been missed when Redis was away', async () => {
    const blockingRedis = test.connect();
    const log = createSemanticLog({ redis: test.redis, blockingRedis, names: test.names, logger: silent });
    let gaps = 0;
    const heard: SemanticEvent[] = [];
    await log.follow({ onEvent: (event) => heard.push(event), onGap: () => gaps++ });
    await log.publish([fill('e')]);
    await waitFor(() => heard.length === 1);
    blockingRedis.stream?.destroy();
    await waitFor(() => gaps === 1);
    await log.publish([fill('f')]);
    await waitFor(() => heard.length === 2);
    await log.stop();
  });
});

import { createLogger, createRedis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import fc from 'fast-check';
import { give, startSpecGateway, type SpecGateway } from './spec-support/spec-gateway';

const redisUrl = redisUrlForTests();

/** What happens next: a piece of the answer comes, or a client asks at one of the gateways, or one that asked leaves. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('piece' as const), text: fc.string({ minLength: 1, maxLength: 5 }) }),
    fc.record({ kind: fc.constant('ask' as const), at: fc.nat(2) }),
    fc.record({ kind: fc.constant('leave' as const), who: fc.nat(20) }),
    fc.record({ kind: fc.constant('wait' as const) }),
  ),
  { minLength: 5, maxLength: 40 },
);

(redisUrl ? describe : describe.skip)('several gateways that are asked the same', () => {
  let shard: SpecShard;
  let gateways: SpecGateway[];
  let questions = 0;

  beforeAll(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    gateways = [];
    for (const name of ['g1', 'g2', 'g3']) gateways.push(await startSpecGateway(shard, name));
  });
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close();
    await shard.remove();
  });

  it('ask once and give every client that stays the whole stream, in whatever order clients come and leave', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (course) => {
        const caller = { tenantId: shard.shard, role: 'member', rateLimitPerMinute: 0 } as const;
        const request = { caller, stream: true, fingerprint: `f${questions++}` };
        const before = gateways.map(({ dispatched }) => dispatched.length);
        const at = (index: number): SpecGateway => gateways[index] as SpecGateway;
        const clients = [at(0).ask(request)];
        const call = await at(0).call(before[0]);
        const left = new Set<number>();
        let text = '';
        let seq = 0;
        give(call, 'h', seq++);
        for (const step of course) {
          if (step.kind === 'piece') give(call, 'c', seq++, step.text);
          else if (step.kind === 'ask') clients.push(at(step.at).ask(request));
          // The first one stays, so that there is somebody to answer.
          else if (step.kind === 'leave' && step.who > 0 && step.who < clients.length) {
            clients[step.who]?.leave();
            left.add(step.who);
          } else await new Promise(setImmediate);
          if (step.kind === 'piece') text += step.text;
        }
        const staying = clients.filter((_, index) => !left.has(index));
        await waitFor(() => staying.every(({ heard }) => heard.length > 0));
        give(call, 'e', seq);
        await waitFor(() => staying.every(({ heard }) => heard.at(-1) === 'end ok'));
        for (const { heard } of staying) expect(heard.slice(1, -1).join('')).toBe(text);
        expect(gateways.map(({ dispatched }, index) => dispatched.length - (before[index] ?? 0))).toEqual([1, 0, 0]);
        await waitFor(() => gateways.every(({ calls }) => calls.size() === 0));
      }),
      { numRuns: 25 },
    );
    const recorded = gateways.flatMap((gateway) => gateway.recorded.map(({ requestId }) => requestId));
    expect(new Set(recorded).size).toBe(recorded.length);
  });
});

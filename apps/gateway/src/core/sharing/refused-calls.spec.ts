import { CostlaneError } from '@costlane/domain';
import { createLogger, createRedis } from '@costlane/platform';
import { createSpecShard, redisUrlForTests, waitFor, type SpecShard } from '@costlane/testing';
import type { InferenceRequest } from '../inference-request';
import { give, startSpecGateway, type SpecGateway } from './spec-support/spec-gateway';

const redisUrl = redisUrlForTests();

(redisUrl ? describe : describe.skip)('a call that its leader’s budget does not allow', () => {
  let shard: SpecShard;
  let one: SpecGateway;
  let other: SpecGateway;

  beforeEach(async () => {
    shard = createSpecShard(redisUrl ?? '', { createRedis, createLogger });
    [one, other] = [await startSpecGateway(shard, 'g1'), await startSpecGateway(shard, 'g2')];
  });
  afterEach(async () => {
    for (const gateway of [one, other]) await gateway.close();
    await shard.remove();
  });

  const by = (userId: string): Partial<InferenceRequest> => ({
    caller: { tenantId: shard.shard, userId, role: 'member', rateLimitPerMinute: 0 },
  });
  const usedUp = (): CostlaneError => new CostlaneError('budget_exceeded', 'It is used up.');

  it('is refused to everybody who pays out of the same budgets, and made by another who had joined it', async () => {
    const leader = one.ask(by('ann'));
    const call = await one.call();
    const [same, different, later] = [one.ask(by('ann')), one.ask(by('bob')), one.ask(by('carl'))];
    expect(call.members.size).toBe(4);
    call.refuse(usedUp());
    for (const { heard } of [leader, same]) expect(heard).toEqual(['whole json budget_exceeded']);
    const next = await one.call(1);
    expect([next.requestId, next.members.size]).toEqual([different.requestId, 2]);
    give(next, 'r', 0, '{"id":2}');
    for (const { heard } of [different, later]) expect(heard).toEqual(['whole json {"id":2}']);
  });

  it('can still be left by one who went on with another call', async () => {
    one.ask(by('ann'));
    const call = await one.call();
    const bob = one.ask(by('bob'));
    call.refuse(usedUp());
    const next = await one.call(1);
    bob.leave();
    expect([next.isSettled, one.cancelled]).toEqual([true, [next.requestId]]);
    expect(bob.heard).toEqual([]);
  });

  it('is made by the other gateway where that has followed it', async () => {
    const leader = one.ask(by('ann'));
    const call = await one.call();
    const follower = other.ask(by('bob'));
    await waitFor(() => [...call.members].some(({ isRemote }) => isRemote));
    call.refuse(usedUp());
    const next = await other.call();
    give(next, 'r', 0, '{"id":3}');
    expect([leader.heard, follower.heard]).toEqual([['whole json budget_exceeded'], ['whole json {"id":3}']]);
  });
});

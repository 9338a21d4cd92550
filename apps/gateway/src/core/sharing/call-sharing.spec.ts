import { exactKey, inFlightKey } from '@costlane/contracts';
import type { ClaimAnswer, GatewayNote } from '@costlane/lanes';
import { createMetrics } from '@costlane/platform';
import { recordingListener, sampleDecision, sampleRequest } from '../../testing/sample-request';
import { Call } from '../call';
import { createCallTable, type CallTable } from '../call-table';
import { createCallSharing, type CallSharing } from './call-sharing';
import { defaultTiming } from './sharing-timing';

/** How a claim was asked for. */
interface Claimed {
  keys: string[];
  requestId: string;
  replaces?: string;
}

const { beatIntervalMs, claimLifetimeMs, silenceTimeoutMs } = defaultTiming;

describe('how a question stands among the gateways', () => {
  let calls: CallTable;
  let sharing: CallSharing;
  let claimed: Claimed[];
  let released: string[];
  let said: GatewayNote[];
  let answers: (ClaimAnswer | Error)[];
  let openBreaker: () => void;

  beforeEach(() => {
    jest.useFakeTimers();
    [claimed, released, said, answers] = [[], [], [], []];
    calls = createCallTable({ onExpired: () => undefined, onRemoved: (call) => sharing.ended(call) });
    sharing = createCallSharing({
      gatewayId: 'g1',
      calls,
      claims: {
        async claim(exactKey, key, requestId, replaces) {
          claimed.push({ keys: [exactKey, key], requestId, replaces });
          const answer = answers.shift() ?? { kind: 'ours' };
          if (answer instanceof Error) throw answer;
          return answer;
        },
        release: (_, requestId) => void released.push(requestId),
      },
      notes: { say: (_, note) => void said.push(note), idle: async () => undefined },
      sendPart: () => undefined,
      memory: { get: () => undefined },
      breaker: { onOpen: (listener) => void (openBreaker = listener) },
      leave: (call, member) => call.remove(member),
      metrics: createMetrics({ service: 'spec' }),
      timing: defaultTiming,
    });
  });
  afterEach(() => {
    sharing.stop();
    calls.stop();
    jest.useRealTimers();
  });

  function begun(rest: Parameters<typeof sampleRequest>[0] = {}) {
    const deadlineAtMs = Date.now() + 120_000;
    const call = new Call(sampleRequest({ deadlineAtMs, ...rest }), sampleDecision, (one) => calls.remove(one));
    call.add({ request: call.leader, listener: recordingListener().listener });
    calls.add(call, undefined);
    return call;
  }
  const held = (by: string): ClaimAnswer => ({ kind: 'held', by });
  const tick = async (count = 1): Promise<void> => {
    for (; count > 0; count--) await jest.advanceTimersByTimeAsync(beatIntervalMs);
  };

  it('is free for the first one, whose claim names tenant, form and question', async () => {
    const call = begun();
    expect(await sharing.claim(call)).toEqual({ kind: 'free' });
    const keys = [exactKey('acme', 'f00'), inFlightKey('acme', 'w', 'f00')];
    expect(claimed).toEqual([{ keys, requestId: 'req_1', replaces: undefined }]);
    expect(call.claim?.key).toBe(keys[1]);
  });

  it('names who holds it, whatever that request is called', async () => {
    answers = [held('g2 a request: {0} with spaces')];
    const holder = { gatewayId: 'g2', requestId: 'a request: {0} with spaces', value: 'g2 a request: {0} with spaces' };
    expect(await sharing.claim(begun())).toEqual({ kind: 'held', holder });
  });

  it('is free without a claim beside a call of this gateway that could not be joined', async () => {
    begun({ requestId: 'req_0' });
    answers = [held('g1 req_0')];
    const call = begun();
    expect(await sharing.claim(call)).toEqual({ kind: 'free' });
    expect([claimed.length, call.claim]).toEqual([1, undefined]);
  });

  it('is claimed anew where what holds it is left of a call of this gateway that has ended', async () => {
    answers = [held('g1 req_gone')];
    const call = begun();
    expect(await sharing.claim(call)).toEqual({ kind: 'free' });
    expect(claimed[1]?.replaces).toBe('g1 req_gone');
    expect(call.claim).toBeDefined();
  });

  it('is free when Redis does not say', async () => {
    answers = [new Error('away')];
    expect(await sharing.claim(begun())).toEqual({ kind: 'free' });
  });

  it('is given back when the call ends without an answer to keep, once', async () => {
    const [call, keeping] = [begun(), begun({ requestId: 'req_2' })];
    await sharing.claim(call);
    await sharing.claim(keeping);
    calls.remove(call);
    calls.remove(call);
    sharing.keepClaim(keeping);
    calls.remove(keeping);
    expect(released).toEqual(['req_1']);
  });

  it('is given back when the claim comes after everybody has left', async () => {
    const call = begun();
    const claiming = sharing.claim(call);
    call.isSettled = true;
    calls.remove(call);
    await claiming;
    expect(released).toEqual(['req_1']);
  });

  it('is claimed again in time while the call goes on, and not after it', async () => {
    const call = begun();
    await sharing.claim(call);
    const beats = claimLifetimeMs / beatIntervalMs;
    await tick(beats * 3);
    const renewals = claimed.slice(1);
    expect(renewals.length).toBeGreaterThanOrEqual(3);
    expect(renewals.length).toBeLessThanOrEqual(7);
    for (const { requestId, replaces } of renewals) expect([requestId, replaces]).toEqual(['req_1', 'g1 req_1']);
    calls.remove(call);
    const { length } = claimed;
    await tick(beats * 3);
    expect(claimed).toHaveLength(length);
  });

  it('is somebody else’s after a renewal that says so', async () => {
    const call = begun();
    await sharing.claim(call);
    answers = [held('g2 req_2')];
    await tick(claimLifetimeMs / beatIntervalMs);
    expect(call.claim).toBeUndefined();
    calls.remove(call);
    expect(released).toEqual([]);
  });

  it('is not taken for lost by a process that was itself held up', async () => {
    const call = begun();
    const holder = { gatewayId: 'g2', requestId: 'req_2', value: 'g2 req_2' };
    const ended: boolean[] = [];
    void sharing.follow(call, holder).then((hasEnded) => ended.push(hasEnded));
    sharing.hear({ kind: 'joined', from: 'g2', relay: '~0' });
    jest.setSystemTime(Date.now() + silenceTimeoutMs * 2);
    await tick();
    expect(ended).toEqual([]);
    sharing.hear({ kind: 'alive', from: 'g2', relays: ['~0'] });
    await tick(2);
    expect(ended).toEqual([]);
    await tick(3);
    expect(ended).toEqual([false]);
  });

  it('is asked for anew at once when Redis goes away', async () => {
    const following = sharing.follow(begun(), { gatewayId: 'g2', requestId: 'req_2', value: 'g2 req_2' });
    openBreaker();
    expect(await following).toBe(false);
    expect(said.map(({ kind }) => kind)).toEqual(['join', 'leave']);
  });
});

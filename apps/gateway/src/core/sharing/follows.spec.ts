import { encodeReply, type ReplyKind, type ReplyPart } from '@costlane/contracts';
import type { GatewayNote } from '@costlane/lanes';
import { recordingListener, sampleDecision, sampleRequest } from '../../testing/sample-request';
import { header } from '../../testing/scripted-inference';
import { Call } from '../call';
import { createFollows, isRelayed, type Follows } from './follows';

const holder = { gatewayId: 'g1', requestId: 'req_1', value: 'g1 req_1' };

describe('what a gateway follows', () => {
  let follows: Follows;
  let said: { to: string; note: GatewayNote }[];
  let fallbacks: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    [said, fallbacks] = [[], []];
    follows = createFollows({
      gatewayId: 'g2',
      notes: { say: (to, note) => said.push({ to, note }) },
      timing: { ackTimeoutMs: 100, silenceTimeoutMs: 3_000 },
      onFallback: (kind) => fallbacks.push(kind),
    });
  });
  afterEach(() => {
    follows.stop();
    jest.useRealTimers();
  });

  /** A call that follows; `ended` tells how that came out. */
  function following() {
    const { listener, heard } = recordingListener();
    const call: Call = new Call(sampleRequest({ requestId: 'req_2' }), sampleDecision, () => follows.ended(call));
    call.add({ request: call.leader, listener });
    const ended: boolean[] = [];
    void follows.follow(call, holder).then((hasEnded) => ended.push(hasEnded));
    const { note } = said.at(-1) as { note: Extract<GatewayNote, { kind: 'join' }> };
    return { call, heard, ended, relay: note.relay };
  }
  const part = (kind: ReplyKind, relay: string, seq: number, requestId = 'req_2'): ReplyPart => {
    const value = kind === 'c' ? Buffer.from('a') : encodeReply(header());
    return { kind, attempt: relay, seq, requestId, value };
  };
  const settled = (): Promise<void> => Promise.resolve().then(() => undefined);
  const kinds = (): string[] => said.map(({ note }) => note.kind);

  it('is asked for with all that the holder has to compare', () => {
    const { relay, call } = following();
    const { deadlineAtMs } = call;
    const question = { tenantId: 'acme', form: 'w', fingerprint: 'f00', deadlineAtMs, priority: 'standard' };
    const ids = { from: 'g2', relay, requestId: 'req_2', leaderRequestId: 'req_1' };
    expect(said).toEqual([{ to: 'g1', note: { kind: 'join', ...ids, ...question } }]);
    expect(isRelayed(part('h', relay, 0))).toBe(true);
    expect(isRelayed(part('h', '17-0', 0))).toBe(false);
  });

  it('is let go of when the holder does not answer, which is told in case it does later', async () => {
    const { call, ended, relay } = following();
    jest.advanceTimersByTime(99);
    await settled();
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(2);
    await settled();
    expect([ended, call.isFollowing, fallbacks]).toEqual([[false], false, ['sharing_unacknowledged']]);
    expect(said.at(-1)).toEqual({ to: 'g1', note: { kind: 'leave', from: 'g2', relay } });
  });

  it('needs no word of the holder once a part has come', () => {
    const { relay, heard } = following();
    follows.take(part('h', relay, 0));
    jest.advanceTimersByTime(1_000);
    expect([heard, fallbacks, follows.size()]).toEqual([['head'], [], 1]);
  });

  it('is over with its last part, and the holder need not be told', async () => {
    const { relay, heard, ended } = following();
    for (const [seq, kind] of (['h', 'c', 'e'] as const).entries()) follows.take(part(kind, relay, seq));
    await settled();
    expect(heard).toEqual(['head', 'a', 'end ok']);
    expect([ended, kinds(), follows.size()]).toEqual([[true], ['join'], 0]);
  });

  it('takes no part of a relay that was given up, or that names another request', () => {
    const { relay, call } = following();
    follows.take(part('r', relay, 0, 'req_other'));
    jest.advanceTimersByTime(60_000);
    follows.joined(relay);
    expect(call.isSettled).toBe(false);
    follows.gone(relay);
    follows.take(part('r', relay, 0));
    expect(call.isSettled).toBe(false);
  });

  it('can go another way when the holder has no such call, which is no fallback', async () => {
    const { relay, ended, call } = following();
    follows.gone(relay);
    await settled();
    expect([ended, call.isFollowing, fallbacks]).toEqual([[false], false, []]);
  });

  it('breaks off where the holder gives up what the client has seen a part of', async () => {
    const { relay, heard, ended } = following();
    follows.take(part('h', relay, 0));
    follows.gone(relay);
    await settled();
    expect([heard, ended, fallbacks]).toEqual([['head', 'end stream_interrupted'], [true], ['sharing_lost']]);
  });

  it('lives as long as the holder names it, and not longer', async () => {
    const { relay, ended } = following();
    follows.joined(relay);
    for (let beat = 0; beat < 5; beat++) {
      jest.advanceTimersByTime(1_000);
      follows.alive([relay, '~unknown']);
      follows.sweep(Date.now());
    }
    await settled();
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(2_900);
    follows.alive(['~another']);
    follows.sweep(Date.now());
    await settled();
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(200);
    follows.sweep(Date.now());
    await settled();
    expect([ended, fallbacks]).toEqual([[false], ['sharing_lost']]);
  });

  it('is ended by its call, and the holder is told once', async () => {
    const { call, ended, relay } = following();
    follows.joined(relay);
    follows.ended(call);
    follows.ended(call);
    await settled();
    expect([ended, kinds()]).toEqual([[true], ['join', 'leave']]);
  });

  it('goes another way at once when Redis is away, but for what its client has seen a part of', async () => {
    const [begun, waiting] = [following(), following()];
    follows.take(part('h', begun.relay, 0));
    follows.letGoOfUnstarted();
    await settled();
    expect([begun.ended, waiting.ended]).toEqual([[], [false]]);
  });
});

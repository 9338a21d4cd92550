import { encodeReply, type ReplyHeader, type ReplyKind, type ReplyPart } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { recordingListener, sampleDecision, sampleRequest } from '../testing/sample-request';
import { Call, type CallOutcome } from './call';

const MEBIBYTE = 1024 * 1024;
const header = (rest: Partial<ReplyHeader> = {}): ReplyHeader => ({
  status: 200,
  contentType: 'application/json',
  provider: 'mock',
  modelUsed: 'm-up',
  paidNanoUsd: 70,
  baselineNanoUsd: 100,
  savings: { cache: 0, routing: 30, prefix: 0, batching: 0 },
  upstreamLatencyMs: 1,
  upstreamCalls: 1,
  ...rest,
});

function begun(request = sampleRequest()) {
  const outcomes: CallOutcome[] = [];
  const call = new Call(request, sampleDecision, (_, outcome) => outcomes.push(outcome));
  const leader = recordingListener();
  const leading = { request, listener: leader.listener };
  call.add(leading);
  const join = (rest: Parameters<typeof sampleRequest>[0] = {}) => {
    const joined = recordingListener();
    const member = { request: sampleRequest({ requestId: 'req_joined', ...rest }), listener: joined.listener };
    call.add(member);
    return { ...joined, member };
  };
  const take = (kind: ReplyKind, seq: number, value: string | Buffer = '', attempt = 'a1'): void => {
    const bytes = kind === 'c' ? Buffer.from(value) : encodeReply(header(), Buffer.from(value));
    call.take({ kind, seq, attempt, requestId: call.requestId, value: bytes } satisfies ReplyPart);
  };
  return { call, outcomes, leader, leading, join, take };
}

describe('a call', () => {
  it('passes a stream on in order, and keeps its bytes', () => {
    const { leader, take, outcomes, call } = begun();
    expect(call.hasStarted).toBe(false);
    take('h', 0);
    take('c', 1, 'a');
    take('c', 2, 'b');
    take('e', 3);
    expect(leader.heard).toEqual(['head', 'a', 'b', 'end ok']);
    expect([outcomes[0]?.form, outcomes[0]?.body?.toString()]).toEqual(['sse', 'ab']);
    expect([call.isSettled, call.hasStarted]).toEqual([true, true]);
  });

  it('hands over a whole answer', () => {
    const { leader, take, outcomes } = begun();
    take('r', 0, '{"id":1}');
    expect(leader.heard).toEqual(['whole json {"id":1}']);
    expect(outcomes[0]?.body?.toString()).toBe('{"id":1}');
  });

  it('knows a whole answer that is a kept stream by its content type', () => {
    const { call, leader } = begun();
    const value = encodeReply(header({ contentType: 'text/event-stream; charset=utf-8' }), Buffer.from('data: 1\n\n'));
    call.take({ kind: 'r', seq: 0, attempt: 'a1', requestId: 'req_1', value });
    expect(leader.heard).toEqual(['whole sse data: 1\n\n']);
  });

  it('gives one who joins the stream from its beginning, then along with the others', () => {
    const { leader, join, take } = begun();
    const early = join();
    take('h', 0);
    take('c', 1, 'a');
    const late = join();
    take('c', 2, 'b');
    take('e', 3);
    for (const { heard } of [leader, early, late]) expect(heard).toEqual(['head', 'a', 'b', 'end ok']);
  });

  it('charges the one who asked, and tells the others what they saved', () => {
    const { leader, join, take } = begun();
    const joined = join();
    take('r', 0, '{}');
    expect(leader.ends[0]).toMatchObject({ tier: 'miss', paidNanoUsd: 70, savedNanoUsd: 30 });
    expect(joined.ends[0]).toMatchObject({ tier: 'coalesced', paidNanoUsd: 0, savedNanoUsd: 100 });
  });

  it('goes on for the others when the one who asked has left', () => {
    const { call, leading, leader, join, take } = begun();
    const joined = join();
    take('h', 0);
    call.remove(leading);
    take('c', 1, 'a');
    take('e', 2);
    expect(leader.heard).toEqual(['head']);
    expect(joined.heard).toEqual(['head', 'a', 'end ok']);
  });

  it('passes over parts that come twice, over either road', () => {
    const { leader, take } = begun();
    take('h', 0);
    take('h', 0);
    take('c', 1, 'a');
    take('c', 1, 'a');
    take('c', 2, 'b');
    take('c', 1, 'a');
    take('e', 3);
    take('e', 3);
    take('r', 0, 'late');
    expect(leader.heard).toEqual(['head', 'a', 'b', 'end ok']);
  });

  it('ends with an error when a part is missing: a client must not take a torn answer for a whole one', () => {
    const { leader, take, outcomes, call } = begun();
    take('h', 0);
    take('c', 1, 'a');
    take('c', 3, 'c');
    take('e', 4);
    expect(leader.heard).toEqual(['head', 'a']);
    expect(call.giveUpGap(Date.now() + 10_000)).toBe(true);
    expect(leader.heard).toEqual(['head', 'a', 'end stream_interrupted']);
    expect(outcomes.length).toBe(1);
    expect(outcomes[0]?.header.isStored).toBeUndefined();
  });

  it('ends with an error when the beginning is missing', () => {
    const { leader, take, call } = begun();
    take('c', 1, 'a');
    expect(call.giveUpGap(Date.now() + 10_000)).toBe(true);
    expect(leader.heard).toEqual(['whole json stream_interrupted']);
  });

  it('puts parts in order that overtook one another on two roads', () => {
    const { leader, take, call } = begun();
    take('h', 0);
    take('c', 2, 'b');
    take('e', 4);
    take('c', 1, 'a');
    expect(leader.heard).toEqual(['head', 'a', 'b']);
    take('c', 3, 'c');
    expect(leader.heard.slice(0, 4)).toEqual(['head', 'a', 'b', 'c']);
    expect(leader.heard.length).toBe(5);
    expect(call.giveUpGap(Date.now() + 10_000)).toBe(false);
  });

  it.each<[string, ReplyKind]>([
    ['begins', 'h'],
    ['ends', 'e'],
  ])('ends with an error when a second run %s after parts of the first were passed on', (_, kind) => {
    const { leader, take } = begun();
    take('h', 0);
    take('c', 1, 'a');
    take(kind, 0, '', 'a2');
    expect(leader.heard).toEqual(['head', 'a', 'end stream_interrupted']);
  });

  it('takes no chunk of a second run', () => {
    const { leader, take } = begun();
    take('h', 0);
    take('c', 1, 'x', 'a2');
    take('c', 1, 'a');
    take('e', 2);
    expect(leader.heard).toEqual(['head', 'a', 'end ok']);
  });

  it('ends with an error when a whole answer comes after a stream has begun', () => {
    const { leader, take } = begun();
    take('h', 0);
    take('r', 0, '{}', 'a2');
    expect(leader.heard).toEqual(['head', 'end stream_interrupted']);
  });

  it('tells everybody of a failure, once', () => {
    const { call, leader, join, outcomes } = begun();
    const joined = join();
    call.fail(new CostlaneError('upstream_error', 'no'));
    call.fail(new CostlaneError('internal', 'again'));
    expect([leader.heard, joined.heard]).toEqual([['whole json upstream_error'], ['whole json upstream_error']]);
    expect(outcomes.length).toBe(1);
  });

  it('a member that cannot take the answer holds up nobody else', () => {
    const { call, leader, join, take, outcomes } = begun();
    const fails = (): never => {
      throw new Error('this client is broken');
    };
    call.members.clear();
    call.add({ request: sampleRequest(), listener: { whole: fails, head: fails, chunk: fails, end: fails } });
    call.add({ request: sampleRequest({ requestId: 'req_2' }), listener: leader.listener });
    const joined = join();
    // Its failure is told to the one who brings the parts, who logs it.
    expect(() => take('h', 0)).toThrow('this client is broken');
    take('c', 1, 'a');
    take('e', 2);
    for (const { heard } of [leader, joined]) expect(heard).toEqual(['head', 'a', 'end ok']);
    expect(outcomes.length).toBe(1);
  });

  it('keeps a long stream no longer: nobody joins it then, it is not stored, and those who are there get all of it', () => {
    const { call, leader, take, outcomes } = begun();
    const patient = sampleRequest();
    take('h', 0);
    for (let seq = 1; seq <= 4; seq++) take('c', seq, Buffer.alloc(MEBIBYTE / 2, 'x'));
    expect(call.canJoin(patient)).toBe(true);
    take('c', 5, 'x');
    expect(call.canJoin(patient)).toBe(false);
    take('e', 6);
    expect(leader.heard.slice(1, -1).join('').length).toBe(2 * MEBIBYTE + 1);
    expect(outcomes[0]?.body).toBeUndefined();
  });

  it('cannot be joined when it is over, nor by one who could wait much longer than it may last', () => {
    const nowMs = Date.now();
    const { call, take } = begun(sampleRequest({ deadlineAtMs: nowMs + 10_000 }));
    expect(call.canJoin(sampleRequest({ deadlineAtMs: nowMs + 15_000 }))).toBe(true);
    expect(call.canJoin(sampleRequest({ deadlineAtMs: nowMs + 5_000 }))).toBe(true);
    expect(call.canJoin(sampleRequest({ deadlineAtMs: nowMs + 60_000 }))).toBe(false);
    take('r', 0, '{}');
    expect(call.canJoin(sampleRequest({ deadlineAtMs: nowMs + 5_000 }))).toBe(false);
  });

  it('asks for the body of the model that was chosen', () => {
    expect(begun().call.upstreamBody().toString()).toBe('{"model":"m-up"}');
  });

  it('of low priority cannot be joined by one that is in a hurry, and joins others itself', () => {
    const [idle, usual] = [begun(sampleRequest({ priority: 'batch' })).call, begun().call];
    expect(
      (['express', 'standard', 'batch'] as const).map((priority) => idle.canJoin(sampleRequest({ priority }))),
    ).toEqual([false, false, true]);
    expect(usual.canJoin(sampleRequest({ priority: 'batch' }))).toBe(true);
  });

  it('that follows another gateway’s costs nobody here anything', () => {
    const { call, leader, join, take } = begun();
    call.isFollowing = true;
    const joined = join();
    take('r', 0, '{}');
    for (const { ends } of [leader, joined])
      expect(ends[0]).toMatchObject({ tier: 'coalesced', paidNanoUsd: 0, savedNanoUsd: 100 });
  });
});

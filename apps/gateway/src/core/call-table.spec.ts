import { recordingListener, sampleDecision, sampleRequest } from '../testing/sample-request';
import { Call } from './call';
import { createCallTable, type CallTable } from './call-table';

describe('the table of calls', () => {
  let table: CallTable;
  let expired: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    expired = [];
    table = createCallTable({ onExpired: (call) => expired.push(call.requestId) });
  });
  afterEach(() => {
    table.stop();
    jest.useRealTimers();
  });

  function started(requestId: string, lifetimeMs: number, shareKey?: string) {
    const request = sampleRequest({ requestId, deadlineAtMs: Date.now() + lifetimeMs });
    const call = new Call(request, sampleDecision, () => undefined);
    const leader = recordingListener();
    call.add({ request, listener: leader.listener });
    table.add(call, shareKey);
    return { call, leader, request };
  }

  it('finds a call by its request and by what it asks, until it is removed', () => {
    const { call, request } = started('req_1', 1_000, 'key');
    expect([table.byRequestId('req_1'), table.toJoin('key', request)]).toEqual([call, call]);
    expect(table.toJoin('other', request)).toBeUndefined();
    table.remove(call);
    expect([table.byRequestId('req_1'), table.toJoin('key', request), table.size()]).toEqual([undefined, undefined, 0]);
  });

  it('offers nobody a call without a key', () => {
    const { request } = started('req_1', 1_000);
    expect(table.toJoin('', request)).toBeUndefined();
  });

  it('offers the newer of two calls that ask the same, also when the older one ends', () => {
    const first = started('req_1', 1_000, 'key');
    const second = started('req_2', 1_000, 'key');
    table.remove(first.call);
    expect(table.toJoin('key', second.request)).toBe(second.call);
  });

  it('ends a call at its deadline with an error, cancels it, and leaves others alone', () => {
    const short = started('req_short', 100, 'key');
    const long = started('req_long', 10_000);
    jest.advanceTimersByTime(90);
    expect(short.leader.heard).toEqual([]);
    jest.advanceTimersByTime(40);
    expect(short.leader.heard).toEqual(['whole json deadline_exceeded']);
    expect(expired).toEqual(['req_short']);
    expect(table.size()).toBe(1);
    expect(table.toJoin('key', long.request)).toBeUndefined();
    expect(long.leader.heard).toEqual([]);
  });

  it('tells each member at its own deadline, and cancels the call when the last one is over', () => {
    const { call, leader } = started('req_1', 100);
    const joined = recordingListener();
    call.add({ request: sampleRequest({ deadlineAtMs: Date.now() + 500 }), listener: joined.listener });
    jest.advanceTimersByTime(130);
    expect(leader.heard).toEqual(['whole json deadline_exceeded']);
    expect([joined.heard, expired]).toEqual([[], []]);
    jest.advanceTimersByTime(400);
    expect(joined.heard).toEqual(['whole json deadline_exceeded']);
    expect(expired).toEqual(['req_1']);
  });

  it('leaves a call that may be rescued a moment to fail by its provider’s word, and rescues it when none comes', async () => {
    const request = sampleRequest({ acceptsStale: true, deadlineAtMs: Date.now() + 100 });
    const settled: (string | undefined)[] = [];
    const call = new Call(
      request,
      sampleDecision,
      (_, { header }) => settled.push(header.errorCode),
      async ({ members }) => members.clear(),
    );
    const leader = recordingListener();
    call.add({ request, listener: leader.listener });
    table.add(call, undefined);
    jest.advanceTimersByTime(150);
    expect([table.byRequestId(request.requestId), expired]).toEqual([call, []]);
    await jest.advanceTimersByTimeAsync(150);
    expect([leader.heard, settled, expired, table.size()]).toEqual([[], ['deadline_exceeded'], [request.requestId], 0]);
  });

  it('does not let a call wait that nothing else could be given for', () => {
    const request = sampleRequest({ acceptsStale: true, useCache: false, deadlineAtMs: Date.now() + 100 });
    const call = new Call(
      request,
      sampleDecision,
      () => undefined,
      () => undefined,
    );
    const leader = recordingListener();
    call.add({ request, listener: leader.listener });
    table.add(call, undefined);
    jest.advanceTimersByTime(130);
    expect([leader.heard, table.size()]).toEqual([['whole json deadline_exceeded'], 0]);
  });

  it('keeps nothing running when it is stopped', () => {
    started('req_1', 100);
    table.stop();
    jest.advanceTimersByTime(1_000);
    expect(expired).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

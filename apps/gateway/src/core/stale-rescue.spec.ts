import { encodeReply } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { recordingListener, sampleDecision, sampleRequest } from '../testing/sample-request';
import { Call, type CallOutcome } from './call';
import { errorReply } from './error-reply';

const failure = () => new CostlaneError('circuit_open', 'no');

describe('a call that fails and may be rescued', () => {
  function callWith(rescue: (call: Call, outcome: CallOutcome) => Promise<void> | undefined) {
    const settled: (string | undefined)[] = [];
    const call = new Call(sampleRequest(), sampleDecision, (_, { header }) => settled.push(header.errorCode), rescue);
    const heard = recordingListener();
    const member = { request: sampleRequest(), listener: heard.listener };
    call.add(member);
    return { call, member, settled, heard: heard.heard };
  }

  it('tells nobody of its failure whom the rescue took out, and is over once', async () => {
    const rescued = callWith(async (call) => void [...call.members].forEach((member) => call.remove(member)));
    rescued.call.fail(failure());
    expect([rescued.settled, rescued.call.isSettled]).toEqual([[], false]);
    await new Promise(setImmediate);
    expect([rescued.settled, rescued.heard]).toEqual([['circuit_open'], []]);
  });

  it('tells its failure when there is nothing else, or the rescue itself fails', async () => {
    for (const rescue of [async () => undefined, () => Promise.reject(new Error('broken'))]) {
      const { call, heard, settled } = callWith(rescue);
      call.fail(failure());
      await new Promise(setImmediate);
      expect([heard, settled]).toEqual([['whole json circuit_open'], ['circuit_open']]);
    }
  });

  it('is not put off by its failure coming a second time, over another road', async () => {
    const { call, settled } = callWith(async (each) => void [...each.members].forEach((member) => each.remove(member)));
    const value = encodeReply(errorReply(failure(), sampleDecision).header);
    for (let round = 0; round < 2; round++) call.take({ kind: 'r', attempt: 'a', seq: 0, requestId: 'req_1', value });
    expect(settled).toEqual([]);
    await new Promise(setImmediate);
    expect(settled).toEqual(['circuit_open']);
  });

  it('fails at once where the rescue has nothing to do, and when its time runs out meanwhile', async () => {
    const without = callWith(() => undefined);
    without.call.fail(failure());
    expect(without.settled).toEqual(['circuit_open']);
    let end: () => void = () => undefined;
    const slow = callWith(() => new Promise((resolve) => (end = resolve)));
    slow.call.fail(failure());
    slow.call.fail(new CostlaneError('deadline_exceeded', 'late'));
    expect(slow.settled).toEqual(['deadline_exceeded']);
    end();
    await new Promise(setImmediate);
    expect([slow.settled, slow.heard]).toEqual([['deadline_exceeded'], ['whole json deadline_exceeded']]);
  });
});

import type { GatewayNote, ReplyItem } from '@costlane/lanes';
import type { CachedAnswer } from '@costlane/response-store';
import { recordingListener, sampleDecision, sampleRequest } from '../../testing/sample-request';
import { header } from '../../testing/scripted-inference';
import { Call, type CallOutcome } from '../call';
import { createCallTable, type CallTable } from '../call-table';
import { createRelays, type JoinNote, type Relays } from './relays';

const note = (rest: Partial<JoinNote> = {}): JoinNote => ({
  kind: 'join',
  from: 'g2',
  relay: '~0',
  requestId: 'req_2',
  leaderRequestId: 'req_1',
  tenantId: 'acme',
  form: 'w',
  fingerprint: 'f00',
  deadlineAtMs: Date.now() + 60_000,
  priority: 'standard',
  ...rest,
});

describe('calls that a gateway passes on', () => {
  let calls: CallTable;
  let relays: Relays;
  let said: { to: string; note: GatewayNote }[];
  let sent: ReplyItem[];
  let counted: string[];
  let kept: CachedAnswer | undefined;
  let outcomes: CallOutcome[];

  beforeEach(() => {
    [said, sent, counted, outcomes] = [[], [], [], []];
    kept = undefined;
    calls = createCallTable({ onExpired: () => undefined });
    relays = createRelays({
      gatewayId: 'g1',
      calls,
      memory: { get: (tenantId, fingerprint) => (`${tenantId} ${fingerprint}` === 'acme f00' ? kept : undefined) },
      notes: { say: (to, one) => said.push({ to, note: one }) },
      send: (item) => sent.push(item),
      leave: (call, member) => call.remove(member),
      count: (outcome) => counted.push(outcome),
    });
  });
  afterEach(() => calls.stop());

  function begun(rest: Parameters<typeof sampleRequest>[0] = {}) {
    const call = new Call(sampleRequest(rest), sampleDecision, (_, outcome) => outcomes.push(outcome));
    call.add({ request: call.leader, listener: recordingListener().listener });
    calls.add(call, undefined);
    return call;
  }
  const answer: CachedAnswer = {
    header: {
      v: 1,
      form: 'sse',
      provider: 'mock',
      modelAsked: 'm',
      modelUsed: 'm-up',
      baselineNanoUsd: 100,
      askedAtMs: 0,
      createdAtMs: 0,
    },
    body: Buffer.from('data: 1\n\n'),
  };
  const kinds = (): string[] => sent.map(({ field }) => field.slice(0, 1));
  const words = (): string[] => said.map(({ note: one }) => one.kind);

  it('say so before the first part', () => {
    const call = begun();
    call.take({
      kind: 'h',
      attempt: 'a',
      seq: 0,
      requestId: 'req_1',
      value: Buffer.from(JSON.stringify(header()) + '\n'),
    });
    relays.join(note());
    expect(said).toEqual([{ to: 'g2', note: { kind: 'joined', from: 'g1', relay: '~0' } }]);
    expect([kinds(), counted, relays.size()]).toEqual([['h'], ['relayed'], 1]);
  });

  it.each([
    ['of another tenant', { tenantId: 'other' }],
    ['of another question', { fingerprint: 'f01' }],
    ['of another form', { form: 's' }],
    ['that is not there', { leaderRequestId: 'req_9' }],
    ['that ends long before the follower has to', { deadlineAtMs: Date.now() + 600_000 }],
  ])('are never one %s', (_, rest) => {
    const call = begun();
    relays.join(note(rest));
    expect([words(), counted, call.members.size]).toEqual([['gone'], ['refused'], 1]);
  });

  it.each([
    ['opted out of sharing', { useCache: false }],
    ['can wait, as the follower cannot', { priority: 'batch' as const }],
    ['has an idempotency key', { idempotency: { keyHash: 'k', bodyHash: 'b' } }],
  ])('are never one whose leader %s', (_, rest) => {
    const call = begun(rest);
    relays.join(note());
    expect([words(), call.members.size]).toEqual([['gone'], 1]);
  });

  it('that are over are given from memory, to the tenant whose they are', () => {
    kept = answer;
    relays.join(note());
    expect([kinds(), words(), counted]).toEqual([['r'], [], ['given']]);
    relays.join(note({ tenantId: 'other' }));
    expect([kinds(), words()]).toEqual([['r'], ['gone']]);
  });

  it('are named to each follower as long as they go on', () => {
    const call = begun();
    relays.join(note());
    relays.join(note({ relay: '~1', requestId: 'req_3' }));
    relays.join(note({ from: 'g3' }));
    said.length = 0;
    relays.beat();
    expect(said).toEqual([
      { to: 'g2', note: { kind: 'alive', from: 'g1', relays: ['~0', '~1'] } },
      { to: 'g3', note: { kind: 'alive', from: 'g1', relays: ['~0'] } },
    ]);
    call.take({
      kind: 'r',
      attempt: 'a',
      seq: 0,
      requestId: 'req_1',
      value: Buffer.from(JSON.stringify(header()) + '\n'),
    });
    said.length = 0;
    relays.beat();
    expect([kinds(), said, relays.size()]).toEqual([['r', 'r', 'r'], [], 0]);
  });

  it('are given up, and that is said, when Redis lost a part of one', () => {
    const call = begun();
    relays.join(note());
    relays.join(note({ from: 'g3' }));
    relays.lost([{ requestId: 'req_2', replyTo: 'g2', field: 'c~0.1:req_2', value: Buffer.from('a') }]);
    expect(said.at(-1)).toEqual({ to: 'g2', note: { kind: 'gone', from: 'g1', relay: '~0' } });
    expect([relays.size(), call.members.size]).toEqual([1, 2]);
    call.take({
      kind: 'r',
      attempt: 'a',
      seq: 0,
      requestId: 'req_1',
      value: Buffer.from(JSON.stringify(header()) + '\n'),
    });
    expect(sent.map(({ replyTo }) => replyTo)).toEqual(['g3']);
  });

  it('lose the member whose follower leaves; one that never joined is no matter', () => {
    const call = begun();
    relays.join(note());
    relays.leave('g2', '~9');
    expect(call.members.size).toBe(2);
    relays.leave('g2', '~0');
    expect([call.members.size, relays.size()]).toEqual([1, 0]);
  });

  it('do not outlive the leader’s deadline, which the provider was asked under', () => {
    const call = begun({ deadlineAtMs: Date.now() + 50_000 });
    relays.join(note({ deadlineAtMs: Date.now() + 90_000 }));
    expect(call.deadlineAtMs).toBe(call.leader.deadlineAtMs);
  });

  it('take no more followers before a stop, and tell those they have at the stop', () => {
    const call = begun();
    kept = answer;
    relays.join(note());
    relays.refuse();
    relays.join(note({ from: 'g3' }));
    expect(said.map(({ to, note: one }) => [to, one.kind])).toEqual([
      ['g2', 'joined'],
      ['g3', 'gone'],
    ]);
    relays.stop();
    expect([said.at(-1)?.to, words().at(-1), call.members.size]).toEqual(['g2', 'gone', 1]);
  });
});

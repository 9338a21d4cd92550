import { EventEmitter } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { PolicyAck, PolicyUpdate } from '@costlane/contracts';
import type { RoutingPolicy } from '@costlane/domain';
import { createLogger, createMetrics } from '@costlane/platform';
import { testServed } from '../testing/test-models';
import { buildPolicy } from './build-policy';
import { createPolicySubscribers } from './policy-subscribers';

/** A stream whose congestion a test controls. */
class FakeCall extends EventEmitter {
  readonly written: PolicyUpdate[] = [];
  isCongested = false;
  isEnded = false;

  write(update: PolicyUpdate): boolean {
    this.written.push(update);
    return !this.isCongested;
  }

  end(): void {
    this.isEnded = true;
  }

  ack(appliedVersion: string): void {
    this.emit('data', { subscriber: 'gateway/1', appliedVersion, health: [] } satisfies PolicyAck);
  }

  drain(): void {
    this.isCongested = false;
    this.emit('drain');
  }

  summary() {
    return this.written.map(({ baseVersion, version, upsertedModels, removedModels }) => ({
      step: `${baseVersion}>${version}`,
      upserted: upsertedModels.map(({ name }) => name),
      removed: removedModels,
    }));
  }
}

const policy = (version: string, ...names: string[]): RoutingPolicy => ({
  version,
  ...buildPolicy({ served: testServed(...names.map((name) => ({ name }))), modelSwitches: new Map() }).content,
});

function setUp(version = '1') {
  let current = policy(version, 'a');
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics({ service: 'test' });
  const subject = createPolicySubscribers({ current: () => current, logger, metrics });
  const call = new FakeCall();
  subject.watchPolicy(call as unknown as ServerDuplexStream<PolicyAck, PolicyUpdate>);
  const publish = (next: RoutingPolicy) => {
    current = next;
    subject.publish();
  };
  return { subject, call, publish };
}

describe('policy subscribers', () => {
  it('sends nothing before a subscriber has said what it has', () => {
    const { call, publish } = setUp();
    publish(policy('2', 'b'));
    expect(call.written).toEqual([]);
    call.ack('');
    expect(call.summary()).toEqual([{ step: '>2', upserted: ['b'], removed: [] }]);
  });

  it('sends nothing while there is no policy, and the full one once there is', () => {
    const { call, publish } = setUp('');
    call.ack('');
    call.ack('');
    publish(policy('', 'a'));
    expect(call.written).toEqual([]);
    publish(policy('1', 'a'));
    expect(call.summary()).toEqual([{ step: '>1', upserted: ['a'], removed: [] }]);
  });

  it('sends the full policy to one that comes with a version of the past', () => {
    const { call } = setUp();
    call.ack('0-of-another-life');
    expect(call.summary()).toEqual([{ step: '>1', upserted: ['a'], removed: [] }]);
  });

  it('sends one delta over all that happened while a subscriber was slow', () => {
    const { call, publish } = setUp();
    call.isCongested = true;
    call.ack('');
    publish(policy('2', 'a', 'b'));
    publish(policy('3', 'b', 'c'));
    expect(call.written).toHaveLength(1);
    call.drain();
    expect(call.summary().slice(1)).toEqual([{ step: '1>3', upserted: ['b', 'c'], removed: ['a'] }]);
    call.drain();
    expect(call.written).toHaveLength(2);
  });

  it('does not take a late acknowledgement for a gap', () => {
    const { call, publish, subject } = setUp();
    call.ack('');
    publish(policy('2', 'b'));
    call.ack('1');
    expect(call.written).toHaveLength(2);
    expect(subject.states()).toEqual([{ subscriber: 'gateway/1', appliedVersion: '1', isCurrent: false }]);
    call.ack('2');
    expect(subject.states()[0]?.isCurrent).toBe(true);
  });

  it.each(['cancelled', 'end', 'error'])('forgets a subscriber when its stream is gone (%s)', (event) => {
    const { call, subject, publish } = setUp();
    call.ack('');
    call.emit(event, new Error('gone'));
    publish(policy('2', 'b'));
    expect(subject.states()).toEqual([]);
    expect(call.written).toHaveLength(1);
  });

  it('ends all streams when it is told to', () => {
    const { call, subject } = setUp();
    call.ack('');
    subject.endAll();
    expect(call.isEnded).toBe(true);
  });
});

import { createLogger, createMetrics } from '@costlane/platform';
import { testServed } from '../testing/test-models';
import { buildPolicy } from './build-policy';
import { createPolicyService } from './policy.service';

const logger = createLogger({ service: 'test', level: 'silent' });

function service() {
  let served = testServed({ name: 'a' });
  const build = () => buildPolicy({ served, modelSwitches: new Map() });
  const subject = createPolicyService({ build, logger, metrics: createMetrics({ service: 'test' }) });
  return { subject, serve: (...models: Parameters<typeof testServed>) => void (served = testServed(...models)) };
}

describe('policy service', () => {
  it('has a policy from the start', () => {
    const { subject } = service();
    expect(subject.current().version).toMatch(/^1-[0-9a-f]{16}$/);
    expect([...subject.current().models.keys()]).toEqual(['a']);
  });

  it('has none until it can be built', () => {
    let isKnown = false;
    const draft = () => buildPolicy({ served: testServed({ name: 'a' }), modelSwitches: new Map() });
    const build = () => (isKnown ? draft() : undefined);
    const subject = createPolicyService({ build, logger, metrics: createMetrics({ service: 'test' }) });
    const changed = jest.fn();
    subject.onChange(changed);
    subject.rebuild();
    expect(subject.current().version).toBe('');
    expect(changed).not.toHaveBeenCalled();
    isKnown = true;
    subject.rebuild();
    expect(subject.current().version).toMatch(/^1-/);
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('makes a new version of a change only', () => {
    const { subject, serve } = service();
    const first = subject.current();
    const changed = jest.fn();
    subject.onChange(changed);
    subject.rebuild();
    expect(subject.current()).toBe(first);
    serve({ name: 'a' }, { name: 'b' });
    subject.rebuild();
    expect(subject.current().version).toMatch(/^2-/);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(changed).toHaveBeenCalledWith(subject.current());
  });

  it('gives the same content another version when it comes back, so that a delta in between is never mistaken', () => {
    const { subject, serve } = service();
    const first = subject.current().version;
    serve({ name: 'b' });
    subject.rebuild();
    serve({ name: 'a' });
    subject.rebuild();
    expect(subject.current().version).not.toBe(first);
    expect(subject.current().version.split('-')[1]).toBe(first.split('-')[1]);
  });
});

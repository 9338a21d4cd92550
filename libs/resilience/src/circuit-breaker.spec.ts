import { CircuitBreaker, type CircuitState } from './circuit-breaker';

function createOpened() {
  const states: CircuitState[] = [];
  const breaker = new CircuitBreaker({
    failureThreshold: 3,
    openMs: 1_000,
    onStateChange: (state) => states.push(state),
  });
  for (let i = 0; i < 3; i++) breaker.record(breaker.admit(0), 'failure', 0);
  return { breaker, states };
}

describe('CircuitBreaker', () => {
  it('opens after so many failures in a row and says how long to stay away', () => {
    const { breaker, states } = createOpened();
    expect(states).toEqual(['open']);
    expect(breaker.admit(400)).toEqual({ isAdmitted: false, retryAfterMs: 600 });
  });

  it('starts counting again after a success, and does not count what says nothing', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 2 });
    const verdicts = ['failure', 'success', 'failure', 'neutral'] as const;
    for (const verdict of verdicts) breaker.record(breaker.admit(0), verdict, 0);
    expect(breaker.state).toBe('closed');
    breaker.record(breaker.admit(0), 'failure', 0);
    expect(breaker.state).toBe('open');
  });

  it('lets one probe through after the rest, and closes when it succeeds', () => {
    const { breaker, states } = createOpened();
    const probe = breaker.admit(1_000);
    expect(probe).toEqual({ isAdmitted: true, isProbe: true });
    expect(breaker.admit(1_000)).toMatchObject({ isAdmitted: false });
    breaker.record(probe, 'success', 1_050);
    expect(states).toEqual(['open', 'half-open', 'closed']);
    expect(breaker.admit(1_050)).toEqual({ isAdmitted: true, isProbe: false });
  });

  it('opens again for another rest when the probe fails', () => {
    const { breaker } = createOpened();
    breaker.record(breaker.admit(1_000), 'failure', 1_200);
    expect(breaker.admit(1_300)).toEqual({ isAdmitted: false, retryAfterMs: 900 });
    expect(breaker.admit(2_200)).toMatchObject({ isAdmitted: true, isProbe: true });
  });

  it('asks again with the next call when the probe said nothing', () => {
    const { breaker } = createOpened();
    breaker.record(breaker.admit(1_000), 'neutral', 1_001);
    expect(breaker.admit(1_002)).toMatchObject({ isAdmitted: true, isProbe: true });
  });

  it('takes a verdict from the beginning of an answer, and ignores the second one at its end', () => {
    const { breaker } = createOpened();
    const probe = breaker.admit(1_000);
    breaker.record(probe, 'success', 1_001);
    breaker.record(probe, 'failure', 1_002);
    expect(breaker.state).toBe('closed');
  });

  it('lets another probe through when the first one hangs, whose word then counts no more', () => {
    const { breaker } = createOpened();
    const hanging = breaker.admit(1_000);
    expect(breaker.admit(1_400)).toEqual({ isAdmitted: false, retryAfterMs: 600 });
    expect(breaker.wouldAdmit(2_000)).toBe(true);
    const probe = breaker.admit(2_000);
    expect(probe).toEqual({ isAdmitted: true, isProbe: true });
    breaker.record(hanging, 'failure', 2_010);
    expect(breaker.state).toBe('half-open');
    breaker.record(probe, 'success', 2_020);
    expect(breaker.state).toBe('closed');
    breaker.record(hanging, 'failure', 2_030);
    expect(breaker.state).toBe('closed');
  });

  it('lets calls that nobody else can answer probe early, but no more than four in a second', () => {
    const { breaker } = createOpened();
    const early = breaker.admitEarly(100);
    expect(early).toEqual({ isAdmitted: true, isProbe: true });
    expect(breaker.admitEarly(110)).toMatchObject({ isAdmitted: false });
    breaker.record(early, 'failure', 120);
    expect(breaker.admitEarly(300)).toMatchObject({ isAdmitted: false });
    const next = breaker.admitEarly(350);
    expect(next).toMatchObject({ isAdmitted: true });
    expect(breaker.admit(360)).toMatchObject({ isAdmitted: false });
    breaker.record(next, 'success', 360);
    expect(breaker.state).toBe('closed');
    expect(breaker.admitEarly(370)).toEqual({ isAdmitted: true, isProbe: false });
  });

  it('is not moved by calls that began before it opened', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, openMs: 1_000 });
    const early = breaker.admit(0);
    breaker.record(breaker.admit(0), 'failure', 0);
    breaker.record(early, 'success', 10);
    expect(breaker.state).toBe('open');
  });

  it('says whether it would let a call through without taking the place of a probe', () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, openMs: 1_000 });
    expect(breaker.wouldAdmit(0)).toBe(true);
    expect(breaker.retryAfterMs(0)).toBe(0);
    breaker.record(breaker.admit(0), 'failure', 0);
    expect(breaker.wouldAdmit(999)).toBe(false);
    expect(breaker.retryAfterMs(400)).toBe(600);
    expect(breaker.wouldAdmit(1_000)).toBe(true);
    expect(breaker.admit(1_000)).toEqual({ isAdmitted: true, isProbe: true });
    expect(breaker.wouldAdmit(1_000)).toBe(false);
  });
});

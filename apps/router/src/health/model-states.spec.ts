import { ModelHealthMessage } from '@costlane/contracts';
import { createModelStates } from './model-states';

const model = { provider: 'openai', upstreamModel: 'gpt-4o' };
const told = (more: Partial<ModelHealthMessage> = {}): ModelHealthMessage =>
  ModelHealthMessage.create({ provider: 'openai', model: 'gpt-4o', ...more });

describe('the state of models over all workers', () => {
  it('a model that nobody has told of is healthy, its speed unknown', () => {
    expect(createModelStates().stateOf(model)).toEqual({ isBreakerOpen: false });
  });

  it('is open when more than half of those who asked it say so', () => {
    const states = createModelStates();
    states.report('w1', [told({ isBreakerOpen: true })]);
    expect(states.stateOf(model).isBreakerOpen).toBe(true);
    states.report('w2', [told()]);
    expect(states.stateOf(model).isBreakerOpen).toBe(false);
    states.report('w3', [told({ isBreakerOpen: true })]);
    expect(states.stateOf(model).isBreakerOpen).toBe(true);
    expect(states.stateOf({ ...model, upstreamModel: 'gpt-4o-mini' }).isBreakerOpen).toBe(false);
  });

  it('forgets a worker that has gone', () => {
    let nowMs = 0;
    const states = createModelStates({ now: () => nowMs });
    states.report('w1', [told({ isBreakerOpen: true })]);
    nowMs = 15_001;
    expect(states.stateOf(model).isBreakerOpen).toBe(false);
  });

  it('a worker’s word replaces what it said before', () => {
    const states = createModelStates();
    states.report('w1', [told({ isBreakerOpen: true })]);
    states.report('w1', []);
    expect(states.stateOf(model).isBreakerOpen).toBe(false);
  });

  it('speeds are medians, and small changes are none', () => {
    const states = createModelStates();
    states.report('w1', [told({ firstTokenP50Ms: 300, tokensPerSecond: 80 })]);
    states.report('w2', [told({ firstTokenP50Ms: 310, tokensPerSecond: 82 })]);
    states.report('w3', [told({ firstTokenP50Ms: 5_000, tokensPerSecond: 2 })]);
    const { speed } = states.stateOf(model);
    expect(speed?.firstTokenMs).toBeGreaterThan(280);
    expect(speed?.firstTokenMs).toBeLessThan(340);
    states.report('w2', [told({ firstTokenP50Ms: 312, tokensPerSecond: 81 })]);
    expect(states.stateOf(model).speed).toEqual(speed);
  });
});

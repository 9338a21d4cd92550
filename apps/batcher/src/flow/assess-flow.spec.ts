import { assessFlow } from './assess-flow';

describe('assessFlow', () => {
  it('lets work go straight to a provider that has idle capacity', () => {
    expect(assessFlow([{ provider: 'mock', jobs: 10, places: 100 }], 0, 0.8)).toEqual({ direct: ['mock'], room: 90 });
  });

  it('sends work past the batcher once the share is used up', () => {
    expect(assessFlow([{ provider: 'mock', jobs: 80, places: 100 }], 0, 0.8)).toEqual({ direct: [], room: 20 });
  });

  it('lets nobody overtake what waits in a lane', () => {
    expect(assessFlow([{ provider: 'mock', jobs: 0, places: 100 }], 101, 0.8).direct).toEqual([]);
  });

  it('does not take a job on its way through a lane for one that waits', () => {
    expect(assessFlow([{ provider: 'mock', jobs: 0, places: 100 }], 5, 0.8).direct).toEqual(['mock']);
  });

  it('offers no room at a provider without workers', () => {
    expect(assessFlow([{ provider: 'mock', jobs: 0, places: 0 }], 0, 0.8)).toEqual({ direct: [], room: 0 });
  });

  it('sends work past the batcher once a model has as good as all that it takes in flight', () => {
    const loads = [{ provider: 'mock', jobs: 10, places: 100, crowding: 0.9 }];
    expect(assessFlow(loads, 0, 0.8)).toEqual({ direct: [], room: 90 });
  });

  it('judges each provider by its own load', () => {
    const loads = [
      { provider: 'openai', jobs: 99, places: 100 },
      { provider: 'mock', jobs: 1, places: 100 },
    ];
    expect(assessFlow(loads, 0, 0.8)).toEqual({ direct: ['mock'], room: 99 });
  });
});

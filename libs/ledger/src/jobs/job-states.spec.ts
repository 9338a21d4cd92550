import fc from 'fast-check';
import {
  hasJobEnded,
  jobEvents,
  jobStates,
  nextJobState,
  openItems,
  statesThatTake,
  type JobCounts,
  type JobEvent,
  type JobState,
} from './job-states';

const anyCounts: fc.Arbitrary<JobCounts> = fc
  .record({ succeeded: fc.nat(5), failed: fc.nat(5), cancelled: fc.nat(5), expired: fc.nat(5), open: fc.nat(5) })
  .map(({ open, ...ended }) => ({
    ...ended,
    total: ended.succeeded + ended.failed + ended.cancelled + ended.expired + open,
  }));
const done: JobCounts = { total: 2, succeeded: 1, failed: 1, cancelled: 0, expired: 0 };

describe('job states', () => {
  it('a job runs, is finalized and completes, some of its items failed or not', () => {
    const events: JobEvent[] = ['start', 'items_ended', 'finish'];
    const states = events.reduce<JobState[]>(
      (seen, event) => [...seen, nextJobState(seen.at(-1) as JobState, event, done) as JobState],
      ['queued'],
    );
    expect(states).toEqual(['queued', 'running', 'finalizing', 'completed']);
  });

  it('a job with items that ran out of time has expired; one that is cancelled is so whatever its items', () => {
    expect(nextJobState('finalizing', 'finish', { ...done, failed: 0, expired: 1 })).toBe('expired');
    expect(nextJobState('cancelling', 'finish', done)).toBe('cancelled');
  });

  it('no job ends as done while an item is open', () => {
    fc.assert(
      fc.property(fc.constantFrom(...jobStates), fc.constantFrom(...jobEvents), anyCounts, (state, event, counts) => {
        const next = nextJobState(state, event, counts);
        if (next === undefined || openItems(counts) === 0) return;
        expect(['completed', 'cancelled', 'expired', 'finalizing']).not.toContain(next);
      }),
    );
  });

  it('what has ended stays so, but for a retry; a cancelled or failed job never comes back', () => {
    fc.assert(
      fc.property(fc.constantFrom(...jobStates), fc.constantFrom(...jobEvents), anyCounts, (state, event, counts) => {
        if (!hasJobEnded(state)) return;
        const next = nextJobState(state, event, counts);
        if (event !== 'retry' || state === 'cancelled' || state === 'failed') expect(next).toBeUndefined();
        else expect(next).toBe('queued');
      }),
    );
  });

  it('any order of events leads to an end once items end and nobody interferes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...jobEvents)), anyCounts, (events, counts) => {
        let state: JobState = 'queued';
        for (const event of events) state = nextJobState(state, event, counts) ?? state;
        for (const event of ['start', 'items_ended', 'finish'] as const)
          state = nextJobState(state, event, { ...counts, total: counts.total - openItems(counts) }) ?? state;
        expect(hasJobEnded(state)).toBe(true);
      }),
    );
  });

  it('the states that take an event are those with a way on', () => {
    expect(statesThatTake('cancel')).toEqual(['queued', 'running']);
    expect(statesThatTake('retry')).toEqual(['running', 'completed', 'expired']);
  });
});

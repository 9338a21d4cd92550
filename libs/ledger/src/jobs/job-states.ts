export const jobStates = [
  'queued',
  'running',
  'finalizing',
  'completed',
  'failed',
  'cancelling',
  'cancelled',
  'expired',
] as const;
export type JobState = (typeof jobStates)[number];

/**
 * What happens to a job. `start`: a runner takes it up, again after a crash. `items_ended`: nothing is open any more. `finish`: what was to
 * be made of its results is made. `retry`: some of its items are to be tried once more.
 */
export const jobEvents = ['start', 'items_ended', 'finish', 'cancel', 'fail', 'retry'] as const;
export type JobEvent = (typeof jobEvents)[number];

/** Items by their end; what is missing from `total` is open. */
export interface JobCounts {
  total: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  expired: number;
}

export const openItems = (counts: JobCounts): number =>
  counts.total - counts.succeeded - counts.failed - counts.cancelled - counts.expired;

const lastStates: ReadonlySet<JobState> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** Whether nothing happens to a job in this state by itself any more. */
export const hasJobEnded = (state: JobState): boolean => lastStates.has(state);

type Moves = Partial<Record<JobEvent, (counts: JobCounts) => JobState | undefined>>;

const to = (state: JobState) => (): JobState => state;
const whenAllEnded =
  (state: (counts: JobCounts) => JobState) =>
  (counts: JobCounts): JobState | undefined =>
    openItems(counts) === 0 ? state(counts) : undefined;

const moves: Record<JobState, Moves> = {
  queued: { start: to('running'), cancel: to('cancelling'), fail: to('failed') },
  running: {
    start: to('running'),
    items_ended: whenAllEnded(() => 'finalizing'),
    cancel: to('cancelling'),
    fail: to('failed'),
    retry: to('running'),
  },
  finalizing: {
    finish: whenAllEnded(({ expired }) => (expired > 0 ? 'expired' : 'completed')),
    fail: to('failed'),
  },
  cancelling: { finish: whenAllEnded(() => 'cancelled'), fail: to('failed') },
  completed: { retry: to('queued') },
  expired: { retry: to('queued') },
  failed: {},
  cancelled: {},
};

/**
 * The state after an event, or undefined where the event has no place: the job then stays as it is. A job whose items all failed has
 * completed; `failed` is one that could not be run at all.
 */
export function nextJobState(state: JobState, event: JobEvent, counts: JobCounts): JobState | undefined {
  return moves[state][event]?.(counts);
}

/** States in which an event has a place, whatever the counts. */
export const statesThatTake = (event: JobEvent): JobState[] =>
  jobStates.filter((state) => moves[state][event] !== undefined);

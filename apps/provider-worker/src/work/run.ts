import type { Job, JobHeader } from '@costlane/contracts';
import { Cancellation } from '@costlane/resilience';

/** A job under way in this worker, and the requests that its answer is for. */
export interface Run {
  /** As it is run: its header has the latest deadline of those who wait, and no followers. */
  readonly job: Job;
  /** Requests that the answer serves besides the job's own. */
  readonly followers: readonly JobHeader[];
  /** Ids of those whose clients are still there; when the last one goes the provider is told to stop. */
  readonly wantedBy: Set<string>;
  readonly cancellation: Cancellation;
  /** Where it was read from; absent while it came over the degraded road alone. */
  entry?: { stream: string; id: string };
  deliveredCharacters: number;
  hasNewProgress: boolean;
  /** Wake the provider's streams that were asked to pause. */
  readonly resume: (() => void)[];
}

/** A job's own header and its followers'. */
export function membersOf(header: JobHeader): JobHeader[] {
  const { followers } = header;
  return followers ? [{ ...header, followers: undefined }, ...followers.flatMap(membersOf)] : [header];
}

/**
 * Begins a run for the given members of a job. The first one who still waits and has time left leads: it is the one who pays. Those who had
 * gone by then do not hold the others up, and have their settlement at the end with the others.
 */
export function newRun(
  job: Job,
  members: readonly JobHeader[],
  entry: Run['entry'],
  { isCancelled, nowMs }: { isCancelled: (requestId: string) => boolean; nowMs: number },
): Run {
  const waiting = members.filter(({ requestId }) => !isCancelled(requestId));
  const own = members.length === 1 && members[0] === job.header ? job.header : undefined;
  const leader = own ?? waiting.find(({ deadlineAtMs }) => deadlineAtMs > nowMs) ?? waiting[0] ?? members[0];
  if (!leader) throw new RangeError('a run needs somebody to run for');
  return {
    job: leader === own ? job : { ...job, header: patientHeader(leader, job.header, waiting) },
    followers: members.filter(({ requestId }) => requestId !== leader.requestId),
    wantedBy: new Set(waiting.map(({ requestId }) => requestId)),
    entry,
    cancellation: new Cancellation(),
    deliveredCharacters: 0,
    hasNewProgress: false,
    resume: [],
  };
}

/**
 * Nobody's deadline may cut the others off. A slow and cheap service tier is for those who have all said that they can wait. The body stays that of the job,
 * so what is expected of its answer does too; where the leader asked in other words the answer is not kept as that to its question.
 */
function patientHeader(leader: JobHeader, asked: JobHeader, waiting: readonly JobHeader[]): JobHeader {
  const deadlines = waiting.map(({ deadlineAtMs }) => deadlineAtMs);
  const isPatient =
    waiting.every(({ isDeadlineExplicit }) => isDeadlineExplicit) && isLike(deadlines, leader.createdAtMs);
  return {
    ...leader,
    deadlineAtMs: Math.max(leader.deadlineAtMs, ...deadlines),
    isDeadlineExplicit: isPatient ? leader.isDeadlineExplicit : undefined,
    fingerprint: leader.fingerprint === asked.fingerprint ? leader.fingerprint : undefined,
    promptRetentionDays: leader.promptHash === asked.promptHash ? leader.promptRetentionDays : undefined,
    confidence: asked.confidence,
  };
}

/** The shortest one has at least half the time of the longest. */
const isLike = (deadlinesMs: readonly number[], sinceMs: number): boolean =>
  Math.min(...deadlinesMs) - sinceMs >= (Math.max(...deadlinesMs) - sinceMs) / 2;

/** The runs of a worker, by every request that waits for one. */
export class RunTable {
  private readonly runs = new Set<Run>();
  private readonly byRequest = new Map<string, Run>();

  get size(): number {
    return this.runs.size;
  }

  all(): Iterable<Run> {
    return this.runs;
  }

  of(requestId: string): Run | undefined {
    return this.byRequest.get(requestId);
  }

  add(run: Run): void {
    this.runs.add(run);
    for (const requestId of requestsOf(run)) this.byRequest.set(requestId, run);
  }

  remove(run: Run): void {
    this.runs.delete(run);
    for (const requestId of requestsOf(run))
      if (this.byRequest.get(requestId) === run) this.byRequest.delete(requestId);
  }
}

/** Ids of all requests that a run answers. */
export const requestsOf = ({ job, followers }: Run): string[] => [
  job.header.requestId,
  ...followers.map(({ requestId }) => requestId),
];

import { encodePayload, type JobHeader } from '@costlane/contracts';
import type { LaneWork } from './lane-work';

/**
 * Fields of the one entry for several jobs: the first one's, whose header names the others. Its deadline is the latest of theirs, so that nobody loses an answer
 * to another one's haste; where a caller has said how much time there is, the earliest, for the worker chooses the pace of the service by it.
 */
export function sharedFields(works: readonly LaneWork[]): (Buffer | string)[] {
  const [leader, ...followers] = works;
  if (!leader) throw new RangeError('a shared entry has at least one job');
  const { header, body } = leader.decode();
  const deadlinesMs = works.map(({ deadlineAtMs }) => deadlineAtMs);
  const shared: JobHeader = {
    ...header,
    deadlineAtMs: header.isDeadlineExplicit ? Math.min(...deadlinesMs) : Math.max(...deadlinesMs),
    // What the answer has to be is equal for all of them, and may be long: it is said once.
    followers: followers.map((follower) => ({ ...follower.decode().header, confidence: undefined })),
  };
  const payload = encodePayload(shared, body);
  const { fields } = leader.entry;
  return fields.map((field, at) => (at % 2 === 1 && fields[at - 1]?.toString() === 'payload' ? payload : field));
}

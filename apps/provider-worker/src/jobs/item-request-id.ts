import type { JobRef } from '@costlane/ledger';

/**
 * The request that an item of a job is, in records and headers: the same when it is asked again because nobody answered, another one when
 * the answer was a failure, which is on record by then.
 */
export const itemRequestId = ({ jobId }: Pick<JobRef, 'jobId'>, index: number, tries = 0): string =>
  tries === 0 ? `${jobId}-${index}` : `${jobId}-${index}-${tries}`;

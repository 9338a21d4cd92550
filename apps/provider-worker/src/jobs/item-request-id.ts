import type { JobRef } from '@costlane/ledger';

/** The request that an item of a job is, in records and headers: the same each time that it is asked. */
export const itemRequestId = ({ jobId }: Pick<JobRef, 'jobId'>, index: number): string => `${jobId}-${index}`;

import { decodePayload, type Job, type Priority } from '@costlane/contracts';
import { createEntryConsumer, type EntryConsumer, type EntryConsumerOptions } from './consume-entries';
import { fieldValue, type StreamEntry } from './consumer-group';

/** A job as a consumer gets it, with what is needed to end it. */
export interface ReceivedJob {
  entry: { stream: string; id: string };
  job: Job;
  deliveries: number;
}

export type JobConsumer = EntryConsumer;

export interface JobConsumerOptions extends Omit<EntryConsumerOptions, 'onEntry'> {
  /** May get an entry again that it has or had: after a lost connection and after a crash. */
  onJob: (received: ReceivedJob, fields: Buffer[]) => void;
  /** An entry that is no job. It has to be ended, or it comes again. */
  onUnreadable: (entry: StreamEntry, error: unknown) => void;
}

/** Takes jobs from streams as member of a consumer group; entries of members that died are claimed. At least once. */
export function createJobConsumer({ onJob, onUnreadable, ...options }: JobConsumerOptions): JobConsumer {
  return createEntryConsumer({
    ...options,
    onEntry(entry, deliveries) {
      try {
        onJob({ entry, job: readJob(entry.fields), deliveries }, entry.fields);
      } catch (error) {
        onUnreadable(entry, error);
      }
    },
  });
}

function readJob(fields: readonly Buffer[]): Job {
  const payload = fieldValue(fields, 'payload');
  if (!payload) throw new Error('the entry has no payload');
  const { header, body } = decodePayload(payload);
  return {
    taskType: 'inference.complete',
    priority: (fieldValue(fields, 'priority')?.toString() ?? 'standard') as Priority,
    idempotencyKey: fieldValue(fields, 'idempotency_key')?.toString() ?? header.requestId,
    createdAt: fieldValue(fields, 'created_at')?.toString() ?? '',
    header,
    body,
  };
}

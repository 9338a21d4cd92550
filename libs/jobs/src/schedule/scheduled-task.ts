import type { Schedule } from '../queue/job-queue';

/** Something that is done again and again, by one of all instances at a time. */
export interface ScheduledTask {
  /** Also the label of its metrics. */
  name: string;
  schedule: Schedule;
  /** A run that takes longer is aborted through its signal, and counted as failed; the next one comes at its time. */
  timeoutMs: number;
  /** Has to bear being repeated, being begun twice and being cut off anywhere. */
  run(signal: AbortSignal): Promise<void>;
}

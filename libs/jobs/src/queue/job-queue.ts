export interface QueueTask<Payload> {
  /** A task that waits or runs under the same id makes this one superfluous: nothing is added. */
  id: string;
  payload: Payload;
  /** Not to be begun before; default 0. */
  delayMs?: number;
}

/** What a handler says: there is no more to do, or the task has to come round again. */
export type TaskOutcome = 'done' | { againInMs: number };

export type TaskHandler<Payload> = (payload: Payload, signal: AbortSignal) => Promise<TaskOutcome>;

/** At fixed distances, or as `cron` says (five or six fields) in a time zone (default UTC). */
export type Schedule = { everyMs: number } | { cron: string; timeZone?: string };

export interface WorkOptions {
  /** Tasks at a time in this process. */
  concurrency: number;
}

export interface QueueWorker {
  /** Takes no more tasks, aborts the signal of those that run, and resolves when they have ended. */
  close(): Promise<void>;
}

export interface QueueSize {
  waiting: number;
  active: number;
  delayed: number;
}

/**
 * Tells some worker, soon, that there is something to do. Nothing here is the truth: a task may be lost with the queue's memory, or come
 * twice, and whoever relies on it has to look for what was forgotten.
 */
export interface JobQueue<Payload> {
  /** Throws while the queue is out of reach. */
  enqueue(tasks: readonly QueueTask<Payload>[]): Promise<void>;
  /** Adds a task again and again; under the name of a schedule that is there, replaces it. */
  schedule(name: string, schedule: Schedule, payload: Payload): Promise<void>;
  unschedule(name: string): Promise<void>;
  /** A handler that throws is called again, later. */
  work(handler: TaskHandler<Payload>, options: WorkOptions): QueueWorker;
  size(): Promise<QueueSize>;
  /** Ids of tasks that wait for a worker, and not for their time: up to so many that have waited longest, and those that came last. */
  waiting(most: number): Promise<string[]>;
  /** Ends its workers, too. */
  close(): Promise<void>;
}

/** Work that is done a little at a time, between what others want from the event loop. */
export interface Background {
  /** Runs a task to its end; each step of it should take microseconds. A task that throws is dropped and reported. */
  run(task: Iterator<unknown>): void;
  /** Resolves when nothing is left to do. */
  settled(): Promise<void>;
  /** Drops what is left. */
  close(): void;
}

export interface BackgroundOptions {
  /** How long it works before it lets others have the event loop. */
  sliceMs: number;
  onError: (error: unknown) => void;
}

export function createBackground({ sliceMs, onError }: BackgroundOptions): Background {
  let tasks: Iterator<unknown>[] = [];
  let waiting: (() => void)[] = [];
  let scheduled: NodeJS.Immediate | undefined;

  const step = (task: Iterator<unknown>): boolean => {
    try {
      return task.next().done === true;
    } catch (error) {
      onError(error);
      return true;
    }
  };
  const work = (): void => {
    scheduled = undefined;
    const endsAt = performance.now() + sliceMs;
    while (tasks.length > 0 && performance.now() < endsAt) {
      const [task] = tasks;
      if (task && step(task)) tasks = tasks.filter((other) => other !== task);
    }
    schedule();
  };
  const schedule = (): void => {
    if (tasks.length > 0) {
      scheduled ??= setImmediate(work);
      // Not a reason for the process to stay, unless somebody waits for the end.
      if (waiting.length === 0) scheduled.unref();
      else scheduled.ref();
      return;
    }
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  };
  return {
    run(task) {
      tasks.push(task);
      schedule();
    },
    settled: () => {
      if (tasks.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push(resolve);
        schedule();
      });
    },
    close() {
      tasks = [];
      schedule();
    },
  };
}

/** For loops that would hold the event loop for long: `await pause()` gives it away, and is nothing until `sliceMs` have passed. */
export function createPauses(sliceMs: number): { isDue(): boolean; take(): Promise<void> } {
  let endsAt = performance.now() + sliceMs;
  return {
    isDue: () => performance.now() >= endsAt,
    async take() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      endsAt = performance.now() + sliceMs;
    },
  };
}

import { utimes } from 'node:fs/promises';

/** Files that this process holds: others see it by their time of change. */
export interface HeldFiles {
  add(file: string): void;
  delete(file: string): void;
  has(file: string): boolean;
}

/** Renews the time of change of what is held every `heartbeatMs`; does not keep the process alive. */
export function createHeldFiles(heartbeatMs: number): HeldFiles {
  const files = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  return {
    add(file) {
      files.add(file);
      timer ??= setInterval(() => {
        // A file that is gone, or not there yet, needs no sign of life.
        for (const each of files) touch(each).catch(() => undefined);
      }, heartbeatMs).unref();
    },
    delete(file) {
      files.delete(file);
      if (files.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
    has: (file) => files.has(file),
  };
}

/** Sets a file's time of change to now. */
export function touch(file: string): Promise<void> {
  const now = new Date();
  return utimes(file, now, now);
}

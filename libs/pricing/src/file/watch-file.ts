import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WatchFileOptions {
  readonly path: string;
  readonly debounceMs: number;
  readonly pollIntervalMs: number;
  /** Called one at a time; may look at the file and find nothing new. */
  readonly onMaybeChanged: () => Promise<void>;
}

export interface FileWatch {
  close(): void;
}

/**
 * Calls back when a file may have changed. Watches the *folder*, because editors and Kubernetes replace files by renaming
 * and links; and compares size, inode and times on an interval, because notifications do not cross every file system.
 * Timers and watcher do not keep the process alive.
 */
export function watchFile({ path, debounceMs, pollIntervalMs, onMaybeChanged }: WatchFileOptions): FileWatch {
  let debounce: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isRunning = false;
  let isWanted = false;
  let lastSeen = '';

  const run = async (): Promise<void> => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (isWanted && !isClosed) {
        isWanted = false;
        await onMaybeChanged();
      }
    } finally {
      isRunning = false;
    }
  };
  const schedule = (): void => {
    if (isClosed) return;
    clearTimeout(debounce);
    debounce = setTimeout(() => void run(), debounceMs);
    debounce.unref();
  };
  const poll = async (): Promise<void> => {
    const seen = await signature(path);
    if (seen === lastSeen) return;
    lastSeen = seen;
    schedule();
  };

  const interval = setInterval(() => void poll(), pollIntervalMs);
  interval.unref();
  const watcher = watchFolder(dirname(path), schedule);
  return {
    close() {
      isClosed = true;
      clearTimeout(debounce);
      clearInterval(interval);
      watcher?.close();
    },
  };
}

/** Undefined where the folder cannot be watched (missing, or no watches left): polling does the work then. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

async function signature(path: string): Promise<string> {
  try {
    const { size, ino, mtimeMs, ctimeMs } = await stat(path);
    return `${size}:${ino}:${mtimeMs}:${ctimeMs}`;
  } catch {
    return 'missing';
  }
}

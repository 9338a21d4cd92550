import { appendFile, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CompletionRecord } from '@costlane/contracts';
import type { Logger } from '@costlane/platform';

/** Records that Redis has not taken yet, on disk: they outlive a crash of this process. */
export interface CompletionSpool {
  add(record: CompletionRecord): Promise<void>;
  /** Nothing of this process waits any more. */
  clear(): Promise<void>;
  /** Records that earlier processes left behind, each file handed over once and removed when `take` resolves. */
  recover(take: (records: CompletionRecord[]) => Promise<void>): Promise<number>;
}

/** One file of JSON lines a process. A line that is cut off by a crash is the last one and is passed over. */
export function createCompletionSpool(directory: string, logger: Logger): CompletionSpool {
  const file = path.join(directory, `completions-${process.pid}-${Date.now()}.ndjson`);
  let isMade = false;
  let hasLines = false;
  return {
    async add(record) {
      if (!isMade) await mkdir(directory, { recursive: true });
      isMade = true;
      hasLines = true;
      await appendFile(file, `${JSON.stringify(record)}\n`);
    },
    async clear() {
      if (!hasLines) return;
      hasLines = false;
      await rm(file, { force: true });
    },
    async recover(take) {
      const names = await readdir(directory).catch(() => []);
      let recovered = 0;
      for (const name of names) {
        if (!name.endsWith('.ndjson') || path.join(directory, name) === file || isOfLivingProcess(name)) continue;
        // Renamed first: of two workers that share the folder only one takes the file.
        const mine = path.join(directory, `${name}.recovering-${process.pid}`);
        const isMine = await rename(path.join(directory, name), mine).then(
          () => true,
          () => false,
        );
        if (!isMine) continue;
        const records = parseLines(await readFile(mine, 'utf8'), logger);
        if (records.length > 0) await take(records);
        recovered += records.length;
        await rm(mine, { force: true });
      }
      return recovered;
    },
  };
}

function isOfLivingProcess(name: string): boolean {
  const pid = Number(/^completions-(\d+)-/.exec(name)?.[1]);
  if (!Number.isInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function parseLines(text: string, logger: Logger): CompletionRecord[] {
  const records: CompletionRecord[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      records.push(JSON.parse(line) as CompletionRecord);
    } catch {
      logger.warn({ bytes: line.length }, 'a spooled completion was cut off by a crash and is passed over');
    }
  }
  return records;
}

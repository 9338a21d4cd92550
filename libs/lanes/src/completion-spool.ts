import { appendFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CompletionRecord } from '@costlane/contracts';
import type { Logger } from '@costlane/platform';

/** Records that Redis has not taken yet, on disk: they outlive a crash of this process. */
export interface CompletionSpool {
  add(record: CompletionRecord): Promise<void>;
  /** Nothing of this process waits any more. */
  clear(): Promise<void>;
  /** Hands over what this process has spooled, in parts, and clears it when all of them were taken. For what memory could not hold. */
  replay(take: (records: CompletionRecord[]) => Promise<void>): Promise<number>;
  /**
   * Records that earlier processes left behind, in parts. A file is removed when `take` has resolved for all of it; after a rejection
   * or a crash it is handed over again from its beginning.
   */
  recover(take: (records: CompletionRecord[]) => Promise<void>): Promise<number>;
}

/** Behind this bound records are lost, which is logged: a full disk would harm more than the ledger. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const RECORDS_A_PART = 1_000;

/** One file of JSON lines a process. A line that is cut off by a crash is passed over. */
export function createCompletionSpool(
  directory: string,
  logger: Logger,
  maxFileBytes = MAX_FILE_BYTES,
): CompletionSpool {
  const file = path.join(directory, `completions-${process.pid}-${Date.now()}.ndjson`);
  const inHand = new Set<string>();
  let lines: string[] = [];
  let flushed: Promise<void> = Promise.resolve();
  let sizeBytes = 0;
  let isFull = false;
  let last: Promise<unknown> = Promise.resolve();
  // One after the other: a file that is removed while it is written to would take the new line with it.
  const inOrder = <T>(operation: () => Promise<T>): Promise<T> => {
    const done = last.then(operation);
    last = done.catch(() => undefined);
    return done;
  };

  const flush = async (): Promise<void> => {
    const text = lines.join('');
    lines = [];
    const bytes = Buffer.byteLength(text);
    if (sizeBytes + bytes > maxFileBytes) {
      if (!isFull) logger.error({ file, sizeBytes }, 'the spool of completions is full; records are being lost');
      isFull = true;
      return;
    }
    if (sizeBytes === 0) await mkdir(directory, { recursive: true });
    await appendFile(file, text);
    sizeBytes += bytes;
  };
  const remove = async (): Promise<void> => {
    if (sizeBytes === 0) return;
    await rm(file, { force: true });
    sizeBytes = 0;
    isFull = false;
  };

  return {
    add(record) {
      if (lines.push(`${JSON.stringify(record)}\n`) === 1) flushed = inOrder(flush);
      return flushed;
    },
    clear: () => inOrder(remove),
    replay: (take) =>
      inOrder(async () => {
        if (sizeBytes === 0) return 0;
        const taken = await handOver(file, take, logger);
        await remove();
        return taken;
      }),
    async recover(take) {
      const names = await readdir(directory).catch(() => []);
      let recovered = 0;
      for (const name of names) {
        const found = path.join(directory, name);
        const original = originalOf(found, file);
        const mine = path.join(directory, `${original}.recovering-${process.pid}`);
        if (original === undefined || inHand.has(mine)) continue;
        inHand.add(mine);
        try {
          // Renamed first: of two processes that share the folder only one takes the file.
          if (!(await isRenamed(found, mine))) continue;
          recovered += await handOver(mine, take, logger);
          await rm(mine, { force: true });
        } finally {
          inHand.delete(mine);
        }
      }
      return recovered;
    },
  };
}

/** `completions-<pid>-<ms>.ndjson`, while somebody recovers it with `.recovering-<pid>` behind. */
const FILE_NAME = /^(completions-(\d+)-\d+\.ndjson)(?:\.recovering-(\d+))?$/;

/** Name under which a spool was written that nobody alive holds; undefined for one that is held, our own, and other files. */
function originalOf(found: string, own: string): string | undefined {
  const [, original, writer, recoverer] = FILE_NAME.exec(path.basename(found)) ?? [];
  if (found === own || isLivingProcess(Number(recoverer ?? writer))) return undefined;
  return original;
}

const isRenamed = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    () => false,
  );

/** In a container every process may have had this one's id before: such a file is of an earlier life. */
function isLivingProcess(pid: number): boolean {
  if (pid === process.pid || !Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function handOver(
  file: string,
  take: (records: CompletionRecord[]) => Promise<void>,
  logger: Logger,
): Promise<number> {
  let records: CompletionRecord[] = [];
  let taken = 0;
  const pass = async (): Promise<void> => {
    if (records.length > 0) await take(records);
    taken += records.length;
    records = [];
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const record = parseLine(line, logger);
    if (record && records.push(record) >= RECORDS_A_PART) await pass();
  }
  await pass();
  return taken;
}

function parseLine(line: string, logger: Logger): CompletionRecord | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as CompletionRecord;
  } catch {
    logger.warn({ bytes: line.length }, 'a spooled completion was cut off by a crash and is passed over');
    return undefined;
  }
}

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CompletionRecord } from '@costlane/contracts';
import type { Logger } from '@costlane/platform';
import { createHeldFiles, touch } from './held-files';

/** Records that Redis has not taken yet, on disk: they outlive a crash of this process. */
export interface CompletionSpool {
  add(record: CompletionRecord): Promise<void>;
  /** Nothing of this process waits any more. */
  clear(): Promise<void>;
  /** Hands over what this process has spooled, in parts, and clears it when all of them were taken. For what memory could not hold. */
  replay(take: (records: CompletionRecord[]) => Promise<void>): Promise<number>;
  /**
   * Records that processes which are no more left behind, in parts. A file is removed when `take` has resolved for all of it; after a
   * rejection or a crash it is handed over again from its beginning. What a process left that died a moment ago comes with a later call:
   * it must have been silent for a while.
   */
  recover(take: (records: CompletionRecord[]) => Promise<void>): Promise<number>;
}

/** Behind this bound records are lost, which is logged: a full disk would harm more than the ledger. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const RECORDS_A_PART = 1_000;
/** A process that holds a file says so this often, by the file's time of change. */
const HEARTBEAT_MS = 5_000;
/** A file that nobody has touched for so long is nobody's. */
const ABANDONED_AFTER_MS = 30_000;

/**
 * One file of JSON lines a process. A line that is cut off by a crash is passed over.
 *
 * Several processes may share the folder: a gateway and a worker, or containers on one volume. Whose file is whose is told by a random
 * id in its name, and whether that process still lives by the file's age: ids of processes say neither, because in containers everybody
 * is 1. A process that was frozen so long that it seemed dead loses nothing but its file: its records are published, perhaps twice,
 * and the ledger counts them once.
 */
export function createCompletionSpool(
  directory: string,
  logger: Logger,
  options: { maxFileBytes?: number; heartbeatMs?: number; abandonedAfterMs?: number } = {},
): CompletionSpool {
  const { maxFileBytes = MAX_FILE_BYTES, abandonedAfterMs = ABANDONED_AFTER_MS } = options;
  const id = randomBytes(8).toString('hex');
  const file = path.join(directory, `completions-${id}.ndjson`);
  const held = createHeldFiles(options.heartbeatMs ?? HEARTBEAT_MS);
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
    held.add(file);
    await appendFile(file, text);
    sizeBytes += bytes;
  };
  const remove = async (): Promise<void> => {
    if (sizeBytes === 0) return;
    await rm(file, { force: true });
    held.delete(file);
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
      let recovered = 0;
      for (const name of await readdir(directory).catch(() => [])) {
        const [, original, writer] = FILE_NAME.exec(name) ?? [];
        if (original === undefined || writer === id) continue;
        const found = path.join(directory, name);
        const mine = path.join(directory, `${original}.recovering-${id}`);
        if (held.has(mine)) continue;
        held.add(mine);
        try {
          if (!(await isTaken(found, mine, abandonedAfterMs))) continue;
          recovered += await handOver(mine, take, logger);
          await rm(mine, { force: true });
        } finally {
          held.delete(mine);
        }
      }
      return recovered;
    },
  };
}

/** `completions-<id of its process>.ndjson`, while a process recovers it with `.recovering-<id of that one>` behind. */
const FILE_NAME = /^(completions-([\w-]+)\.ndjson)(?:\.recovering-[\w-]+)?$/;

/** Takes a file over that nobody holds. Of several who try only one succeeds: the others find no file to rename any more. */
async function isTaken(found: string, mine: string, abandonedAfterMs: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(found);
    // Our own from a time when it was not taken to the end needs no patience.
    if (found !== mine && Date.now() - mtimeMs < abandonedAfterMs) return false;
    // Touched before it has the new name: with the old time of change it would be taken from us at once.
    await touch(found);
    await rename(found, mine);
    return true;
  } catch {
    return false;
  }
}

/** Gives what a file holds; nothing when it is gone, because somebody else has taken it for abandoned and gives it. */
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
  for await (const line of linesOf(file)) {
    const record = parseLine(line, logger);
    if (record && records.push(record) >= RECORDS_A_PART) await pass();
  }
  await pass();
  return taken;
}

/** A file's lines. Not by `readline`, which lets a file that cannot be read end the process. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  yield rest;
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

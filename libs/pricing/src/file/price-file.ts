import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { PricingLogger } from '../pricing-logger';
import { emptyPriceBook, parsePriceFile, type PriceBook } from './convert-price-file';
import { watchFile } from './watch-file';

export interface PriceFileStatus {
  readonly path: string;
  /** Empty while no edition was ever good. */
  readonly version: string;
  readonly loadedAt: string | null;
  readonly modelCount: number;
  readonly reloads: number;
  /** Editions refused because they were malformed, unreadable or gone. */
  readonly rejectedReloads: number;
  /** Why the newest edition was refused; null when it is in force. */
  readonly lastError: string | null;
  readonly warnings: readonly string[];
}

export interface PriceFileOptions {
  readonly path: string;
  readonly logger: PricingLogger;
  readonly now: () => number;
  readonly debounceMs: number;
  readonly pollIntervalMs: number;
  /** Further oddities of a good edition, compared with what else is known. */
  readonly inspect: (book: PriceBook) => readonly string[];
  readonly onReloaded: (book: PriceBook) => void;
}

export interface PriceFile {
  book(): PriceBook;
  status(): PriceFileStatus;
  close(): void;
}

/**
 * The operator's prices file, read now and again whenever it changes. The last good edition stays in force while the
 * newest is malformed, half-written or gone; each such edition is logged once, counted, and shown in the status.
 */
export function openPriceFile(options: PriceFileOptions): PriceFile {
  const { path, logger } = options;
  let book = emptyPriceBook;
  let lastText: string | undefined;
  let warnings: readonly string[] = [];
  const counts = { reloads: 0, rejectedReloads: 0 };
  let loadedAt: string | null = null;
  let lastError: string | null = null;

  const reject = (reason: string): void => {
    if (reason === lastError) return;
    lastError = reason;
    counts.rejectedReloads++;
    const inForce = book.version ? `the edition ${book.version} stays in force` : 'the list prices are used';
    logger.error({ path, reason }, `Prices file ${path} was not taken over: ${reason}; ${inForce}.`);
  };
  const take = (text: string): boolean => {
    if (text === lastText && lastError === null) return false;
    lastText = text;
    const parsed = parsePriceFile(text);
    if (!parsed.ok) {
      reject(parsed.error);
      return false;
    }
    lastError = null;
    const isNew = parsed.value.version !== book.version;
    book = parsed.value;
    if (!isNew) return false;
    const oddities = options.inspect(book);
    warnings = [...book.warnings, ...oddities];
    loadedAt = new Date(options.now()).toISOString();
    logger.info({ path, version: book.version, models: book.list().length }, `Prices taken over from ${path}.`);
    for (const warning of book.warnings) logger.warn({ path }, `Prices file ${path}: ${warning}`);
    for (const oddity of oddities) logger.warn({ path }, `PRICES LOOK WRONG in ${path}: ${oddity}`);
    return true;
  };
  const reload = async (): Promise<void> => {
    try {
      if (!take(await readFile(path, 'utf8'))) return;
    } catch (cause) {
      reject(unreadable(cause));
      return;
    }
    counts.reloads++;
    options.onReloaded(book);
  };

  try {
    take(readFileSync(path, 'utf8'));
  } catch (cause) {
    reject(unreadable(cause));
  }
  const watch = watchFile({ ...options, onMaybeChanged: reload });
  return {
    book: () => book,
    status: () => ({
      path,
      version: book.version,
      loadedAt,
      modelCount: book.list().length,
      ...counts,
      lastError,
      warnings,
    }),
    close: () => watch.close(),
  };
}

function unreadable(cause: unknown): string {
  return `it cannot be read (${cause instanceof Error ? cause.message : String(cause)})`;
}

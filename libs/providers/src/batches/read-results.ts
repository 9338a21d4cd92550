import { orNotFound, orThrow } from './batch-deps';
import type { BatchClient } from './batch-client';
import type { BatchItemResult, ResultOptions } from './provider-batches';
import { readLines } from './read-lines';

/** A result longer than this is dropped as unreadable, so that memory has a bound. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

interface ResultsSource {
  readonly client: BatchClient;
  readonly provider: string;
  readonly path: string;
}

/** The results of one JSONL file, one by one and no faster than they are taken. What is no result is told of and left out. */
export async function* readResults(
  { client, provider, path }: ResultsSource,
  { deadlineAtMs, signal, onUnreadableLine }: ResultOptions,
  read: (line: Buffer) => BatchItemResult | undefined,
): AsyncGenerator<BatchItemResult> {
  const pieces = orThrow(orNotFound(await client.open({ method: 'GET', path, deadlineAtMs, signal }), provider));
  let lineNumber = 0;
  for await (const line of readLines(pieces, MAX_LINE_BYTES)) {
    lineNumber++;
    const result = line && read(line);
    if (result) yield result;
    else onUnreadableLine?.(lineNumber);
  }
}

import type { ResultLines, StoredItem } from '@costlane/ledger';

/** What a line of a result file is made of. */
interface LineParts {
  index: string;
  /** As JSON. */
  customId: string;
  state: StoredItem['state'];
  status?: number;
  errorCode?: string;
  /** The answer, as JSON in one line. */
  body?: Buffer;
}

/** An item that has ended, as a line of a batch's result files, its end included. */
export const resultLine = (batchId: string, item: StoredItem): Buffer =>
  lineOf(batchId, {
    index: String(item.index),
    customId: JSON.stringify(item.customId ?? null),
    state: item.state,
    status: item.status,
    errorCode: item.errorCode,
    body: item.result && inOneLine(item.result),
  });

/** How many bytes such lines have together. */
export const sizeOfLines = (batchId: string, groups: readonly ResultLines[]): number =>
  groups.reduce((total, { lines, indexDigits, customIdBytes, resultBytes, isAnswered, ...parts }) => {
    const bare = lineOf(batchId, { ...parts, index: '', customId: '', body: isAnswered ? EMPTY : undefined });
    // The index is in the id of the line, and in that of an answer.
    return total + lines * bare.length + (isAnswered ? 2 : 1) * indexDigits + customIdBytes + resultBytes;
  }, 0);

const EMPTY = Buffer.alloc(0);
const END = Buffer.from('},"error":null}\n');

function lineOf(batchId: string, { index, customId, state, status = 500, errorCode, body }: LineParts): Buffer {
  const head = `{"id":"batch_req_${batchId.replace(/^batch_/, '')}_${index}","custom_id":${customId},"response":`;
  if (body === undefined) return Buffer.from(`${head}null,"error":${JSON.stringify(failureOf(state, errorCode))}}\n`);
  const response = `{"status_code":${status},"request_id":"${batchId}-${index}","body":`;
  return Buffer.concat([Buffer.from(head + response), body, END]);
}

function failureOf(state: StoredItem['state'], errorCode: string | undefined): { code: string; message: string } {
  if (state === 'expired') {
    const message = 'This request could not be executed before the completion window expired.';
    return { code: 'batch_expired', message };
  }
  if (state === 'cancelled')
    return { code: 'batch_cancelled', message: 'This request was not executed before the batch was cancelled.' };
  return { code: errorCode ?? 'internal', message: 'This request could not be answered.' };
}

/**
 * An answer without line ends, as long as it was: in JSON they stand between values only, where a space says the same. What is no JSON becomes
 * a text.
 */
function inOneLine(result: Buffer): Buffer {
  if (!/^\s*[[{"]/.test(result.toString('latin1', 0, 64))) return Buffer.from(JSON.stringify(result.toString('utf8')));
  if (!result.includes(0x0a) && !result.includes(0x0d)) return result;
  return Buffer.from(result.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)));
}

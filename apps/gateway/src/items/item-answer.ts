import type { ItemAnswer } from '@costlane/contracts';
import type { ItemRun } from './item-runs';
import { mayAskAgain } from './may-ask-again';

/** What a door wrote. */
export interface WrittenAnswer {
  statusCode: number;
  headers: Readonly<Record<string, number | string | string[] | undefined>>;
  rawPayload: Buffer;
}

/** A door's answer to an item. Money comes from what the door was told, not from what it wrote. */
export function itemAnswer({ task, end }: ItemRun, written: WrittenAnswer): ItemAnswer {
  const { statusCode: status, headers, rawPayload: body } = written;
  const common = {
    kind: 'answered',
    status,
    contentType: textOf(headers['content-type']) ?? 'application/json',
    paidNanoUsd: end?.paidNanoUsd ?? 0,
    cacheTier: end?.tier,
    bill: task.isBillWanted ? end?.header : undefined,
    body,
  } as const;
  if (status < 400) return { ...common, isRetryable: false };
  const errorCode = textOf(headers['x-error-code']) ?? 'internal';
  const upstreamCalls = end?.header.upstreamCalls ?? 0;
  const remainingMs = task.deadlineAtMs - Date.now();
  return {
    ...common,
    errorCode,
    isRetryable: mayAskAgain({ code: errorCode, upstreamCalls, remainingMs }),
    retryAfterMs: end?.header.retryAfterMs ?? retryAfterMs(textOf(headers['retry-after'])),
  };
}

/** An item that was not put to a door, or whose door did not answer. */
export const failedItem = (code: string, status: number, message: string): ItemAnswer => ({
  kind: 'answered',
  status,
  contentType: 'application/json',
  errorCode: code,
  isRetryable: false,
  paidNanoUsd: 0,
  body: Buffer.from(JSON.stringify({ error: message })),
});

const textOf = (value: number | string | string[] | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

function retryAfterMs(seconds: string | undefined): number | undefined {
  const value = Number(seconds);
  return seconds === undefined || !Number.isFinite(value) ? undefined : value * 1_000;
}

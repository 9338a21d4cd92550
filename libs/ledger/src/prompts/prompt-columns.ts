import type { CompletionRecord } from '@costlane/contracts';
import { arrayLiteral } from '../record/array-literal';
import { cleanText } from '../record/clean-text';
import { NAME_LIMIT } from '../record/request-columns';
import { cutPrompt } from './cut-prompt';

const DAY_MS = 86_400_000;
const MAX_RETENTION_DAYS = 3_650;

interface KeptPrompt {
  requestId: string;
  createdAtMs: number;
  expiresAtMs: number;
  text: string;
  isCut: boolean;
}

/** The prompts of a batch that are to be kept: none that is malformed, and none whose time is over. */
export function promptsOf(records: readonly CompletionRecord[], nowMs = Date.now()): KeptPrompt[] {
  const kept: KeptPrompt[] = [];
  for (const { prompt, requestId, createdAtMs } of records) {
    if (prompt === undefined || prompt === null || typeof prompt.text !== 'string') continue;
    const { retentionDays } = prompt;
    if (!Number.isInteger(retentionDays) || retentionDays < 1 || retentionDays > MAX_RETENTION_DAYS) continue;
    const expiresAtMs = createdAtMs + retentionDays * DAY_MS;
    if (expiresAtMs > nowMs)
      kept.push({ requestId: cleanText(requestId, NAME_LIMIT), createdAtMs, expiresAtMs, ...cutPrompt(prompt.text) });
  }
  return kept;
}

/**
 * The part of the statement that writes records which keeps the prompts of those that it wrote, and of no others: a prompt that was removed does not come back
 * with its record. `first` is the number of its first parameter; `written` has the records' tenant_id, request_id and created_at.
 */
export const keepPromptsSql = (first: number): string => `
  INSERT INTO stored_prompts (tenant_id, request_id, created_at, expires_at, is_cut, prompt)
  SELECT written.tenant_id, written.request_id, written.created_at,
    'epoch'::timestamptz + kept.expires_at * interval '1 millisecond', kept.is_cut, kept.prompt
  FROM unnest($${first}::text[], $${first + 1}::bigint[], $${first + 2}::bigint[], $${first + 3}::boolean[], $${first + 4}::text[])
    AS kept (request_id, created_at, expires_at, is_cut, prompt)
  JOIN written ON written.request_id = kept.request_id
    AND written.created_at = 'epoch'::timestamptz + kept.created_at * interval '1 millisecond'
  ON CONFLICT DO NOTHING`;

/** The parameters of {@link keepPromptsSql}. */
export const promptParameters = (kept: readonly KeptPrompt[]): string[] => [
  arrayLiteral(kept.map(({ requestId }) => requestId)),
  arrayLiteral(kept.map(({ createdAtMs }) => createdAtMs)),
  arrayLiteral(kept.map(({ expiresAtMs }) => expiresAtMs)),
  arrayLiteral(kept.map(({ isCut }) => isCut)),
  arrayLiteral(kept.map(({ text }) => text)),
];

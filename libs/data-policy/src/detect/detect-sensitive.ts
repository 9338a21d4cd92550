import { joinOverlaps, type SensitiveSpan } from '../sensitive-span';
import { findAtSigns } from './find-emails';
import { findNumbers } from './find-numbers';
import { findPrivateKeys, findSecrets } from './find-secrets';
import { scanCandidates } from './scan-candidates';
import { findIban, findWordId } from './word-ids';

/**
 * Places in a text that hold personal data or secrets, in order and without overlaps. Made to be right where it speaks up rather than
 * to find all: names, addresses and numbers without a check digit or a word that says what they are stay unseen. Time is linear in the
 * text's length. Never throws.
 */
export function detectSensitive(text: string): SensitiveSpan[] {
  const found = scanCandidates(text);
  const spans: SensitiveSpan[] = [];
  if (text.includes('@')) append(spans, findAtSigns(text));
  if (text.includes('PRIVATE KEY-----')) append(spans, findPrivateKeys(text));
  if (found.longTokens || found.assignments || found.passwords) append(spans, findSecrets(text, found));
  if (found.mixedWords) append(spans, findInWords(text, found.mixedWords));
  if (found.numbers) append(spans, findNumbers(text, found.numbers));
  return joinOverlaps(spans);
}

/** Not `push(...)`, whose arguments go over the stack: a large text may have a hundred thousand places. */
function append(spans: SensitiveSpan[], more: readonly SensitiveSpan[]): void {
  for (const span of more) spans.push(span);
}

function findInWords(text: string, positions: readonly number[]): SensitiveSpan[] {
  const spans: SensitiveSpan[] = [];
  for (let i = 0; i < positions.length; i += 2) {
    const start = positions[i] as number;
    const span = findIban(text, start) ?? findWordId(text, start, positions[i + 1] as number);
    if (span) spans.push(span);
  }
  return spans;
}

import { detectSensitive } from '../detect/detect-sensitive';
import { sensitiveKinds, type SensitiveKind, type SensitiveSpan } from '../sensitive-span';
import { heldOut, heldOutNegatives } from './held-out';
import { readMarks } from './marked-text';
import { negatives } from './negatives';
import { positives } from './positives';

const keyOf = ({ kind, start, end }: SensitiveSpan): string => `${kind} ${start}-${end}`;

export interface Judgement {
  right: number;
  missed: string[];
  wrong: string[];
}

/** What the detectors make of marked texts. Exact spans only: one that is a character too long is missed and wrong. */
function judge(marked: readonly string[]): Record<SensitiveKind, Judgement> {
  const counts = Object.fromEntries(
    sensitiveKinds.map((kind) => [kind, { right: 0, missed: [], wrong: [] } as Judgement]),
  ) as unknown as Record<SensitiveKind, Judgement>;
  for (const { text, spans } of marked.map(readMarks)) {
    const found = detectSensitive(text);
    const wanted = new Set(spans.map(keyOf));
    const got = new Set(found.map(keyOf));
    for (const span of spans) if (got.has(keyOf(span))) counts[span.kind].right++;
    for (const span of spans) if (!got.has(keyOf(span))) counts[span.kind].missed.push(text);
    for (const span of found) if (!wanted.has(keyOf(span))) counts[span.kind].wrong.push(text);
  }
  return counts;
}

export const judgeCorpus = (): Record<SensitiveKind, Judgement> => judge([...positives, ...negatives]);

/** Texts that the detectors were not written for. */
export const judgeHeldOut = (): Record<SensitiveKind, Judgement> => judge([...heldOut, ...heldOutNegatives]);

import { detectSensitive } from '../detect/detect-sensitive';
import { sensitiveKinds, type SensitiveKind, type SensitiveSpan } from '../sensitive-span';
import { readMarks } from './marked-text';
import { negatives } from './negatives';
import { positives } from './positives';

const keyOf = ({ kind, start, end }: SensitiveSpan): string => `${kind} ${start}-${end}`;

export interface Judgement {
  right: number;
  missed: string[];
  wrong: string[];
}

/** What the detectors make of the corpus. Exact spans only: one that is a character too long is missed and wrong. */
export function judgeCorpus(): Record<SensitiveKind, Judgement> {
  const counts = Object.fromEntries(
    sensitiveKinds.map((kind) => [kind, { right: 0, missed: [], wrong: [] } as Judgement]),
  ) as unknown as Record<SensitiveKind, Judgement>;
  for (const { text, spans } of [...positives.map(readMarks), ...negatives.map((text) => ({ text, spans: [] }))]) {
    const found = detectSensitive(text);
    const wanted = new Set(spans.map(keyOf));
    const got = new Set(found.map(keyOf));
    for (const span of spans) if (got.has(keyOf(span))) counts[span.kind].right++;
    for (const span of spans) if (!got.has(keyOf(span))) counts[span.kind].missed.push(text);
    for (const span of found) if (!wanted.has(keyOf(span))) counts[span.kind].wrong.push(text);
  }
  return counts;
}

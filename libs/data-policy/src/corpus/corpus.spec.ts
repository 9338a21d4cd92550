import { detectSensitive } from '../detect/detect-sensitive';
import { sensitiveKinds, type SensitiveKind, type SensitiveSpan } from '../sensitive-span';
import { readMarks } from './marked-text';
import { negatives } from './negatives';
import { positives } from './positives';

const keyOf = ({ kind, start, end }: SensitiveSpan): string => `${kind} ${start}-${end}`;

interface Counts {
  right: number;
  missed: string[];
  wrong: string[];
}

/** Exact spans only: one that is a character too long is missed and wrong. */
function count(): Record<SensitiveKind, Counts> {
  const counts = Object.fromEntries(
    sensitiveKinds.map((kind) => [kind, { right: 0, missed: [], wrong: [] } as Counts]),
  ) as unknown as Record<SensitiveKind, Counts>;
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

describe('the labelled corpus', () => {
  const counts = count();

  it('is large enough to mean something', () => {
    expect(positives.length).toBeGreaterThanOrEqual(150);
    expect(negatives.length).toBeGreaterThanOrEqual(200);
    expect(new Set([...positives, ...negatives]).size).toBe(positives.length + negatives.length);
  });

  it.each(sensitiveKinds)('%s: at most one in fifty of what is found is wrong', (kind) => {
    const { right, wrong } = counts[kind];
    expect({ wrong, isPrecise: wrong.length * 50 <= right }).toEqual({ wrong, isPrecise: true });
  });

  it.each(sensitiveKinds)('%s: at least nineteen in twenty are found', (kind) => {
    const { right, missed } = counts[kind];
    expect({ missed, isComplete: missed.length * 20 <= right + missed.length }).toEqual({ missed, isComplete: true });
  });

  it('has nothing found in its negatives but what is known to be wrong', () => {
    expect(negatives.filter((text) => detectSensitive(text).length > 0)).toEqual([]);
  });
});

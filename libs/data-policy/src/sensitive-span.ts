/** What is looked for. `ssn` is the US social security number, `national_id` any other state's number of a person. */
export const sensitiveKinds = ['secret', 'iban', 'card', 'ssn', 'national_id', 'email', 'phone'] as const;

export type SensitiveKind = (typeof sensitiveKinds)[number];

/** A place in a text, in UTF-16 code units, end excluded. The value itself is not part of it, so that a span may be logged. */
export interface SensitiveSpan {
  kind: SensitiveKind;
  start: number;
  end: number;
}

/** The kind that names a place which several detectors claim: earlier in {@link sensitiveKinds} is stronger. */
const rank = (kind: SensitiveKind): number => sensitiveKinds.indexOf(kind);

/** Orders spans and joins those that overlap, so that nothing of either is left over; the stronger kind names the whole. */
export function joinOverlaps(spans: SensitiveSpan[]): SensitiveSpan[] {
  if (spans.length < 2) return spans;
  const ordered = [...spans].sort((a, b) => a.start - b.start);
  const joined: SensitiveSpan[] = [];
  for (const span of ordered) {
    const last = joined.at(-1);
    if (!last || span.start >= last.end) joined.push({ ...span });
    else {
      last.end = Math.max(last.end, span.end);
      if (rank(span.kind) < rank(last.kind)) last.kind = span.kind;
    }
  }
  return joined;
}

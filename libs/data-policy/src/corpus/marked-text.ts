import type { SensitiveKind, SensitiveSpan } from '../sensitive-span';

/** A text of the corpus without its marks, and what they said. */
export function readMarks(marked: string): { text: string; spans: SensitiveSpan[] } {
  const spans: SensitiveSpan[] = [];
  let text = '';
  let from = 0;
  for (const match of marked.matchAll(/«(\w+)\|([^»]+)»/g)) {
    text += marked.slice(from, match.index);
    const value = match[2] as string;
    spans.push({ kind: match[1] as SensitiveKind, start: text.length, end: text.length + value.length });
    text += value;
    from = match.index + match[0].length;
  }
  return { text: text + marked.slice(from), spans };
}

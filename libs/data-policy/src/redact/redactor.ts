import { detectSensitive } from '../detect/detect-sensitive';
import { joinOverlaps, type SensitiveKind, type SensitiveSpan } from '../sensitive-span';
import { placeholder, placeholderPattern } from './placeholder';

/** Replaces values of one request by placeholders and puts them back. Holds the values: it lives as long as the request, in memory only. */
export interface Redactor {
  /**
   * The text with a placeholder for each value that is found in it, or at the spans given. The same value gets the same placeholder for
   * as long as the redactor lives. What already looks like a placeholder is replaced, too, so that {@link Redactor.restore} gives back
   * exactly what was there. Kinds of what was found are added to {@link Redactor.kinds}.
   */
  redact(text: string, spans?: readonly SensitiveSpan[]): string;
  /** The text with the values in the place of their placeholders; placeholders that it did not make are left alone. */
  restore(text: string, options?: RestoreOptions): string;
  /** The value of a placeholder that this redactor made. */
  valueOf(placeholder: string): string | undefined;
  /** Kinds that were found, in order of {@link sensitiveKinds}' strength as met. */
  readonly kinds: ReadonlySet<SensitiveKind>;
  /** Number of different values replaced. */
  readonly size: number;
}

export interface RestoreOptions {
  /** The text is JSON, or part of a JSON string: values are escaped for it. */
  isJson?: boolean;
}

/** Replacing a value may bring a word nearer to the next number, so that it is found only then. Each round has fewer digits than the last. */
const MAX_ROUNDS = 8;

/** A redactor for one request. */
export function createRedactor(): Redactor {
  const values = new Map<string, string>();
  const placeholders = new Map<string, string>();
  const counts = new Map<SensitiveKind, number>();
  const kinds = new Set<SensitiveKind>();

  const placeholderFor = (kind: SensitiveKind, value: string): string => {
    const key = `${kind}:${value}`;
    const known = placeholders.get(key);
    if (known) return known;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    const made = placeholder(kind, number);
    placeholders.set(key, made);
    values.set(made, value);
    return made;
  };

  const replace = (text: string, spans: readonly SensitiveSpan[]): string => {
    let result = '';
    let from = 0;
    for (const { kind, start, end } of spans) {
      result += text.slice(from, start) + placeholderFor(kind, text.slice(start, end));
      from = end;
    }
    return result + text.slice(from);
  };

  const redact = (text: string, spans: readonly SensitiveSpan[] = detectSensitive(text)): string => {
    for (const { kind } of spans) kinds.add(kind);
    let result = replace(text, joinOverlaps([...spans, ...literalPlaceholders(text)]));
    if (spans.length === 0) return result;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const more = withoutOverlaps(detectSensitive(result), literalPlaceholders(result));
      if (more.length === 0) break;
      for (const { kind } of more) kinds.add(kind);
      result = replace(result, more);
    }
    return result;
  };

  return {
    redact,
    restore: (text, options) =>
      values.size === 0 ? text : text.replace(placeholderPattern, (made) => escaped(values.get(made) ?? made, options)),
    valueOf: (made) => values.get(made),
    kinds,
    get size() {
      return values.size;
    },
  };
}

const escaped = (value: string, options?: RestoreOptions): string =>
  options?.isJson ? JSON.stringify(value).slice(1, -1) : value;

/** What looks like a placeholder in a text, as spans of the kind that it names. */
function literalPlaceholders(text: string): SensitiveSpan[] {
  if (!text.includes('[')) return [];
  return [...text.matchAll(placeholderPattern)].map((match) => ({
    kind: (match[1] as string).toLowerCase() as SensitiveKind,
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Those of the spans that touch none of the others; both in order. */
function withoutOverlaps(spans: readonly SensitiveSpan[], others: readonly SensitiveSpan[]): SensitiveSpan[] {
  let i = 0;
  return spans.filter(({ start, end }) => {
    while (i < others.length && (others[i] as SensitiveSpan).end <= start) i++;
    const other = others[i];
    return other === undefined || other.start >= end;
  });
}

/** The text with placeholders at the spans, for which one does not want to get the values back. */
export const redact = (text: string, spans: readonly SensitiveSpan[]): string => createRedactor().redact(text, spans);

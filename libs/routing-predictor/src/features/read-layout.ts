import { maxCharacters } from './scan-tokens';

/** Where question and options of a multiple-choice prompt stand; a prompt without options is all question. */
export interface PromptLayout {
  isMultipleChoice: boolean;
  /** Index behind the question. */
  questionEnd: number;
  optionCount: number;
  /** Characters of the options. */
  shortestOption: number;
  longestOption: number;
  meanOption: number;
  /** Where each option stands, without its letter and without space around it. */
  options: readonly { readonly start: number; readonly end: number }[];
}

const maxOptions = 10;

/** Start of the line `A. …` or `A) …` at or behind `from`; -1 where there is none. */
function markerAt(text: string, letter: string, from: number): number {
  for (let at = from; ;) {
    const found = text.indexOf(letter, at);
    if (found < 0 || found >= maxCharacters) return -1;
    const sign = text.charCodeAt(found + 1);
    const isLineStart = found === 0 || text.charCodeAt(found - 1) === 10;
    if (isLineStart && (sign === 46 || sign === 41) && text.charCodeAt(found + 2) === 32) return found;
    at = found + 1;
  }
}

/** The range without spaces at either end; empty where there is nothing else. */
function trimmed(text: string, from: number, to: number): { start: number; end: number } {
  let start = from;
  let end = Math.max(from, to);
  while (start < end && text.charCodeAt(start) <= 32) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1;
  return { start, end };
}

/** Finds options that are lettered from A on, each at the start of a line, at least two of them. Linear in the first 8,000 characters. */
export function readLayout(text: string): PromptLayout {
  const length = Math.min(text.length, maxCharacters);
  const plain = {
    isMultipleChoice: false,
    questionEnd: length,
    optionCount: 0,
    shortestOption: 0,
    longestOption: 0,
    meanOption: 0,
    options: [],
  };
  const first = markerAt(text, 'A', 0);
  let next = first < 0 ? -1 : markerAt(text, 'B', first);
  if (next < 0) return plain;
  let start = first;
  let optionCount = 0;
  let sum = 0;
  let shortest = Infinity;
  let longest = 0;
  const options: { start: number; end: number }[] = [];
  while (start >= 0) {
    const lineEnd = text.indexOf('\n', start);
    const end = next >= 0 ? next - 1 : lineEnd < 0 ? length : lineEnd;
    const size = Math.max(0, Math.min(end, length) - start - 3);
    optionCount += 1;
    options.push(trimmed(text, start + 3, Math.min(end, length)));
    sum += size;
    shortest = Math.min(shortest, size);
    longest = Math.max(longest, size);
    start = next;
    const letter = String.fromCharCode(65 + optionCount + 1);
    next = start < 0 || optionCount >= maxOptions ? -1 : markerAt(text, letter, start);
  }
  return {
    isMultipleChoice: true,
    questionEnd: first,
    optionCount,
    shortestOption: shortest,
    longestOption: longest,
    meanOption: sum / optionCount,
    options,
  };
}

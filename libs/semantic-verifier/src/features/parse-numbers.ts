import { multipliers, ordinals, smallNumbers } from './lexicon/numbers';
import type { RawWord } from './tokenize';

const DIGITS = /^\d+(?:,\d{2,3})*(?:\.\d+)?$/;
const THOUSANDS = /^(\d+(?:\.\d+)?)(k|m|bn)$/;
const SCALE: Readonly<Record<string, number>> = { k: 1_000, m: 1_000_000, bn: 1_000_000_000 };

/** One spelling of a number in digits: "4,000" and "4000", "2.50" and "2.5", "100k"; undefined for what is no plain number. */
export function numberOf(word: string): number | undefined {
  const first = word.charCodeAt(0);
  if (first < 48 || first > 57) return smallNumbers.get(word);
  if (DIGITS.test(word)) return Number(word.replaceAll(',', ''));
  const scaled = THOUSANDS.exec(word);
  if (scaled?.[1] && scaled[2]) return Number(scaled[1]) * (SCALE[scaled[2]] ?? 1);
  return undefined;
}

/** "12th" is the same place as "12"; "1st" stays, for it is said of what comes first as well. */
const ORDINAL = /^(\d+)(?:nd|rd|th|st)$/;

function plainOrdinal(word: string): string {
  const spelled = ordinals.get(word) ?? word;
  const digits = ORDINAL.exec(spelled)?.[1];
  return digits === undefined || digits === '1' ? spelled : digits;
}

/** Parts of "1/six", "ten:17", "3.1.4", which are compared part by part. */
function splitCompound(word: RawWord): RawWord[] {
  if (!/[:/,.]/.test(word.text) || numberOf(word.text) !== undefined) return [word];
  return word.text
    .split(/[:/,.]/)
    .filter((part) => part !== '')
    .map((part) => ({ ...word, text: part }));
}

function canFollow(previous: number, next: number): boolean {
  return previous >= 20 && previous < 100 && previous % 10 === 0 && next > 0 && next < 10;
}

interface Run {
  value: number;
  end: number;
}

/** Reads a number of words from `start`: "two thousand and fourteen", "twenty four", "1.5 million". */
function readRun(words: readonly RawWord[], start: number): Run | undefined {
  let total = 0;
  const first = words[start]?.text ?? '';
  let current = numberOf(first);
  if (current === undefined) {
    const lone = multipliers.get(first);
    return lone === undefined ? undefined : { value: lone, end: start + 1 };
  }
  let end = start + 1;
  let scaled = false;
  while (end < words.length) {
    const text = words[end]?.text ?? '';
    const factor = multipliers.get(text);
    if (factor !== undefined) {
      if (factor === 100) current *= 100;
      else {
        total += current * factor;
        current = 0;
      }
      scaled = true;
      end++;
      continue;
    }
    const skip = text === 'and' && scaled ? 1 : 0;
    const next = numberOf(words[end + skip]?.text ?? '');
    if (next === undefined) break;
    if (scaled && (current === 0 || (current % 100 === 0 && next < 100))) current += next;
    else if (canFollow(current, next)) current += next;
    else break;
    end += 1 + skip;
  }
  return { value: total + current, end };
}

/** Replaces numbers in words and in digits by one spelling in digits, and ordinals likewise ("third" → "3rd"). */
export function parseNumbers(words: readonly RawWord[]): RawWord[] {
  const parts = words.flatMap(splitCompound);
  const out: RawWord[] = [];
  for (let index = 0; index < parts.length;) {
    const word = parts[index];
    if (word === undefined) break;
    const run = readRun(parts, index);
    if (run === undefined) {
      const text = plainOrdinal(word.text);
      out.push(text === word.text ? word : { ...word, text });
      index++;
    } else {
      out.push({ ...word, text: String(run.value) });
      index = run.end;
    }
  }
  return out;
}

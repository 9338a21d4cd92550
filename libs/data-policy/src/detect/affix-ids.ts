import validator from 'validator';
import type { SensitiveSpan } from '../sensitive-span';
import { isChileanRut } from './id-checks';
import { stockWords, surroundings, wordCharacter } from './context';

interface AffixRule {
  /** What may stand before and behind the digits, as far as the number goes. */
  before: RegExp;
  after: RegExp;
  isValid(value: string): boolean;
}

const compact = (value: string): string => value.replace(/[\s.()-]/g, '');
const spanishLetter = /^[- ]?[A-HJ-NP-TV-Z]/;

/** Numbers that are digits between letters, by the lengths of their groups. */
const rules: Record<string, AffixRule> = {
  '8': { before: /$/, after: spanishLetter, isValid: (value) => validator.isIdentityCard(compact(value), 'ES') },
  '2.3.3': { before: /$/, after: /^(?:-[A-Z]|-k)/, isValid: isDniOrRut },
  '1.3.3': { before: /$/, after: /^-[Kk]/, isValid: isDniOrRut },
  '7': {
    before: /[XYZ][- ]?$/,
    after: spanishLetter,
    isValid: (value) => validator.isIdentityCard(compact(value), 'ES'),
  },
  '2 2 2': { before: /[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] $/, after: /^ [A-D]/, isValid: isNino },
  '6-3': {
    before: /$/,
    after: /^[0-9A-FHJ-NPR-Y]/,
    isValid: (value) => validator.isIdentityCard(value, 'FI'),
  },
  '6': { before: /[A-Z]{1,2}$/, after: /^\(A\)/, isValid: (value) => validator.isIdentityCard(value, 'zh-HK') },
  '6(1': { before: /[A-Z]{1,2}$/, after: /^\)/, isValid: (value) => validator.isIdentityCard(value, 'zh-HK') },
};

function isDniOrRut(value: string): boolean {
  const id = compact(value).toUpperCase();
  return id.endsWith('K') && isChileanRut(id) ? true : id.length === 9 && validator.isIdentityCard(id, 'ES');
}

/** UK national insurance number: prefixes that are not given out (HMRC manual NIM39110). No check digit. */
export function isNino(value: string): boolean {
  const id = compact(value);
  return /^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(id) && !/^(?:BG|GB|NK|KN|TN|NT|ZZ)/.test(id);
}

/** The number whose digits stand between two positions, grouped as `shape`, and whose letters stand around them. */
export function findAffixId(text: string, start: number, end: number, shape: string): SensitiveSpan | undefined {
  const rule = rules[shape];
  if (!rule) return undefined;
  const before = rule.before.exec(text.slice(Math.max(0, start - 3), start))?.[0];
  const after = rule.after.exec(text.slice(end, end + 4))?.[0];
  if (before === undefined || after === undefined) return undefined;
  const from = start - before.length;
  const to = end + after.length;
  if (/[./-]/.test(text[from - 1] ?? ' ')) return undefined;
  if (wordCharacter.test(text[from - 1] ?? ' ') || wordCharacter.test(text[to] ?? ' ')) return undefined;
  if (!rule.isValid(text.slice(from, to))) return undefined;
  if (stockWords.test(surroundings(text, from, to))) return undefined;
  return { kind: 'national_id', start: from, end: to };
}

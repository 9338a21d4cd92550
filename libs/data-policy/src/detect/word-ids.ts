import validator from 'validator';
import type { SensitiveSpan } from '../sensitive-span';
import { isNino } from './affix-ids';
import { nationalInsuranceWords, stockWords, surroundings, wordCharacter } from './context';
import { isCurp, isFrenchNir, isSingaporeNric } from './id-checks';

interface WordRule {
  shape: RegExp;
  isValid(word: string): boolean;
  near?: RegExp;
}

/** Numbers of persons that are one word of letters and digits. */
const wordRules: readonly WordRule[] = [
  { shape: /^[A-Z]{6}\w{2}[A-Z]\w{2}[A-Z]\w{3}[A-Z]$/, isValid: (word) => validator.isTaxID(word, 'it-IT') },
  { shape: /^[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d$/, isValid: isCurp },
  { shape: /^[12478]\d{4}2[AB]\d{8}$/, isValid: isFrenchNir },
  { shape: /^[0-9XYZ]\d{7}[A-Z]$/, isValid: (word) => validator.isIdentityCard(word, 'ES') },
  { shape: /^[STFGM]\d{7}[A-Z]$/, isValid: isSingaporeNric },
  { shape: /^\d{6}A\d{3}[0-9A-Y]$/, isValid: (word) => validator.isIdentityCard(word, 'FI') },
  { shape: /^\d{17}[Xx]$/, isValid: (word) => validator.isIdentityCard(word, 'zh-CN') },
  { shape: /^[A-Z]{2}\d{6}[A-D]$/, isValid: isNino, near: nationalInsuranceWords },
  {
    shape: /^[A-Z][1289A-D]\d{8}$/,
    isValid: (word) => validator.isIdentityCard(word, 'zh-TW'),
    near: /身分證|taiwan|national id/,
  },
  { shape: /^\d{7}[A-W][A-IW]?$/, isValid: (word) => validator.isTaxID(word, 'en-IE'), near: /\bpps/ },
  { shape: /^[A-Z]{5}\d{4}[A-Z]$/, isValid: () => true, near: /\bpan\b(?! card holder)|income tax|permanent account/ },
];

const MIN_ID_LENGTH = 8;
const MAX_ID_LENGTH = 18;

/** The number of a person that a word of letters and digits is. */
export function findWordId(text: string, start: number, end: number): SensitiveSpan | undefined {
  const length = end - start;
  if (length < MIN_ID_LENGTH || length > MAX_ID_LENGTH) return undefined;
  if (touches(text[start - 1], /[-./#]/) || touches(text[end], /[-/]/)) return undefined;
  const word = text.slice(start, end);
  for (const rule of wordRules) {
    if (!rule.shape.test(word) || !rule.isValid(word)) continue;
    const around = surroundings(text, start, end);
    if (rule.near ? rule.near.test(around) : !stockWords.test(around)) return { kind: 'national_id', start, end };
  }
  return undefined;
}

const touches = (char: string | undefined, marks: RegExp): boolean =>
  char !== undefined && (wordCharacter.test(char) || marks.test(char));

const MIN_IBAN_LENGTH = 15;
const MAX_IBAN_LENGTH = 33;

const isLetterOrDigit = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** The account number that begins with a word: with check digits and the length of its country, in one piece or in groups. */
export function findIban(text: string, start: number): SensitiveSpan | undefined {
  if (!/^[A-Za-z]{2}\d\d/.test(text.slice(start, start + 4)) || wordCharacter.test(text[start - 1] ?? ' '))
    return undefined;
  const ends: number[] = [];
  let length = 0;
  for (let i = start; length < MAX_IBAN_LENGTH; i++) {
    const isNextInWord = isLetterOrDigit(text.charCodeAt(i + 1));
    if (isLetterOrDigit(text.charCodeAt(i))) length++;
    else if (isNextInWord && /[ \u00a0-]/.test(text[i] as string)) continue;
    else break;
    if (length >= MIN_IBAN_LENGTH && !isNextInWord && !wordCharacter.test(text[i + 1] ?? ' ')) ends.push(i + 1);
  }
  // Behind a grouped number the next word may follow without more than a space: the country's length says where it ends.
  for (const end of ends.reverse()) {
    const written = text.slice(start, end);
    const isOneCase = !/[a-z]/.test(written) || !/[A-Z]/.test(written);
    if (isOneCase && validator.isIBAN(written)) return { kind: 'iban', start, end };
  }
  return undefined;
}

import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import type { SensitiveSpan } from '../sensitive-span';
import { precedingText, wordCharacter } from './context';
import type { NumberRule } from './number-rule';

/** The library takes 5-20 µs a number. A text with more numbers than this is judged by shape alone: rather one too many than a leak. */
const MAX_LIBRARY_CALLS = 2_000;

const MIN_DIGITS = 8;
const MAX_DIGITS = 15;

/** North American numbers as they are written there; areas and exchanges never begin with 0 or 1 and are no service codes (x11). */
const isNorthAmerican = (digits: string): boolean =>
  /^1?[2-9](?!11)\d\d[2-9](?!11)\d{6}$/.test(digits) && !/^1?(\d)\1{8}/.test(digits);

const words =
  /(?:phone|\btel\b|\btel\.|telef|téléphone|mobile?\b|\bmobil\b|móvil|\bcell|cellulare|celular|portable|\bcall\b|\bcall(?:ed|ing)?\b (?:me|us|him|her|them)|\bfax\b|whatsapp|handy|rufnummer|rückruf|anruf|\bdial\b|\bsms\b|\btext me|ring me|contact (?:number|no|at)|reach (?:me|us|him|her)|telefoon|puhelin|телефон|電話|电话|手机|携帯|फ़ोन|هاتف|전화)/
    .source;
const phoneWords = new RegExp(`${words}[^\\n]{0,24}$`);
/** The word and the number with nothing but such words between: `mobile number is: `, not `mobile traffic rose from `. */
const phoneWordsBeside = new RegExp(
  `${words}(?:[^\\p{L}\\p{N}]|\\b(?:number|num|no|nr|nummer|numéro|numero|número|is|was|at|on|under|unter|me|us|him|her|them)(?!\\p{L})|s\\b|番号|は|号码|号)*$`,
  'u',
);

export const phoneRules: readonly NumberRule[] = [
  {
    kind: 'phone',
    shapes: ['3-3-4', '(3) 3-4', '(3)3-4', '(3) 3 4', '1-3-3-4', '1 (3) 3-4', '1 3-3-4'],
    isValid: isNorthAmerican,
  },
  { kind: 'phone', shapes: ['3.3.4', '1.3.3.4'], isValid: isNorthAmerican },
];

/** Where national numbers begin with a trunk 0, and where they do not. */
const withTrunk: readonly CountryCode[] = [
  'GB',
  'DE',
  'FR',
  'NL',
  'SE',
  'JP',
  'AU',
  'CH',
  'AT',
  'BE',
  'IN',
  'CN',
  'IT',
  'ZA',
  'TR',
  'KR',
  'FI',
];
const withoutTrunk: readonly CountryCode[] = [
  'US',
  'ES',
  'PL',
  'PT',
  'BR',
  'MX',
  'IN',
  'NO',
  'DK',
  'CZ',
  'CN',
  'IT',
  'SG',
  'HK',
];

const date = /^(?:(?:1\d|20)\d\d[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./](?:1\d|20)\d\d)(?: |$)/;

/** `Rs. 3000–4000`, `$1200 - 1500`, `2019-2024`, a date. */
const isRangeOrAmount = (text: string, start: number, end: number): boolean =>
  date.test(text.slice(start, end)) ||
  /(?:[$€£¥₹]|\brs\.?|\busd|\beur|\binr) ?$/.test(precedingText(text, start, 5)) ||
  /^\d{1,4} ?[-–] ?\d{1,4}$|^\d{1,5} [-–] \d{1,5}$/.test(text.slice(start, end));

/** Finds phone numbers in one text. */
export class PhoneFinder {
  private calls = 0;

  constructor(private readonly text: string) {}

  /** The number with a country code (`+49 …`) whose digits begin at `start`. */
  international(start: number, end: number): SensitiveSpan | undefined {
    const plus = this.text[start - 1] === '+' ? start - 1 : this.text.slice(start - 2, start) === '+(' ? start - 2 : -1;
    if (plus < 0 || /[)\]=^*]/.test(this.text[plus - 1] ?? ' ')) return undefined;
    if (wordCharacter.test(this.text[plus - 1] ?? ' ') || /\d $/.test(this.text.slice(Math.max(0, plus - 2), plus)))
      return undefined;
    return this.longest(plus, end, (value) => this.isValid(value, undefined));
  }

  /** The number in a national form, where the text says that it is a phone's. */
  national(start: number, end: number): SensitiveSpan | undefined {
    const before = precedingText(this.text, start, 48);
    if (!phoneWords.test(before) || isRangeOrAmount(this.text, start, end)) return undefined;
    // Digits without groups and without a trunk 0 may count anything.
    if (/^[1-9]\d*$/.test(this.text.slice(start, end)) && !phoneWordsBeside.test(before)) return undefined;
    const from = this.text[start - 1] === '(' ? start - 1 : start;
    return this.longest(from, end, (value) => {
      const digits = value.replace(/\D/g, '');
      if (/^00[1-9]/.test(digits)) return this.isValid(`+${digits.slice(2)}`, undefined);
      if (isNorthAmerican(digits)) return true;
      return (digits.startsWith('0') ? withTrunk : withoutTrunk).some((country) => this.isValid(value, country));
    });
  }

  /** The longest beginning of a written number, cut at its gaps, that is a phone number. */
  private longest(start: number, end: number, isPhone: (value: string) => boolean): SensitiveSpan | undefined {
    const written = this.text.slice(start, Math.min(end, start + 32));
    const after = this.text.slice(start + written.length, start + written.length + 3);
    if (wordCharacter.test(after[0] ?? ' ') && !/^(?:x\d|ext)/.test(after)) return undefined;
    for (let cut = written.length; cut >= MIN_DIGITS; cut = written.slice(0, cut).search(/[^\d][\d]+$/)) {
      const value = written.slice(0, cut).replace(/\D+$/, '');
      const digitCount = value.replace(/\D/g, '').length;
      if (digitCount < MIN_DIGITS) return undefined;
      if (digitCount <= MAX_DIGITS + 2 && isPhone(value)) return { kind: 'phone', start, end: start + value.length };
    }
    return undefined;
  }

  private isValid(value: string, country: CountryCode | undefined): boolean {
    if (++this.calls > MAX_LIBRARY_CALLS) return true;
    return parsePhoneNumberFromString(value, country)?.isValid() ?? false;
  }
}

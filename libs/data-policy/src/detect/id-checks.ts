import validator from 'validator';
// Check digits that the `validator` library does not know, or knows another number of that state.
import { isDay, weightedSum } from './number-rule';

const at = (digits: string, i: number): number => digits.charCodeAt(i) - 48;
const two = (digits: string, i: number): number => Number(digits.slice(i, i + 2));

/** France, numéro d'inscription au répertoire: sex, year, month, place, order and a key modulo 97 (INSEE). 2A and 2B count as 19 and 18. */
export function isFrenchNir(id: string): boolean {
  if (!/^[1-478]\d{4}(?:\d\d|2[AB])\d{8}$/.test(id)) return false;
  const month = two(id, 3);
  if (month === 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  const body = id.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97n - (BigInt(body) % 97n) === BigInt(id.slice(13));
}

/** Belgium, rijksregisternummer: birthday, order, 97 minus the rest of the first nine; for those born from 2000 with a 2 before. */
export function isBelgianNumber(digits: string): boolean {
  const check = Number(digits.slice(9));
  const body = digits.slice(0, 9);
  const isChecked = 97 - (Number(body) % 97) === check || 97 - (Number(`2${body}`) % 97) === check;
  return isChecked && two(digits, 2) % 20 <= 12 && two(digits, 4) <= 31;
}

/** Switzerland, AHV number: an EAN-13 that begins with 756. */
export const isSwissAhv = (digits: string): boolean =>
  digits.startsWith('756') &&
  (weightedSum(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3], 10) + at(digits, 12)) % 10 === 0;

/** Netherlands, burgerservicenummer: the eleven test. */
export const isDutchBsn = (digits: string): boolean =>
  digits !== '000000000' && weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1], 11) === 0;

/** Sweden, personnummer: birthday (coordination numbers add 60 to the day) and Luhn over the last ten. */
export function isPersonnummer(digits: string): boolean {
  const ten = digits.slice(-10);
  return isDay(two(ten, 4) % 60, two(ten, 2)) && validator.isLuhnNumber(ten);
}

/** Denmark, CPR: birthday first; the check digit is no longer kept by all. */
export const isDanishCpr = (digits: string): boolean => isDay(two(digits, 0), two(digits, 2));

/** Turkey, T.C. kimlik no. */
export function isTurkishId(digits: string): boolean {
  if (digits.startsWith('0')) return false;
  const odd = weightedSum(digits, [1, 0, 1, 0, 1, 0, 1, 0, 1], 1000);
  const even = weightedSum(digits, [0, 1, 0, 1, 0, 1, 0, 1], 1000);
  return (odd * 7 - even) % 10 === at(digits, 9) && (odd + even + at(digits, 9)) % 10 === at(digits, 10);
}

/** South Africa: birthday, citizenship 0-2, Luhn. */
export const isSouthAfricanId = (digits: string): boolean =>
  isDay(two(digits, 4), two(digits, 2)) && at(digits, 10) <= 2 && validator.isLuhnNumber(digits);

/** South Korea, resident registration number: birthday, century and sex, check digit. */
export function isKoreanId(digits: string): boolean {
  const rest = weightedSum(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], 11);
  return (
    isDay(two(digits, 4), two(digits, 2)) &&
    at(digits, 6) >= 1 &&
    at(digits, 6) <= 8 &&
    (11 - rest) % 10 === at(digits, 12)
  );
}

/** United Kingdom, NHS number: modulo 11. */
export function isNhsNumber(digits: string): boolean {
  const check = 11 - weightedSum(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2], 11);
  return check !== 10 && check % 11 === at(digits, 9);
}

/** Australia, tax file number: modulo 11. */
export const isAustralianTfn = (digits: string): boolean => weightedSum(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10], 11) === 0;

/** Argentina, CUIT/CUIL. */
export function isCuit(digits: string): boolean {
  const check = 11 - weightedSum(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11);
  return /^(?:2[03478]|3[034])/.test(digits) && check % 11 === at(digits, 10);
}

/** Chile, RUT: modulo 11, `K` for ten. */
export function isChileanRut(id: string): boolean {
  let sum = 0;
  for (let i = id.length - 2, weight = 2; i >= 0; i--, weight = weight === 7 ? 2 : weight + 1)
    sum += at(id, i) * weight;
  return id.at(-1) === ('0123456789K0'[11 - (sum % 11)] as string);
}

/** Austria, Sozialversicherungsnummer: order number, check digit, birthday. */
export const isAustrianSvnr = (digits: string): boolean =>
  isDay(two(digits, 4), two(digits, 6)) && weightedSum(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6], 11) === at(digits, 3);

/** Singapore, NRIC and FIN. */
export function isSingaporeNric(id: string): boolean {
  const sum = weightedSum(id.slice(1, 8), [2, 7, 6, 5, 4, 3, 2], 1000);
  const letter = id[0] as string;
  if (letter === 'M') return 'KLJNPQRTUWX'[10 - ((sum + 3) % 11)] === id[8];
  const offset = letter === 'T' || letter === 'G' ? 4 : 0;
  return ('ST'.includes(letter) ? 'JZIHGFEDCBA' : 'XWUTRQPNMLK')[(sum + offset) % 11] === id[8];
}

const curpLetters = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ';

/** Mexico, CURP: last digit from the seventeen before. */
export function isCurp(id: string): boolean {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += curpLetters.indexOf(id[i] as string) * (18 - i);
  return String((10 - (sum % 10)) % 10) === id[17];
}

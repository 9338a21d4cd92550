import validator from 'validator';
import { isOneDigit, type NumberRule } from './number-rule';

/** Discover's and RuPay's ranges that the library lacks. */
const furtherIssuers = /^(?:64[4-9]\d{13}|508[5-9]\d{12}|60[68]\d{13})$/;

/** Issuer's range, length and Luhn digit. The library lets Mastercard's prefixes pass at any length, hence the length here. */
function isCard(digits: string): boolean {
  if (isOneDigit(digits)) return false;
  if (digits.startsWith('5') && digits.length !== 16) return false;
  return validator.isCreditCard(digits) || (furtherIssuers.test(digits) && validator.isLuhnNumber(digits));
}

const cardWords =
  /\b(?:card|visa|mastercard|amex|american express|discover|diners|jcb|unionpay|maestro|credit|debit|cc|pan|cvv|cvc|kart[aey]?|karten?(?:nummer)?|kreditkarte|carte|tarjeta|carta|cartão|cartao|kaart)\b|カード|卡号|信用卡/;

/** Maestro and other long or short numbers: too many digits strings fit, so the text has to speak of a card. */
const isMaestro = (digits: string): boolean =>
  /^(?:50|5[6-9]|6\d)\d{10,17}$/.test(digits) && validator.isLuhnNumber(digits);

const grouped = ['4 4 4 4', '4-4-4-4', '4.4.4.4', '4 6 5', '4-6-5', '4 6 4', '4-6-4', '4 4 4 4 3'];

export const cardRules: readonly NumberRule[] = [
  { kind: 'card', shapes: grouped, isValid: isCard },
  { kind: 'card', shapes: ['16', '15'], isValid: isCard },
  { kind: 'card', shapes: ['14', '13', '19'], isValid: isCard, near: cardWords },
  {
    kind: 'card',
    shapes: ['12', '13', '16', '18', '19', '4 4 4 4', '4 4 4 4 3', '4 4 4'],
    isValid: isMaestro,
    near: cardWords,
  },
];

import { isOneDigit, type NumberRule } from './number-rule';

/** Areas, groups and serial numbers that the Social Security Administration gives out (ssa.gov, "SSN randomization", 2011). */
function isSsn(digits: string): boolean {
  if (digits.length !== 9 || isOneDigit(digits)) return false;
  const area = digits.slice(0, 3);
  return area !== '000' && area !== '666' && area < '900' && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000';
}

/** Individual taxpayer numbers: area 9xx, groups 50-65, 70-88, 90-92, 94-99 (irs.gov, ITIN). */
const isItin = (digits: string): boolean => /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}$/.test(digits);

const words = /\bssn\b|ssn[_"':]|social[ _-]?security|\bss#|soc\. ?sec|\bitin\b|taxpayer id|seguro social|tax id/;

export const ssnRules: readonly NumberRule[] = [
  { kind: 'ssn', shapes: ['3-2-4'], isValid: isSsn },
  {
    kind: 'ssn',
    shapes: ['3 2 4', '3.2.4', '9', '3-2-4'],
    isValid: (digits) => isSsn(digits) || isItin(digits),
    near: words,
  },
];

import validator from 'validator';
import * as checks from './id-checks';
import { isOneDigit, type NumberRule } from './number-rule';

const id = (shapes: readonly string[], isValid: (digits: string) => boolean, near?: RegExp): NumberRule => ({
  kind: 'national_id',
  shapes,
  isValid: (digits) => !isOneDigit(digits) && isValid(digits),
  near,
});

const taxId = (locale: string) => (digits: string) => validator.isTaxID(digits, locale);

/** Written in a way that together with the check digits leaves next to no doubt. */
const distinctive: readonly NumberRule[] = [
  id(['15', '1 2 2 2 3 3 2', '13 2'], checks.isFrenchNir),
  id(['3.3.3-2'], taxId('pt-BR')),
  id(['2.2.2-3.2'], checks.isBelgianNumber),
  id(['3.4.4.2'], checks.isSwissAhv),
  id(['2-8-1'], checks.isCuit),
  id(['2.3.3-1', '1.3.3-1'], checks.isChileanRut),
  id(['6-7'], checks.isKoreanId),
  id(['18'], (digits) => validator.isIdentityCard(digits, 'zh-CN')),
  id(['1-4-5-2-1'], (digits) => validator.isIdentityCard(digits, 'TH')),
  id(['8-4'], checks.isPersonnummer),
];

const passportWords = /passport ?[n#:\d]|reisepass|passeport|pasaporte|paszport/;

/** Numbers as others are, too: the text has to say what it is about. */
const named: readonly NumberRule[] = [
  id(['11', '2 3 3 3'], taxId('de-DE'), /steuer|\bidnr|\btin\b|tax id|identifikationsnummer/),
  id(['9', '4 2 3', '4.2.3', '3 3 3'], checks.isDutchBsn, /\bbsn\b|burgerservice|sofi/),
  id(['11'], (digits) => validator.isIdentityCard(digits, 'PL'), /pesel/),
  id(
    ['10', '6-4', '12', '6 4'],
    checks.isPersonnummer,
    /person(?:al )?n(?:umme)?r|personal identity|samordningsnummer|\bpnr\b/,
  ),
  id(['11'], taxId('pt-BR'), /\bcpf\b|cadastro de pessoa/),
  id(['4 4 4', '4-4-4', '12'], (digits) => validator.isIdentityCard(digits, 'IN'), /aadh?aa?r|आधार|\buidai?\b/),
  id(
    ['11', '6 5'],
    (digits) => validator.isIdentityCard(digits, 'NO'),
    /fødsels|fodsels|personnummer|national id|\bfnr\b/,
  ),
  id(['10', '6-4', '6 4'], checks.isDanishCpr, /\bcpr\b|personnummer/),
  id(
    ['11', '2.2.2 3 2', '6 3 2', '6-3-2'],
    checks.isBelgianNumber,
    /rijksregister|registre national|\bnrn\b|national (?:number|register)|\binsz\b/,
  ),
  id(['13'], checks.isSwissAhv, /\bahv\b|\bavs\b|sozialversicherung/),
  id(['13'], taxId('ro-RO'), /\bcnp\b|cod numeric/),
  id(['6/4', '6/3', '10'], taxId('cs-CZ'), /rodn|birth number/),
  id(['9', '3 3 3'], taxId('pt-PT'), /\bnif\b|contribuinte/),
  id(['11'], checks.isTurkishId, /kimlik|\btckn\b|\btc no|\bt\.c\./),
  id(['13', '6 4 3', '6 4 2 1'], checks.isSouthAfricanId, /\bid(?:entity)? ?(?:n|document)|south african|\brsa\b/),
  id(['13'], checks.isKoreanId, /주민|resident reg|\brrn\b/),
  id(['3 3 4', '3-3-4', '10'], checks.isNhsNumber, /\bnhs\b/),
  id(['9', '3 3 3', '3-3-3'], validator.isLuhnNumber, /\bsin\b(?!\()|social insurance|assurance sociale|\bnas\b/),
  id(['9', '3 3 3', '3-3-3'], checks.isAustralianTfn, /\btfn\b|tax file/),
  id(['11'], checks.isCuit, /\bcui[tl]\b/),
  id(['10', '4 6'], checks.isAustrianSvnr, /\bsv-?nr|sozialversicherung|\bsvnr/),
  id(['9'], (digits) => validator.isIdentityCard(digits, 'he-IL'), /teudat|israeli? id|תעודת|ת\.ז/),
  id(['13'], (digits) => validator.isIdentityCard(digits, 'TH'), /thai|บัตรประชาชน|national id/),
  id(['11'], taxId('hr-HR'), /\boib\b/),
  id(['11'], taxId('et-EE'), /isikukood|personal code|asmens kod/),
  id(['10'], taxId('bg-BG'), /\begn\b|егн/),
  // Without check digits: the word and nine digits have to do.
  id(['9'], () => true, passportWords),
];

export const idRules: readonly NumberRule[] = [...distinctive, ...named];

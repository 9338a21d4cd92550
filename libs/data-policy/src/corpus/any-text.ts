import fc from 'fast-check';
import { readMarks } from './marked-text';
import { negatives } from './negatives';
import { positives } from './positives';

const marked = positives.map(readMarks);
const values = marked.flatMap(({ text, spans }) => spans.map(({ start, end }) => text.slice(start, end)));
const joints = [
  '',
  ' ',
  '\n',
  ': ',
  ', ',
  '@',
  '-',
  '.',
  '/',
  '"',
  '=',
  '+',
  '[',
  ']',
  '(',
  '0',
  'x',
  ' tel ',
  ' ssn ',
  ' card ',
  'password=',
];

/** Texts for property tests: pieces of the corpus, bare values and noise, put together in ways that nobody would write. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...marked.map(({ text }) => text)),
      fc.constantFrom(...values),
      fc.constantFrom(...negatives),
      fc.constantFrom(...joints),
      fc.constantFrom('[EMAIL_1]', '[CARD_2]', '[SECRET_', 'PHONE_1]', '[IBAN_1', '[NATIONAL_ID_3]'),
      fc.string({ maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'0123456789 -.()+@:'), maxLength: 24 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

import { matchOpening, type OpeningMatch } from './match-opening';
import { refusalForms, type RefusalForm } from './refusal-phrases';

/** A refusal is short; what goes on for longer has something to say, however it begins. */
export const REFUSAL_MAX_CHARACTERS = 300;

const otherApostrophes = /[‘’ʼ`´]/g;
const notOfWords = /[^\p{L}\p{M}\p{N}']+/gu;
/** "I can't help but wonder", "I can't help feeling" refuse nothing. */
const cannotHelpBut = /\bhelp (?:but|it|myself|wondering|feeling|thinking|noticing|loving|smiling|laughing)\b/;

/**
 * Whether a text begins as refusals do: `yes`, `no`, or `maybe` while too little of it has come to say. English, German, French, Spanish,
 * Italian, Portuguese, Chinese and Japanese.
 */
export function refusalOpening(text: string): OpeningMatch {
  let best: OpeningMatch = 'no';
  const opening = plainWords(text.slice(0, REFUSAL_MAX_CHARACTERS));
  const unspaced = opening.replaceAll(' ', '');
  for (const form of refusalForms) {
    const match = matchOpening(form.separator === '' ? unspaced : opening, form.slots, form.separator);
    if (match === 'yes') return 'yes';
    if (match === 'maybe') best = 'maybe';
  }
  return best;
}

/** Whether a whole answer declines rather than answers. */
export function isRefusal(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > REFUSAL_MAX_CHARACTERS) return false;
  const said = `${plainWords(trimmed).trimEnd()} `;
  if (cannotHelpBut.test(said)) return false;
  return refusalForms.some((form) => isOfForm(said, form));
}

function isOfForm(said: string, { separator, slots, says }: RefusalForm): boolean {
  const words = separator === '' ? said.replaceAll(' ', '') : said;
  return matchOpening(words, slots, separator) === 'yes' && (says === undefined || says.test(words));
}

/** Lower case, one kind of apostrophe, and a space for whatever is no part of a word. */
const plainWords = (text: string): string =>
  text.toLowerCase().replace(otherApostrophes, "'").replace(notOfWords, ' ').trimStart();

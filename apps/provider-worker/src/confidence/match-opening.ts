/** Alternatives for one place in a sentence; an empty one makes the place optional. */
export type Slot = readonly string[];

/** `maybe`: what follows may still make it one. */
export type OpeningMatch = 'no' | 'maybe' | 'yes';

/**
 * Whether a text begins with one phrase of each slot, in order, or may yet come to. Text and phrases are plain words with single spaces,
 * each followed by one (`separator` ' ') or by none, as in languages without spaces ('').
 */
export function matchOpening(text: string, slots: readonly Slot[], separator: ' ' | '' = ' '): OpeningMatch {
  const [slot, ...others] = slots;
  if (!slot) return 'yes';
  let best: OpeningMatch = 'no';
  for (const phrase of slot) {
    const wanted = phrase === '' ? '' : phrase + separator;
    const match = matchPhrase(text, wanted, others, separator);
    if (match === 'yes') return 'yes';
    if (match === 'maybe') best = 'maybe';
  }
  return best;
}

function matchPhrase(text: string, wanted: string, others: readonly Slot[], separator: ' ' | ''): OpeningMatch {
  if (text.startsWith(wanted)) return matchOpening(text.slice(wanted.length), others, separator);
  return wanted.startsWith(text) ? 'maybe' : 'no';
}

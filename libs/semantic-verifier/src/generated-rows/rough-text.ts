import type { Picker } from './picker';

/** Full form and contraction; the first that is found is exchanged. */
const contractions: readonly (readonly [RegExp, string])[] = [
  [/\bwhat is\b/i, "what's"],
  [/\bwhat's\b/i, 'what is'],
  [/\bwho is\b/i, "who's"],
  [/\bwho's\b/i, 'who is'],
  [/\bwhere is\b/i, "where's"],
  [/\bI am\b/, "I'm"],
  [/\bI'm\b/, 'I am'],
  [/\bdo not\b/i, "don't"],
  [/\bdon't\b/i, 'do not'],
  [/\bcannot\b/i, "can't"],
  [/\bit is\b/i, "it's"],
];

const greetings = [
  'Hi, ',
  'Hello! ',
  'Quick question: ',
  'Please help: ',
  'Please tell me: ',
  'I was wondering: ',
  'Hi there, ',
  'Just curious: ',
  'Serious question: ',
];
const farewells = [
  ' Thanks!',
  ' Thank you.',
  ' Thanks in advance.',
  ' Please answer.',
  ' Any help is welcome.',
  ' Please.',
];

/** Words that a typo may hit: long enough to be read in spite of it, and no name, number or sign. */
const typoWord = /^[a-z]{5,}$/;

/** One slip of the fingers within a word, never at its first letter: two letters swapped, one dropped, one doubled, or the word split. */
export function misspell(word: string, pick: Picker): string {
  const at = pick.whole(1, word.length - 2);
  const slip = pick.whole(0, 9);
  if (slip < 4) return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  if (slip < 7) return word.slice(0, at) + word.slice(at + 1);
  if (slip < 9) return word.slice(0, at) + word.charAt(at) + word.slice(at);
  return `${word.slice(0, at + 1)} ${word.slice(at + 1)}`;
}

function withTypo(text: string, pick: Picker): string {
  const words = text.split(' ');
  const places = words.map((word, at) => (typoWord.test(word) ? at : -1)).filter((at) => at >= 0);
  if (places.length === 0) return text;
  const place = pick.one(places);
  if (pick.chance(0.1) && /^[a-z]+$/.test(words[place - 1] ?? '')) return joinAt(words, place);
  words[place] = misspell(words[place] ?? '', pick);
  return words.join(' ');
}

/** The space before a word forgotten. */
function joinAt(words: readonly string[], place: number): string {
  return [...words.slice(0, place - 1), `${words[place - 1]}${words[place]}`, ...words.slice(place + 1)].join(' ');
}

function withContraction(text: string): string {
  for (const [full, short] of contractions) {
    if (!full.test(text)) continue;
    const changed = text.replace(full, short);
    return changed.charAt(0).toUpperCase() + changed.slice(1);
  }
  return text;
}

/** `What is` after a greeting begins small; a name or `I` keeps its capital. */
function lowerFirst(text: string): string {
  return /^(?:Is|Are|Was|Were|Do|Does|Did|Can|Could|Should|What|Which|Who|Whom|Why|When|Where|How|May|Must|Will|In|On|Has|Have|If|It|At|By|Of|For|As|Since|To|From|Without|With|Give|List|Write|Explain|Convert|Would|Am)\b/.test(
    text,
  )
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}

function withCourtesy(text: string, pick: Picker): string {
  if (pick.chance(0.4)) return text + pick.one(farewells);
  return pick.one(greetings) + lowerFirst(text);
}

/** The same question as a hasty or polite person types it; the meaning stays. May give the text back unchanged. */
export function roughen(text: string, pick: Picker): string {
  let rough = text;
  if (pick.chance(0.3)) rough = withContraction(rough);
  if (pick.chance(0.35)) rough = withTypo(rough, pick);
  if (pick.chance(0.2)) rough = withCourtesy(rough, pick);
  if (pick.chance(0.3)) rough = rough.replace(/[?.]$/, pick.chance(0.7) ? '' : '??');
  if (pick.chance(0.3)) rough = rough.toLowerCase();
  return rough;
}

import type { RawWord } from './tokenize';

/** Openings and endings that ask for nothing by themselves, longest first. */
const OPENINGS =
  `can you help me with this|could you help me with this|can you please help me with this|please help me with this
i have a question about|i have a question|i have a quick question|quick question|my question is|question
can you please tell me|could you please tell me|can you tell me|could you tell me|would you tell me|please tell me|tell me
can you please explain|could you please explain|please explain|please answer|answer this|please help
i would like to know|i want to know|i need to know|i was wondering if|i was wondering|i am wondering|just wondering|just curious
do you know|does anyone know|does anybody know|do any of you know|let me know
can you please|could you please|would you please|please can you|please could you
good morning|good afternoon|good evening|hi there|hello there|hi|hello|hey|dear all|greetings|please|ok|okay|so`
    .split(/[|\n]/)
    .map((phrase) => phrase.trim().split(' '))
    .sort((a, b) => b.length - a.length);

const ENDINGS =
  `thank you very much|thank you so much|thank you in advance|thanks in advance|thanks a lot|many thanks|thank you|thanks|please explain|please|cheers`
    .split('|')
    .map((phrase) => phrase.split(' '))
    .sort((a, b) => b.length - a.length);

/** Fewer words than this are never left: "thanks" alone is a text of its own. */
const LEAST_WORDS_LEFT = 2;

function startsWith(words: readonly RawWord[], from: number, phrase: readonly string[]): boolean {
  return phrase.every((part, index) => words[from + index]?.text === part);
}

/** The words without greeting, request formula and thanks around them. */
export function stripPoliteness(words: readonly RawWord[]): readonly RawWord[] {
  let start = 0;
  let end = words.length;
  for (let found = true; found;) {
    const opening = OPENINGS.find(
      (phrase) => end - start - phrase.length >= LEAST_WORDS_LEFT && startsWith(words, start, phrase),
    );
    found = opening !== undefined;
    start += opening?.length ?? 0;
  }
  for (let found = true; found;) {
    const ending = ENDINGS.find(
      (phrase) => end - start - phrase.length >= LEAST_WORDS_LEFT && startsWith(words, end - phrase.length, phrase),
    );
    found = ending !== undefined;
    end -= ending?.length ?? 0;
  }
  return words.slice(start, end);
}

/** What kind of answer a question wants, as far as its first words tell. */
export const QuestionKind = {
  statement: 0,
  what: 1,
  whatIs: 2,
  whatSuperlative: 3,
  who: 4,
  when: 5,
  where: 6,
  why: 7,
  which: 8,
  howTo: 9,
  howMuch: 10,
  howMany: 11,
  howLong: 12,
  how: 13,
  yesNo: 14,
  should: 15,
  command: 16,
} as const;

export type QuestionKind = (typeof QuestionKind)[keyof typeof QuestionKind];

const SIMPLE = new Map<string, QuestionKind>([
  ['who', QuestionKind.who],
  ['whom', QuestionKind.who],
  ['whose', QuestionKind.who],
  ['when', QuestionKind.when],
  ['where', QuestionKind.where],
  ['why', QuestionKind.why],
  ['which', QuestionKind.which],
]);
const YES_NO = new Set('is are was were am do does did has have had can could will would may might'.split(' '));
const COMMANDS = new Set(
  `list give show find explain describe write name tell provide suggest recommend compare calculate compute summarize summarise translate
  convert create make generate implement define discuss play add set turn open book get put remind call send help draft rewrite classify extract`.split(
    /\s+/,
  ),
);
const MEASURES = new Set('long far old tall big large high deep heavy fast often soon hot cold wide'.split(' '));
const TO_VERBS = new Set('do can should to would could'.split(' '));
const SUPERLATIVE =
  /^(?:best|worst|most|least|top|greatest|good|some|easiest|fastest|cheapest|largest|highest|smallest|lowest)$/;

/** Words at the beginning in which the asking word is looked for: "in order to …, what should I do" has it later. */
const LOOKED_AT = 24;

/** "what number of", "what is the number of", "what is the count of": asked for a count in other words. */
function asksForCount(words: readonly string[], at: number): boolean {
  for (let index = at + 1; index < at + 5 && index + 1 < words.length; index++) {
    if (/^(?:number|count|amount)$/.test(words[index] ?? '') && words[index + 1] === 'of') return true;
  }
  return false;
}

function kindAt(words: readonly string[], at: number): QuestionKind | undefined {
  const word = words[at] ?? '';
  const next = words[at + 1] ?? '';
  if (word === 'how') {
    if (next === 'much') return QuestionKind.howMuch;
    if (next === 'many') return QuestionKind.howMany;
    if (MEASURES.has(next)) return QuestionKind.howLong;
    return TO_VERBS.has(next) && /^(?:i|you|we|one|1|to|people|someone|a)$/.test(words[at + 2] ?? 'i')
      ? QuestionKind.howTo
      : QuestionKind.how;
  }
  if (word === 'what') {
    if (asksForCount(words, at)) return QuestionKind.howMany;
    for (let index = at + 1; index < at + 5 && index < words.length; index++)
      if (SUPERLATIVE.test(words[index] ?? '')) return QuestionKind.whatSuperlative;
    return next === 'be' || next === 'is' || next === 'are' ? QuestionKind.whatIs : QuestionKind.what;
  }
  return SIMPLE.get(word);
}

/** The kind of a question given as lower-cased words; `statement` where nothing asks. */
export function questionKindOf(words: readonly string[]): QuestionKind {
  const first = words[0] ?? '';
  const atStart = kindAt(words, 0);
  if (atStart !== undefined) return atStart;
  if (first === 'should') return QuestionKind.should;
  if (YES_NO.has(first)) return QuestionKind.yesNo;
  if (COMMANDS.has(first)) return QuestionKind.command;
  for (let at = 1; at < words.length && at < LOOKED_AT; at++) {
    const kind = kindAt(words, at);
    if (kind !== undefined) return kind;
  }
  return QuestionKind.statement;
}

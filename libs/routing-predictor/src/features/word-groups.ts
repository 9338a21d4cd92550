import { hashWord } from './scan-tokens';

/** Words whose number in a question is a feature. A word may be in one group only. */
export const wordGroups = {
  each: 'times each every per',
  more: 'more less fewer than',
  rest: 'rest remaining left total altogether all',
  condition: 'if then when after before',
  time: 'day days week weeks hour hours minute minutes month months year years',
  negation: 'not except least false incorrect never cannot',
  fraction: 'half third thirds quarter twice double triple percent percentage',
  numeral: 'one two three four five six seven eight nine ten',
  which: 'which',
  what: 'what who where',
  how: 'how',
  why: 'why because explain',
  most: 'most best likely',
  self: 'i my me',
  person: 'he she his her they',
  article: 'the',
  of: 'of',
  statement: 'statement statements true',
  both: 'both only neither',
  above: 'above none',
  roman: 'ii iii iv',
  moral: 'scenario moral morally wrong wronged ethical standards',
  legal: 'court defendant plaintiff statute law contract jury trial judge liable attorney sued',
  medical: 'patient physician symptoms blood examination disease treatment pain diagnosis',
  maths: 'function equation ring group prime integer polynomial vector matrix graph probability equal value solve',
  physical: 'energy force mass speed temperature electric current voltage molecule acid atom',
  trade: 'price market demand income tax cost interest profit company account',
  past: 'war king century empire government political state states',
  modal: 'would could should might may can must will',
  preposition: 'in on at by for with from to into',
  present: 'is are be been',
  bygone: 'was were had did',
  conjunction: 'and or but',
  indefinite: 'a an',
  refers: 'refers',
  following: 'following',
} as const;

export type WordGroup = keyof typeof wordGroups;

export const wordGroupNames = Object.keys(wordGroups) as readonly WordGroup[];

/** Number of the group by a word's hash. */
export const groupOfWord: ReadonlyMap<number, number> = new Map(
  wordGroupNames.flatMap((name, group) => wordGroups[name].split(' ').map((word) => [hashWord(word), group] as const)),
);

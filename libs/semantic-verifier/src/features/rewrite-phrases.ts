import type { RawWord } from './tokenize';

/** Ways to say the same thing in several words; the right side is what all of them become. `i` stands for any person. */
const REWRITES = `
how do i=how to
how can i=how to
how could i=how to
how should i=how to
how would i=how to
how do i go about=how to
how can i possibly=how to
how is it possible to=how to
what should i do to=how to
what can i do to=how to
what do i do to=how to
what do i need to do to=how to
what is the way to=how to
what is a way to=how to
what are the ways to=how to
what are some ways to=how to
what are ways to=how to
what is the best way to=how to
what is a good way to=how to
what is the proper way to=how to
what is the right way to=how to
what are the best ways to=how to
what are some good ways to=how to
what are some of the best ways to=how to
what are some tips to=how to
what are the steps to=how to
what is the procedure to=how to
what is the process to=how to
in what ways can i=how to
in what way can i=how to
which is the best way to=how to
what would be the best way to=how to
if i want to=how to
if i wanted to=how to
in order to=to
what should i do=
how come=why
why is it that=why
what is the reason that=why
what is the reason why=why
what is the reason for=why
what are the reasons for=why
for what reason=why
get rid of=remove
got rid of=remove
getting rid of=removing
a lot of=many
lots of=many
a number of=many
do i think=
according to me=
in my opinion=
is there any way to=how to
is there a way to=how to
are there any ways to=how to
what is meant by=what mean
what is the meaning of=what mean
what is the definition of=what mean
what does it mean to=what mean
what is the difference between=difference between
what are the differences between=difference between
what is difference between=difference between
how different are=difference between
what are some of the=what are
what is some of the=what is
what are some=what are
each other=together
as well as=and
in addition to=and
such as=like
due to=because
because of=because
at least=minimum
in fact=
of course=
as of now=now
right now=now
at the moment=now
look for=seek
looking for=seeking
find out=discover
carry out=perform
set up=configure
log in=login
sign in=login
log on=login
sign up=register
take part=participate
make sure=ensure`;

/** Names of several words, or of several spellings, that become one word. */
const MERGES = `
united states of america=usa
united states=usa
the us=the usa
united kingdom=uk
great britain=uk
european union=eu
new york city=new york
operating system=os
operating systems=os
mount everest=mt everest
grand mother=grandmother`;

const ANYONE = new Set([
  'i',
  'you',
  'we',
  '1',
  'people',
  'someone',
  'somebody',
  'anyone',
  'me',
  'my',
  'your',
  'our',
  'us',
]);

interface Rewrite {
  phrase: readonly string[];
  replacement: readonly string[];
}

function readRewrites(table: string): ReadonlyMap<string, readonly Rewrite[]> {
  const byFirst = new Map<string, Rewrite[]>();
  for (const line of table.trim().split('\n')) {
    const [left = '', right = ''] = line.split('=');
    const phrase = left.split(' ');
    const rewrite = { phrase, replacement: right === '' ? [] : right.split(' ') };
    const first = phrase[0] ?? '';
    byFirst.set(first, [...(byFirst.get(first) ?? []), rewrite]);
  }
  for (const rewrites of byFirst.values()) rewrites.sort((a, b) => b.phrase.length - a.phrase.length);
  return byFirst;
}

const frames = readRewrites(REWRITES);
const names = readRewrites(MERGES);

function matches(words: readonly RawWord[], from: number, phrase: readonly string[]): boolean {
  return phrase.every((part, index) => {
    const text = words[from + index]?.text;
    return (
      text !== undefined && (text === part || ((part === 'i' || part === 'me' || part === 'my') && ANYONE.has(text)))
    );
  });
}

function rewriteBy(table: ReadonlyMap<string, readonly Rewrite[]>, words: readonly RawWord[]): RawWord[] {
  const out: RawWord[] = [];
  for (let index = 0; index < words.length;) {
    const word = words[index];
    if (word === undefined) break;
    const rewrite = table.get(word.text)?.find(({ phrase }) => matches(words, index, phrase));
    if (rewrite === undefined) {
      out.push(word);
      index++;
      continue;
    }
    for (const [at, text] of rewrite.replacement.entries()) {
      out.push({ text, written: word.written, startsSentence: at === 0 && word.startsSentence });
    }
    index += rewrite.phrase.length;
  }
  return out;
}

/** Writes names that are known in several forms in one. */
export function mergeNames(words: readonly RawWord[]): RawWord[] {
  return rewriteBy(names, words);
}

/** Brings common frames of questions ("what is the best way to", "how can I") into one form. */
export function rewritePhrases(words: readonly RawWord[]): readonly RawWord[] {
  const out = rewriteBy(frames, words);
  const [first] = out;
  if (first === undefined) return words;
  return first.text === 'to' ? [{ text: 'how', written: 'how', startsSentence: true }, ...out] : out;
}

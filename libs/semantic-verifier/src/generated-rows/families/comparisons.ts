import { defineFamily, type Family } from '../family';
import type { Picker } from '../picker';
import { choiceAdjectives, longAdjectives, personComparatives, thingComparatives, traits } from '../words/adjectives';
import { cities, countryNames } from '../words/places';
import { bareComparables, comparables, devices, foods } from '../words/things';
import { deeds } from '../words/verbs';
import { peopleOf } from './relations';

function placesOf(pick: Picker): { a: string; b: string; c: string } {
  const [a, b, c] = pick.some(pick.chance(0.5) ? cities : countryNames, 3) as [string, string, string];
  return { a, b, c };
}

function comparativeOf(pick: Picker, table: readonly (readonly string[])[]) {
  const [more, less, positive, most, least] = pick.one(table) as [string, string, string, string, string];
  const isTurned = pick.chance(0.5);
  return isTurned
    ? { more: less, less: more, positive, most: least, least: most }
    : { more, less, positive, most, least };
}

const person = defineFamily(
  'gen-comparative-person',
  (pick) => ({ ...peopleOf(pick), ...comparativeOf(pick, personComparatives) }),
  `
Is {a} {more} than {b}? / Is {b} {less} than {a}? / {isTrue} {a} is {more} than {b}? / {isTrue} {b} is {less} than {a}?
Is {b} {more} than {a}? / Is {a} {less} than {b}? / {isTrue} {b} is {more} than {a}? / {isTrue} {a} is {less} than {b}?
Is {a} as {positive} as {b}? / {isTrue} {a} is as {positive} as {b}?
Is {a} {more} than {c}? / Is {c} {less} than {a}?

Was {a} already {more} than {b} [as a child|in childhood]? / Was {b} already {less} than {a} [as a child|in childhood]?
Was {b} already {more} than {a} [as a child|in childhood]? / Was {a} already {less} than {b} [as a child|in childhood]?
Is {a} {more} than {b} [now|today]? / Is {b} {less} than {a} [now|today]?

Who is {more}, {a} or {b}? / Who is {more}, {b} or {a}? / Who's the {more} one, {b} or {a}? / Which of the two is {more}, {a} or {b}?
Who is {less}, {a} or {b}? / Who is {less}, {b} or {a}? / Who's the {less} one, {a} or {b}? / Which of the two is {less}, {b} or {a}?
Who is {more}, {a} or {c}? / Who is {more}, {c} or {a}? / Which of the two is {more}, {c} or {a}?
Why is {a} {more} than {b}? / Why is {b} {less} than {a}?

Who is the {most} of {a}, {b} and {c}? / Who is the {most} of {b}, {c} and {a}? / Of {c}, {a} and {b}, who is the {most}?
Who is the {least} of {a}, {b} and {c}? / Who is the {least} of {c}, {b} and {a}? / Of {b}, {a} and {c}, who is the {least}?`,
);

const place = defineFamily(
  'gen-comparative-place',
  (pick) => ({
    ...placesOf(pick),
    ...comparativeOf(
      pick,
      thingComparatives.filter(([more]) => !['longer', 'higher', 'wider', 'deeper', 'easier'].includes(more ?? '')),
    ),
  }),
  `
Is {a} {more} than {b}? / Is {b} {less} than {a}? / {isTrue} {b} is {less} than {a}?
Is {b} {more} than {a}? / Is {a} {less} than {b}? / {isTrue} {b} is {more} than {a}?
Is {a} {more} than {c}? / Is {c} {less} than {a}?
Is {a} as {positive} as {b}? / {isTrue} {a} is as {positive} as {b}?

Why is {a} {more} than {b}? / Why is {b} {less} than {a}? / What is the reason for {a} being {more} than {b}? / What makes {a} {more} than {b}?
Why is {b} {more} than {a}? / Why is {a} {less} than {b}? / What is the reason for {b} being {more} than {a}? / What makes {b} {more} than {a}?
How much {more} is {a} than {b}? / How much {more} than {b} is {a}? / How much {less} is {b} than {a}?

Which is {more}, {a} or {b}? / Which is {more}, {b} or {a}? / Is {b} or {a} {more}? / Which of {a} and {b} is {more}?
Which is {less}, {a} or {b}? / Which is {less}, {b} or {a}? / Is {b} or {a} {less}? / Which of {b} and {a} is {less}?
Which is {more}, {a} or {c}? / Which is {more}, {c} or {a}? / Is {c} or {a} {more}?`,
);

const longer = defineFamily(
  'gen-more-or-less',
  (pick) => {
    const [adj, adj2] = pick.some(longAdjectives, 2) as [string, string];
    return { ...(pick.chance(0.6) ? peopleOf(pick) : placesOf(pick)), adj, adj2 };
  },
  `
Is {a} more {adj} than {b}? / Is {b} less {adj} than {a}? / {isTrue} {a} is more {adj} than {b}? / {isTrue} {b} is less {adj} than {a}?
Is {a} less {adj} than {b}? / Is {b} more {adj} than {a}? / {isTrue} {a} is less {adj} than {b}? / {isTrue} {b} is more {adj} than {a}?
Is {a} more {adj2} than {b}? / Is {b} less {adj2} than {a}?
Is {a} as {adj} as {b}? / {isTrue} {a} is as {adj} as {b}?

Why is {a} more {adj} than {b}? / Why is {b} less {adj} than {a}? / What is the reason why {a} is more {adj} than {b}?
Why is {a} less {adj} than {b}? / Why is {b} more {adj} than {a}? / What is the reason why {b} is more {adj} than {a}?
Why is {a} so {adj}? / What makes {a} so {adj}? / What's the reason why {a} is so {adj}?

Was {a} always more {adj} than {b}? / Has {a} always been more {adj} than {b}? / Has {b} always been less {adj} than {a}?
Was {b} always more {adj} than {a}? / Has {b} always been more {adj} than {a}? / Has {a} always been less {adj} than {b}?
Is {a} more {adj} than {b} now? / Is {a} now more {adj} than {b}? / Is {b} less {adj} than {a} now?`,
);

const trait = defineFamily(
  'gen-trait-opposite',
  (pick) => {
    const [own, other] = pick.some(traits, 2) as [string[], string[]];
    const isTurned = pick.chance(0.5);
    const whom = pick.one(['my son', 'my daughter', 'my team', 'my husband', 'my wife', 'a child', 'my brother']);
    return {
      ...peopleOf(pick),
      t: own[isTurned ? 1 : 0] ?? '',
      u: own[isTurned ? 0 : 1] ?? '',
      t2: other[0] ?? '',
      whom,
    };
  },
  `
{how} become more {t}? / {how} become less {u}? / {how} be more {t}? / How do I get to be less {u}?
{how} become less {t}? / {how} become more {u}? / {how} be less {t}? / How do I get to be more {u}?
{how} become more {t2}? / {how} be more {t2}?
Why am I so {t}? / What makes me so {t}? / What could be the reason why I am so {t}?

Is {a} more {t} than {b}? / Is {a} less {u} than {b}? / {isTrue} {a} is more {t} than {b}? / {isTrue} {b} is less {t} than {a}?
Is {a} less {t} than {b}? / Is {a} more {u} than {b}? / {isTrue} {a} is less {t} than {b}? / {isTrue} {b} is more {t} than {a}?

{how} help {whom} become more {t}? / {how} help {whom} be less {u}? / What helps {whom} to become more {t}?
{how} help {whom} become less {t}? / {how} help {whom} be more {u}? / What helps {whom} to become less {t}?
Is it bad that {whom} is so {t}? / {isTrue} it is bad that {whom} is so {t}?

Is {a} a(n) {t} person? / {isTrue} {a} is a(n) {t} person? / Would you call {a} {t}?
Is {a} a(n) {u} person? / {isTrue} {a} is a(n) {u} person? / Would you call {a} {u}?
Why is {a} so {t}? / What makes {a} so {t}? / How come {a} is so {t}?`,
);

const preference = defineFamily(
  'gen-preference-order',
  (pick) => {
    const kind = pick.one([...bareComparables.filter((list) => list.length > 2), foods, foods, foods]);
    const [x, y, z] = pick.some(kind, 3) as [string, string, string];
    const [who, who2] = pick.some(
      ['people', 'children', 'students', 'the experts', 'Americans', 'beginners', 'most of my friends'],
      2,
    ) as [string, string];
    return { x, y, z, who, who2 };
  },
  `
Why do {who} prefer {x} to {y}? / Why do {who} prefer {x} over {y}? / Why do {who} like {x} more than {y}? / Why do {who} like {y} less than {x}?
Why do {who} prefer {y} to {x}? / Why do {who} prefer {y} over {x}? / Why do {who} like {y} more than {x}? / Why do {who} like {x} less than {y}?
Why do {who2} prefer {x} to {y}? / Why do {who2} like {x} better than {y}?
Why do {who} prefer {x} to {z}? / Why do {who} like {x} better than {z}?

Should I choose {x} instead of {y}? / Should I choose {x} rather than {y}? / Instead of {y}, should I choose {x}?
Should I choose {y} instead of {x}? / Should I choose {y} rather than {x}? / Instead of {x}, should I choose {y}?
Should I choose both {x} and {y}? / Should I choose both {y} and {x}?

What can I use instead of {x} if I have only {y}? / I have only {y}. What can I use in place of {x}?
What can I use instead of {y} if I have only {x}? / I have only {x}. What can I use in place of {y}?

{how} replace {x} with {y}? / {how} replace {x} by {y}? / {how} use {y} in place of {x}?
{how} replace {y} with {x}? / {how} replace {y} by {x}? / {how} use {x} in place of {y}?
Why should I replace {x} with {y}? / What reasons are there to replace {x} with {y}? / Why use {y} in place of {x}?`,
);

const difference = defineFamily(
  'gen-difference-between',
  (pick) => {
    const kind = pick.one(comparables.filter((list) => list.length > 2));
    const [x, y, z] = pick.some(kind, 3) as [string, string, string];
    return { x, y, z };
  },
  `
[What is|What's] the difference between {x} and {y}? / [What is|What's] the difference between {y} and {x}? / How does {x} differ from {y}? / How is {y} different from {x}? / What are the differences between {y} and {x}?
[What is|What's] the difference between {x} and {z}? / [What is|What's] the difference between {z} and {x}? / How does {z} differ from {x}? / What are the differences between {x} and {z}?
What do {x} and {y} have in common? / What do {y} and {x} have in common? / How are {y} and {x} similar? / What are the similarities between {x} and {y}?
Which is more common, {x} or {y}? / Which is more common, {y} or {x}? / Is {y} or {x} more common?

Is there a difference between {x} and {y}? / Is there any difference between {y} and {x}? / Do {y} and {x} differ? / Are {x} and {y} different?
Is there a difference between {x} and {z}? / Is there any difference between {z} and {x}? / Do {z} and {x} differ?
What's the difference between {x} and {y}? / What is the difference between {y} and {x}? / In what way do {x} and {y} differ?

Is {x} better than {y}? / Is {y} worse than {x}? / {isTrue} {x} is better than {y}?
Is {y} better than {x}? / Is {x} worse than {y}? / {isTrue} {y} is better than {x}?
Which is better, {x} or {y}? / Which is better, {y} or {x}? / Which one is better: {y} or {x}? / {x} vs {y}: which is better?
Is {x} the same as {y}? / Is {y} the same as {x}? / Are {y} and {x} the same? / Are {x} and {y} the same thing?`,
);

const choice = defineFamily(
  'gen-choice-adjective',
  (pick) => {
    const [adj, same, other, third] = pick.one(choiceAdjectives) as [string, string, string, string];
    const [thing, thing2] = pick.some(devices, 2) as [string, string];
    const whom = pick.one([
      'a student',
      'a small flat',
      'a family of four',
      'a beginner',
      'an office',
      'travelling',
      'elderly people',
      'a gift',
    ]);
    return { adj: `[${adj}|${same}]`, other, third, thing, thing2, whom };
  },
  `
[What is|What's|Which is] the {adj} {thing} for {whom}? / Which {thing} for {whom} is the {adj}? / {adj} {thing} for {whom}?
[What is|What's|Which is] the {other} {thing} for {whom}? / Which {thing} for {whom} is the {other}? / {other} {thing} for {whom}?
[What is|What's|Which is] the {third} {thing} for {whom}? / Which {thing} for {whom} is the {third}? / {third} {thing} for {whom}?
[What is|What's|Which is] the {adj} {thing2} for {whom}? / Which {thing2} for {whom} is the {adj}? / {adj} {thing2} for {whom}?
How much does the {adj} {thing} for {whom} cost? / What is the price of the {adj} {thing} for {whom}?

[What is|Which is] the {adj} {thing} on the market [right now|at the moment]? / What's the {adj} {thing} that one can buy [right now|at the moment]?
[What is|Which is] the {other} {thing} on the market [right now|at the moment]? / What's the {other} {thing} that one can buy [right now|at the moment]?
[What is|Which is] the {adj} {thing2} on the market [right now|at the moment]? / What's the {adj} {thing2} that one can buy [right now|at the moment]?
Who makes the {adj} {thing} on the market? / Which company makes the {adj} {thing} on the market?`,
);

const twoDeeds = defineFamily(
  'gen-easier-deed',
  (pick) => {
    const [one, two] = pick.some(deeds, 2) as [{ do: string; doing: string }, { do: string; doing: string }];
    return { doX: one.do, doingX: one.doing, doY: two.do, doingY: two.doing };
  },
  `
Is {doingX} easier than {doingY}? / Is {doingY} harder than {doingX}? / Is it easier to {doX} than to {doY}? / Is it harder to {doY} than to {doX}?
Is {doingY} easier than {doingX}? / Is {doingX} harder than {doingY}? / Is it easier to {doY} than to {doX}? / Is it harder to {doX} than to {doY}?
Which is easier, {doingX} or {doingY}? / What is easier, {doingY} or {doingX}? / Which is easier, to {doY} or to {doX}?
Is {doingX} cheaper than {doingY}? / Is {doingY} more expensive than {doingX}? / Is it cheaper to {doX} than to {doY}?`,
);

export const comparisonFamilies: readonly Family[] = [
  person,
  place,
  longer,
  trait,
  preference,
  difference,
  choice,
  twoDeeds,
];

import { defineFamily, type Family } from '../family';
import type { Picker } from '../picker';
import {
  asymmetricRelations,
  converseRelations,
  firstNames,
  professions,
  surnames,
  symmetricRelations,
} from '../words/people';
import { objects } from '../words/things';
import { personVerbs, thingVerbs, transfers } from '../words/verbs';

/** Three people of a kind: first names, full names or professions ("the judge"). */
export function peopleOf(pick: Picker): { a: string; b: string; c: string } {
  const kind = pick.whole(0, 9);
  const names =
    kind < 6
      ? pick.some(firstNames, 3)
      : kind < 8
        ? pick.some(professions, 3).map((job) => `the ${job}`)
        : pick.some(surnames, 3).map((surname) => `${pick.one(firstNames)} ${surname}`);
  return { a: names[0] as string, b: names[1] as string, c: names[2] as string };
}

const symmetric = defineFamily(
  'gen-symmetric-relation',
  (pick) => {
    const [own, other] = pick.some(symmetricRelations, 2) as [readonly string[], readonly string[]];
    return {
      ...peopleOf(pick),
      sym: `[${own.join('|')}]`,
      sym2: `[${other.join('|')}]`,
      asym: pick.one(asymmetricRelations),
    };
  },
  `
Is {a} {sym} {b}? / Is {b} {sym} {a}? / {isTrue} {a} is {sym} {b}? / {isTrue} {b} is {sym} {a}?
Is {a} {asym} {b}? / {isTrue} {a} is {asym} {b}?
Is {b} {asym} {a}? / {isTrue} {b} is {asym} {a}?
Is {a} {sym} {c}? / Is {c} {sym} {a}? / {isTrue} {c} is {sym} {a}?
Is {a} {sym2} {b}? / Is {b} {sym2} {a}? / {isTrue} {b} is {sym2} {a}?

Is {a} still {sym} {b}? / Is {b} still {sym} {a}?
Is {a} no longer {sym} {b}? / Is {b} no longer {sym} {a}?
Is {a} still {asym} {b}? / {isTrue} {a} is still {asym} {b}?
Is {b} still {asym} {a}? / {isTrue} {b} is still {asym} {a}?

Why was {a} {sym} {b}? / Why was {b} {sym} {a}? / What is the reason why {b} was {sym} {a}?
Why was {a} {asym} {b}? / What is the reason why {a} was {asym} {b}? / How come {a} was {asym} {b}?
Why was {b} {asym} {a}? / What is the reason why {b} was {asym} {a}? / How come {b} was {asym} {a}?

Since when [is {a}|has {a} been] {asym} {b}? / How long has {a} been {asym} {b}?
Since when [is {b}|has {b} been] {asym} {a}? / How long has {b} been {asym} {a}?
Is {a} {asym} {b}? / {isTrue} {a} is {asym} {b}?

Who says that {a} is {asym} {b}? / Who claims that {a} is {asym} {b}?
Who says that {b} is {asym} {a}? / Who claims that {b} is {asym} {a}?
Who says that {a} is {sym} {b}? / Who says that {b} is {sym} {a}? / Who claims that {b} is {sym} {a}?`,
);

const converse = defineFamily(
  'gen-converse-relation',
  (pick) => {
    const [relation, inverse] = pick.one(converseRelations) as [string, string];
    const isTurned = pick.chance(0.5);
    return { ...peopleOf(pick), rel: isTurned ? inverse : relation, inv: isTurned ? relation : inverse };
  },
  `
Is {a} {rel} {b}? / Is {b} {inv} {a}? / {isTrue} {a} is {rel} {b}? / {isTrue} {b} is {inv} {a}?
Is {b} {rel} {a}? / Is {a} {inv} {b}? / {isTrue} {b} is {rel} {a}? / {isTrue} {a} is {inv} {b}?
Is {c} {rel} {b}? / Is {b} {inv} {c}? / {isTrue} {b} is {inv} {c}?

Was {a} {rel} {b} in 2010? / Was {b} {inv} {a} in 2010?
Is {a} {rel} {b} now? / Is {b} now {inv} {a}?
Was {b} {rel} {a} in 2010? / Was {a} {inv} {b} in 2010?

Who is {rel} {b}? / {b} is {inv} whom? / Do you know who is {rel} {b}?
Who is {inv} {b}? / {b} is {rel} whom? / Do you know who is {inv} {b}?`,
);

const transfer = defineFamily(
  'gen-transfer-roles',
  (pick) => {
    const [give, gave, given, to, take, took, taken] = pick.one(transfers) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    return { ...peopleOf(pick), give, gave, given, to, take, took, taken, x: `the ${pick.one(objects)}` };
  },
  `
Did {a} {give} {x} {to} {b}? / Did {b} {take} {x} from {a}? / Was {x} {given} {to} {b} by {a}? / {isTrue} {b} {took} {x} from {a}?
Did {b} {give} {x} {to} {a}? / Did {a} {take} {x} from {b}? / Was {x} {given} {to} {a} by {b}? / {isTrue} {b} {gave} {x} {to} {a}?
Did {a} {give} {x} {to} {c}? / Did {c} {take} {x} from {a}? / Was {x} {given} {to} {c} by {a}?

Who {gave} {x} {to} {b}? / From whom did {b} {take} {x}? / Who did {b} {take} {x} from? / By whom was {x} {given} {to} {b}?
Who {took} {x} from {b}? / To whom did {b} {give} {x}? / Who did {b} {give} {x} {to}? / Who was {x} {given} {to} by {b}?
What did {b} {take} from {a}? / What did {a} {give} {to} {b}? / What was {given} {to} {b} by {a}?

When did {a} {give} {x} {to} {b}? / When did {b} {take} {x} from {a}? / When was {x} {given} {to} {b} by {a}?
When did {b} {give} {x} {to} {a}? / When did {a} {take} {x} from {b}? / When was {x} {taken} from {b} by {a}?
Why did {a} {give} {x} {to} {b}? / Why was {x} {given} {to} {b} by {a}? / What was {a}'s reason to {give} {x} {to} {b}?`,
);

const voiceOfThings = defineFamily(
  'gen-voice-thing',
  (pick) => {
    const [own, other] = pick.some(thingVerbs, 2) as [string[], string[]];
    const [x, y] = pick.some(objects, 2);
    return {
      ...peopleOf(pick),
      do: own[0] ?? '',
      did: own[1] ?? '',
      done: own[2] ?? '',
      do2: other[0] ?? '',
      done2: other[2] ?? '',
      x: `the ${x}`,
      y: `the ${y}`,
    };
  },
  `
Did {a} {do} {x}? / Was {x} {done} by {a}? / {isTrue} {a} {did} {x}? / {isTrue} {x} was {done} by {a}?
Was {a} {done} by {x}? / {isTrue} {a} was {done} by {x}?
Did {a} {do2} {x}? / Was {x} {done2} by {a}? / {isTrue} {x} was {done2} by {a}?
Did {a} {do} {y}? / Was {y} {done} by {a}? / {isTrue} {a} {did} {y}?
Did {b} {do} {x}? / Was {x} {done} by {b}? / {isTrue} {x} was {done} by {b}?

When did {a} {do} {x}? / When was {x} {done} by {a}? / At what time did {a} {do} {x}?
When did {a} {do2} {x}? / When was {x} {done2} by {a}? / At what time was {x} {done2} by {a}?
Where did {a} {do} {x}? / Where was {x} {done} by {a}? / In what place did {a} {do} {x}?
Why did {a} {do} {x}? / Why was {x} {done} by {a}? / What made {a} {do} {x}?

Who {did} {x}? / Who was {x} {done} by? / By whom was {x} {done}?
Who {did} {y}? / Who was {y} {done} by? / By whom was {y} {done}?
What did {a} {do}? / What was {done} by {a}?`,
);

const voiceOfPeople = defineFamily(
  'gen-voice-person',
  (pick) => {
    const [own, other] = pick.some(personVerbs, 2) as [string[], string[]];
    return {
      ...peopleOf(pick),
      do: own[0] ?? '',
      did: own[1] ?? '',
      done: own[2] ?? '',
      do2: other[0] ?? '',
      done2: other[2] ?? '',
    };
  },
  `
Did {a} {do} {b}? / Was {b} {done} by {a}? / {isTrue} {a} {did} {b}? / {isTrue} {b} was {done} by {a}?
Did {b} {do} {a}? / Was {a} {done} by {b}? / {isTrue} {b} {did} {a}? / {isTrue} {a} was {done} by {b}?
Did {a} {do2} {b}? / Was {b} {done2} by {a}? / {isTrue} {b} was {done2} by {a}?
Did {a} {do} {c}? / Was {c} {done} by {a}? / {isTrue} {c} was {done} by {a}?

Why did {a} {do} {b}? / Why was {b} {done} by {a}? / For what reason did {a} {do} {b}? / What is the reason why {a} {did} {b}?
Why did {b} {do} {a}? / Why was {a} {done} by {b}? / For what reason did {b} {do} {a}? / What is the reason why {b} {did} {a}?
Why did {a} not {do} {b}? / Why didn't {a} {do} {b}? / Why was {b} not {done} by {a}?

How often did {a} {do} {b}? / How many times did {a} {do} {b}? / How often was {b} {done} by {a}? / How many times was {b} {done} by {a}?
How often did {b} {do} {a}? / How many times did {b} {do} {a}? / How often was {a} {done} by {b}? / How many times was {a} {done} by {b}?
When did {a} {do} {b}? / When was {b} {done} by {a}? / {tell} when {a} {did} {b}?`,
);

const whoWhom = defineFamily(
  'gen-who-whom',
  (pick) => {
    const [base, past, participle] = pick.one(personVerbs) as [string, string, string];
    return { ...peopleOf(pick), do: base, did: past, done: participle };
  },
  `
Who did {a} {do}? / Whom did {a} {do}? / Who was {done} by {a}? / Which person did {a} {do}? / {tell} who {a} {did}?
Who {did} {a}? / Who was {a} {done} by? / By whom was {a} {done}? / Which person {did} {a}? / {tell} who {did} {a}?
Who {did} {b}? / Who was {b} {done} by? / By whom was {b} {done}? / {tell} who {did} {b}?

Which people did {a} {do}? / Which people were {done} by {a}? / Who are the people that {a} {did}?
Which people {did} {a}? / By which people was {a} {done}? / Who are the people that {did} {a}?
How many people did {a} {do}? / How many people were {done} by {a}? / By {a}, how many people were {done}?
How many people {did} {a}? / By how many people was {a} {done}?`,
);

export const relationFamilies: readonly Family[] = [
  symmetric,
  converse,
  transfer,
  voiceOfThings,
  voiceOfPeople,
  whoWhom,
];

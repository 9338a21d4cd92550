import { defineFamily, type Family } from '../family';
import { traitSynonyms } from '../words/adjectives';
import { professions } from '../words/people';
import { cities } from '../words/places';
import { deeds, statives } from '../words/verbs';
import { peopleOf } from './relations';
import { numberWord } from './values';

const modifiers = [
  'licensed',
  'famous',
  'retired',
  'self-taught',
  'good',
  'Russian',
  'Indian',
  'Swedish',
  'Mexican',
  'young',
  'full-time',
  'freelance',
  'trained',
  'military',
  'former',
  'rich',
  'female',
  'second-rate',
  'Catholic',
  'successful',
  'fake',
  'qualified',
];

const modifier = defineFamily(
  'gen-modifier-added',
  (pick) => {
    const [mod, mod2] = pick.some(modifiers, 2) as [string, string];
    const { a, b } = peopleOf(pick);
    return { a, b, mod, mod2, job: pick.one(professions), city: pick.one(cities) };
  },
  `
Is {a} a(n) {job}? / Does {a} work as a(n) {job}? / {isTrue} {a} is a(n) {job}?
Is {a} a(n) {mod} {job}? / Does {a} work as a(n) {mod} {job}? / {isTrue} {a} is a(n) {mod} {job}?
Is {a} a(n) {mod2} {job}? / Does {a} work as a(n) {mod2} {job}? / {isTrue} {a} is a(n) {mod2} {job}?
Is {b} a(n) {mod} {job}? / Does {b} work as a(n) {mod} {job}? / {isTrue} {b} is a(n) {mod} {job}?

Where can I find a(n) {job} in {city}? / Where in {city} can I find a(n) {job}? / Where is there a(n) {job} in {city}?
Where can I find a(n) {mod} {job} in {city}? / Where in {city} can I find a(n) {mod} {job}? / Where is there a(n) {mod} {job} in {city}?
Where can I find a(n) {mod2} {job} in {city}? / Where in {city} can I find a(n) {mod2} {job}? / Where is there a(n) {mod2} {job} in {city}?`,
);

const traitWord = defineFamily(
  'gen-trait-synonym',
  (pick) => {
    const [own, alike, other] = pick.one(traitSynonyms) as [string, string, string];
    return { ...peopleOf(pick), t: `[${own}|${alike}]`, u: other };
  },
  `
Is {a} [really|] {t}? / Would you call {a} {t}? / {isTrue} {a} is {t}?
Is {a} [really|] {u}? / Would you call {a} {u}? / {isTrue} {a} is {u}?
Is {b} [really|] {t}? / Would you call {b} {t}? / {isTrue} {b} is {t}?

{how} become {t}? / {how} be a(n) {t} person? / {how} become a(n) {t} person?
{how} become {u}? / {how} be a(n) {u} person? / {how} become a(n) {u} person?
{how} deal with a(n) {t} person? / {how} handle a(n) {t} person?

Why is {a} so {t}? / What makes {a} so {t}? / How come {a} is so {t}?
Why is {a} so {u}? / What makes {a} so {u}? / How come {a} is so {u}?
Why is {b} so {t}? / What makes {b} so {t}? / How come {b} is so {t}?

Is {a} more {t} than {b}? / Is {b} less {t} than {a}? / {isTrue} {a} is more {t} than {b}?
Is {b} more {t} than {a}? / Is {a} less {t} than {b}? / {isTrue} {b} is more {t} than {a}?`,
);

const clock = defineFamily(
  'gen-clock-time',
  (pick) => {
    const [one, two] = pick.some([5, 6, 7, 8, 9, 10, 11], 2) as [number, number];
    const isMorning = pick.chance(0.5);
    const time = (hour: number) =>
      `[${hour} ${isMorning ? 'am' : 'pm'}|${hour}${isMorning ? 'am' : 'pm'}|${numberWord(hour)} in the ${isMorning ? 'morning' : 'evening'}|${isMorning ? `${hour}:00 am` : `${hour + 12}:00`}]`;
    const [own, other] = pick.some(deeds, 2) as { do: string; doing: string }[];
    const [adj, adj2] = pick.some(
      ['unusual', 'dangerous', 'rude', 'illegal', 'healthy', 'pointless', 'common', 'expensive', 'unwise'],
      2,
    ) as [string, string];
    const age = pick.whole(12, 60);
    return {
      t: time(one),
      u: time(two),
      do: own?.do ?? '',
      doing: own?.doing ?? '',
      do2: other?.do ?? '',
      adj,
      adj2,
      age: `[${age}|${numberWord(age)}]`,
      age2: `[${age + 1}|${numberWord(age + 1)}]`,
    };
  },
  `
Is it {adj} to {do} before {t}? / Is {doing} before {t} {adj}? / {isTrue} it is {adj} to {do} before {t}?
Is it {adj} to {do} after {t}? / Is {doing} after {t} {adj}? / {isTrue} it is {adj} to {do} after {t}?
Is it {adj} to {do} before {u}? / Is {doing} before {u} {adj}? / {isTrue} it is {adj} to {do} before {u}?
Is it {adj2} to {do} before {t}? / Is {doing} before {t} {adj2}? / {isTrue} it is {adj2} to {do} before {t}?
Is it {adj} to {do2} before {t}? / {isTrue} it is {adj} to {do2} before {t}?

Is it {adj} to {do} before the age of {age}? / Is {doing} before the age of {age} {adj}? / {isTrue} it is {adj} to {do} before the age of {age}?
Is it {adj} to {do} after the age of {age}? / Is {doing} after the age of {age} {adj}? / {isTrue} it is {adj} to {do} after the age of {age}?
Is it {adj} to {do} before the age of {age2}? / Is {doing} before the age of {age2} {adj}? / {isTrue} it is {adj} to {do} before the age of {age2}?`,
);

const stative = defineFamily(
  'gen-voice-present',
  (pick) => {
    const [own, other] = pick.some(statives, 2) as [string[], string[]];
    return {
      ...peopleOf(pick),
      love: own[0] ?? '',
      loves: own[1] ?? '',
      loved: own[2] ?? '',
      hate: other[0] ?? '',
      hated: other[2] ?? '',
    };
  },
  `
Does {a} {love} {b}? / Is {b} {loved} by {a}? / {isTrue} {a} {loves} {b}? / {isTrue} {b} is {loved} by {a}?
Does {b} {love} {a}? / Is {a} {loved} by {b}? / {isTrue} {b} {loves} {a}? / {isTrue} {a} is {loved} by {b}?
Does {a} {hate} {b}? / Is {b} {hated} by {a}? / {isTrue} {b} is {hated} by {a}?
Does {a} {love} {c}? / Is {c} {loved} by {a}? / {isTrue} {a} {loves} {c}?
Did {a} {love} {b}? / Was {b} {loved} by {a}? / {isTrue} {b} was {loved} by {a}?

Who {loves} {a}? / By whom is {a} {loved}? / Who is {a} {loved} by?
Who does {a} {love}? / Whom does {a} {love}? / Who is {loved} by {a}?
Who {loves} {b}? / By whom is {b} {loved}? / Who is {b} {loved} by?

Do {a} and {b} {love} each other? / Do {b} and {a} {love} each other? / Do {a} and {b} {love} one another? / {isTrue} {b} and {a} {love} each other?
Do {a} and {b} {hate} each other? / Do {b} and {a} {hate} each other? / Do {a} and {b} {hate} one another?
Do {a} and {b} {love} themselves? / Do {b} and {a} {love} themselves?
Does {a} {love} {b}? / Is {b} {loved} by {a}? / {isTrue} {a} {loves} {b}?
Does {b} {love} {a}? / Is {a} {loved} by {b}? / {isTrue} {b} {loves} {a}?

Why does {a} {love} {b}? / Why is {b} {loved} by {a}? / For what reason does {a} {love} {b}? / What is the reason why {a} {loves} {b}?
Why does {b} {love} {a}? / Why is {a} {loved} by {b}? / For what reason does {b} {love} {a}? / What is the reason why {b} {loves} {a}?
Why doesn't {a} {love} {b}? / Why does {a} not {love} {b}? / Why isn't {b} {loved} by {a}?`,
);

export const attributeFamilies: readonly Family[] = [modifier, traitWord, clock, stative];

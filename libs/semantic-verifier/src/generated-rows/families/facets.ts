import { defineFamily, type Family } from '../family';
import { pluralOf } from '../inflect';
import type { Picker } from '../picker';
import {
  countryAspects,
  courseAspects,
  courseDepartments,
  courseSubjects,
  facets,
  jobAspects,
  textForms,
  thingAspects,
} from '../words/contexts';
import { firstNames, professions } from '../words/people';
import { cities, countryNames, landmarks } from '../words/places';
import { companies, devices, skills, topics } from '../words/things';
import { deeds } from '../words/verbs';
import { numberWord } from './values';

const facet = defineFamily(
  'gen-facet-added',
  (pick) => {
    const [f, g] = pick.some(facets, 2) as [string, string];
    return { do: pick.chance(0.5) ? `learn ${pick.one(skills)}` : pick.one(deeds).do, f, g };
  },
  `
{how} {do}? / How do I [actually|even] {do}? / What is [actually|in general] the [way|right way] to {do}? / How do people usually {do}?
{how} {do} {f}? / How do I [actually|even] {do} {f}? / What is the [way|right way] to {do} {f}? / {f}, how do I {do}?
{how} {do} {g}? / How do I [actually|even] {do} {g}? / What is the [way|right way] to {do} {g}? / {g}, how do I {do}?

Is it [hard|difficult] to {do}? / How [hard|difficult] is it to {do}, [actually|in general]?
Is it [hard|difficult] to {do} {f}? / {f}, is it [hard|difficult] to {do}?
Is it [hard|difficult] to {do} {g}? / {g}, is it [hard|difficult] to {do}?`,
);

const ofCountry = defineFamily(
  'gen-country-aspect',
  (pick) => {
    const [asp, asp2] = pick.some(countryAspects, 2) as [string, string];
    const [c, c2] = pick.some(countryNames, 2) as [string, string];
    return { asp, asp2, c, c2 };
  },
  `
[What is|What's] the {asp} of {c}? / [What is|What's] {c}'s {asp}? / {tell} the {asp} of {c}? / {c}: {asp}? / {asp} of {c}
[What is|What's] the {asp2} of {c}? / [What is|What's] {c}'s {asp2}? / {tell} the {asp2} of {c}? / {c}: {asp2}? / {asp2} of {c}
[What is|What's] the {asp} of {c2}? / [What is|What's] {c2}'s {asp}? / {tell} the {asp} of {c2}? / {c2}: {asp}? / {asp} of {c2}
What was the {asp} of {c} in [1950|the year 1950]? / What was {c}'s {asp} in [1950|the year 1950]?

How has the {asp} of {c} changed [in recent years|lately|recently]? / How has {c}'s {asp} changed [in recent years|lately|recently]?
How has the {asp2} of {c} changed [in recent years|lately|recently]? / How has {c}'s {asp2} changed [in recent years|lately|recently]?
How has the {asp} of {c2} changed [in recent years|lately|recently]? / How has {c2}'s {asp} changed [in recent years|lately|recently]?
How will the {asp} of {c} change [in the future|in years to come]? / How will {c}'s {asp} change [in the future|in years to come]?`,
);

const ofJob = defineFamily(
  'gen-job-aspect',
  (pick) => {
    const [asp, asp2] = pick.some(
      jobAspects.filter((aspect) => !aspect.endsWith('s')),
      2,
    ) as [string, string];
    const [many, many2] = pick.some(
      jobAspects.filter((aspect) => aspect.endsWith('s')),
      2,
    ) as [string, string];
    const [job, job2] = pick.some(professions, 2) as [string, string];
    return { asp, asp2, many, many2, job, job2 };
  },
  `
[What is|What's] the {asp} of a(n) {job}? / [What is|What's] a(n) {job}'s {asp}? / What is the {asp} of a(n) {job} like? / {job} {asp}?
[What is|What's] the {asp2} of a(n) {job}? / [What is|What's] a(n) {job}'s {asp2}? / What is the {asp2} of a(n) {job} like? / {job} {asp2}?
[What is|What's] the {asp} of a(n) {job2}? / [What is|What's] a(n) {job2}'s {asp}? / What is the {asp} of a(n) {job2} like? / {job2} {asp}?
What are the {many} of a(n) {job}? / What {many} does a(n) {job} have? / {job} {many}?

What are the {many} of a(n) {job}? / What {many} does a(n) {job} have? / {tell} the {many} of a(n) {job}?
What are the {many2} of a(n) {job}? / What {many2} does a(n) {job} have? / {tell} the {many2} of a(n) {job}?
What are the {many} of a(n) {job2}? / What {many} does a(n) {job2} have? / {tell} the {many} of a(n) {job2}?`,
);

const ofThing = defineFamily(
  'gen-thing-aspect',
  (pick) => {
    const [asp, asp2] = pick.some(thingAspects, 2) as [string, string];
    const [thing, thing2] = pick.some(devices, 2) as [string, string];
    const [co, co2] = pick.some(companies, 2) as [string, string];
    return { asp, asp2, thing, thing2, co, co2 };
  },
  `
What should I know about the {asp} of a(n) {thing}? / What do I have to know about the {asp} of a(n) {thing}? / What is there to know about a(n) {thing}'s {asp}?
What should I know about the {asp2} of a(n) {thing}? / What do I have to know about the {asp2} of a(n) {thing}? / What is there to know about a(n) {thing}'s {asp2}?
What should I know about the {asp} of a(n) {thing2}? / What do I have to know about the {asp} of a(n) {thing2}?

Are {co} {things} better than {co2} {things}? / Are {co2} {things} worse than {co} {things}? / {isTrue} {co} {things} are better than {co2} {things}?
Are {co2} {things} better than {co} {things}? / Are {co} {things} worse than {co2} {things}? / {isTrue} {co2} {things} are better than {co} {things}?
Are {co} {things2} better than {co2} {things2}? / Are {co2} {things2} worse than {co} {things2}?
Which {things} are better, {co} or {co2}? / Which {things} are better, those of {co2} or those of {co}? / {co} or {co2}: whose {things} are better?

How is the {asp} of {co} {things}? / What about the {asp} of {co} {things}? / How good is the {asp} of {co} {things}?
How is the {asp2} of {co} {things}? / What about the {asp2} of {co} {things}? / How good is the {asp2} of {co} {things}?
How is the {asp} of {co2} {things}? / What about the {asp} of {co2} {things}? / How good is the {asp} of {co2} {things}?`,
);

const thingFamily: Family = {
  ...ofThing,
  slots: (pick) => {
    const slots = ofThing.slots(pick);
    return { ...slots, things: pluralOf(slots['thing'] ?? ''), things2: pluralOf(slots['thing2'] ?? '') };
  },
};

function courseOf(pick: Picker): string {
  return pick.chance(0.5) ? pick.one(courseSubjects) : `${pick.one(courseDepartments)} ${pick.whole(100, 599)}`;
}

const course = defineFamily(
  'gen-course-catalogue',
  (pick) => {
    const k = courseOf(pick);
    const dept = /^([A-Z]+) (\d+)$/.exec(k);
    const near = dept === null ? pick.one(courseSubjects) : `${dept[1]} ${Number(dept[2]) + pick.whole(1, 9)}`;
    const k2 = near === k ? 'Rhetoric' : near;
    const [one, two] = pick.some(courseAspects, 2) as [string[], string[]];
    const ask = (row: string[], name: string) =>
      `[${row
        .slice(1)
        .map((question) => question.replace('_', name))
        .join('|')}]`;
    return { k, k2, asp: one[0] ?? '', asp2: two[0] ?? '', q: ask(one, k), p: ask(two, k), r: ask(one, k2) };
  },
  `
{q} / {k} {asp}? / {k}: {asp}?
{p} / {k} {asp2}? / {k}: {asp2}?
{r} / {k2} {asp}? / {k2}: {asp}?

Can I take {k} before {k2}? / Is it possible to take {k} before {k2}? / May I take {k2} after {k}?
Can I take {k2} before {k}? / Is it possible to take {k2} before {k}? / May I take {k} after {k2}?
Can I take {k} and {k2} in the same term? / Is it possible to take {k2} and {k} in the same term? / May I take {k2} together with {k}?

Is {k} harder than {k2}? / Is {k2} easier than {k}? / Compared with {k2}, is {k} harder?
Is {k2} harder than {k}? / Is {k} easier than {k2}? / Compared with {k}, is {k2} harder?
Is {k} a prerequisite [for|of] {k2}? / Do I need {k} in order to take {k2}? / Does {k2} have {k} as a prerequisite?
Is {k2} a prerequisite [for|of] {k}? / Do I need {k2} in order to take {k}? / Does {k} have {k2} as a prerequisite?

Is {k} offered in [the fall|fall|autumn]? / Can I take {k} in [the fall|autumn]? / {k} in fall?
Is {k} offered in [the spring|spring]? / Can I take {k} in [the spring|spring]? / {k} in spring?
Is {k2} offered in [the fall|fall|autumn]? / Can I take {k2} in [the fall|autumn]? / {k2} in fall?
Was {k} offered last [fall|autumn]? / Did they offer {k} last [fall|autumn]?`,
);

const identity = defineFamily(
  'gen-identity-verb',
  (pick) => {
    const [job, job2] = pick.some(professions, 2) as [string, string];
    return { job, jobs: pluralOf(job), job2, city: pick.one(cities) };
  },
  `
{how} become a(n) {job}? / What does it take to become a(n) {job}? / What [path|route] leads to becoming a(n) {job}?
{how} work with a(n) {job}? / What is it like to work with a(n) {job}? / How is it to work alongside a(n) {job}?
{how} hire a(n) {job}? / How does one go about hiring a(n) {job}?
{how} become a(n) {job2}? / What does it take to become a(n) {job2}? / What [path|route] leads to becoming a(n) {job2}?
{how} complain about a(n) {job}? / Where can I complain about a(n) {job}?
{how} impress a(n) {job}? / What impresses a(n) {job}?
{how} stop being a(n) {job}? / {how} quit work as a(n) {job}?

Where do {jobs} find customers in {city}? / Where in {city} do {jobs} find their customers?
Where do customers find {jobs} in {city}? / Where in {city} do customers find {jobs}?
Where do {jobs} live in {city}? / Where in {city} do {jobs} live?

Does a(n) {job} need a(n) {job2}? / Is a(n) {job2} needed by a(n) {job}? / {isTrue} a(n) {job} needs a(n) {job2}?
Does a(n) {job2} need a(n) {job}? / Is a(n) {job} needed by a(n) {job2}? / {isTrue} a(n) {job2} needs a(n) {job}?
Can a(n) {job} become a(n) {job2}? / Is it possible for a(n) {job} to become a(n) {job2}? / {isTrue} a(n) {job} can become a(n) {job2}?
Can a(n) {job2} become a(n) {job}? / Is it possible for a(n) {job2} to become a(n) {job}? / {isTrue} a(n) {job2} can become a(n) {job}?`,
);

const instruction = defineFamily(
  'gen-instruction',
  (pick) => {
    const [form, form2] = pick.some(textForms, 2) as [string, string];
    const [x, y] = pick.some(topics, 2) as [string, string];
    const [n, m] = pick.some([2, 3, 4, 5, 6, 7, 8, 9, 10, 12], 2) as [number, number];
    return { form, form2, x, y, n: `[${n}|${numberWord(n)}]`, m: `[${m}|${numberWord(m)}]` };
  },
  `
Write a(n) {form} about {x}. / [Can|Could] you write a(n) {form} about {x}? / Please write me a(n) {form} on {x}. / I need a(n) {form} about {x}. / Compose a(n) {form} on the subject of {x}.
Write a(n) {form2} about {x}. / [Can|Could] you write a(n) {form2} about {x}? / Please write me a(n) {form2} on {x}. / I need a(n) {form2} about {x}.
Write a(n) {form} about {y}. / [Can|Could] you write a(n) {form} about {y}? / Please write me a(n) {form} on {y}. / I need a(n) {form} about {y}.
How do I write a(n) {form} about {x}? / How should I go about writing a(n) {form} about {x}? / Explain to me how to write a(n) {form} about {x}.

Give me {n} facts about {x}. / List {n} facts about {x}. / Tell me {n} facts on {x}. / [What are|Name] {n} facts about {x}?
Give me {m} facts about {x}. / List {m} facts about {x}. / Tell me {m} facts on {x}. / [What are|Name] {m} facts about {x}?
Give me {n} facts about {y}. / List {n} facts about {y}. / Tell me {n} facts on {y}.
Give me {n} myths about {x}. / List {n} myths about {x}. / Tell me {n} myths on {x}.

Explain {x} to a child in {n} sentences. / In {n} sentences, explain {x} to a child. / [Can|Could] you explain {x} to a child in {n} sentences?
Explain {x} to a child in {m} sentences. / In {m} sentences, explain {x} to a child. / [Can|Could] you explain {x} to a child in {m} sentences?
Explain {x} to an expert in {n} sentences. / In {n} sentences, explain {x} to an expert.
Explain {y} to a child in {n} sentences. / In {n} sentences, explain {y} to a child.`,
);

const story = defineFamily(
  'gen-told-situation',
  (pick) => {
    const [job, job2] = pick.some(professions, 2) as [string, string];
    const [city, city2] = pick.some(cities, 2) as [string, string];
    const [one, two] = pick.some(deeds, 2) as { do: string }[];
    const n = pick.whole(19, 60);
    return { job, job2, city, city2, do: one?.do ?? '', do2: two?.do ?? '', n: `${n}`, m: `${n + pick.whole(2, 25)}` };
  },
  `
I am a {n}-year-old {job} from {city}. Should I {do}? / As a {n}-year-old {job} from {city}, should I {do}? / I'm {n}, from {city}, and work as a(n) {job}. Is it a good idea to {do}?
I am a {m}-year-old {job} from {city}. Should I {do}? / As a {m}-year-old {job} from {city}, should I {do}? / I'm {m}, from {city}, and work as a(n) {job}. Is it a good idea to {do}?
I am a {n}-year-old {job2} from {city}. Should I {do}? / As a {n}-year-old {job2} from {city}, should I {do}? / I'm {n}, from {city}, and work as a(n) {job2}. Is it a good idea to {do}?
I am a {n}-year-old {job} from {city2}. Should I {do}? / As a {n}-year-old {job} from {city2}, should I {do}?
I am a {n}-year-old {job} from {city}. Should I {do2}? / As a {n}-year-old {job} from {city}, should I {do2}?
I am a {n}-year-old {job} from {city}. How can I {do}? / As a {n}-year-old {job} from {city}, how can I {do}?

I used to be a(n) {job} and want to become a(n) {job2}. What should I do? / How can a former {job} become a(n) {job2}? / As a former {job}, what should I do to become a(n) {job2}?
I used to be a(n) {job2} and want to become a(n) {job}. What should I do? / How can a former {job2} become a(n) {job}? / As a former {job2}, what should I do to become a(n) {job}?
I want to be both a(n) {job} and a(n) {job2}. What should I do? / How can I be both a(n) {job2} and a(n) {job}?`,
);

const opening = defineFamily(
  'gen-opening-hours',
  (pick) => {
    const [day, day2] = pick.some(
      ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'],
      2,
    ) as [string, string];
    const [city, city2] = pick.some(cities, 2) as [string, string];
    const [mark, mark2] = pick.some(landmarks, 2) as [string, string];
    return { day, day2, city, city2, mark, mark2, name: pick.one(firstNames) };
  },
  `
Is the {mark} in {city} open on {day}? / On {day}, is the {mark} in {city} open? / Can I visit the {mark} in {city} on {day}? / {isTrue} the {mark} in {city} is open on {day}?
Is the {mark} in {city} open on {day2}? / On {day2}, is the {mark} in {city} open? / Can I visit the {mark} in {city} on {day2}?
Is the {mark2} in {city} open on {day}? / On {day}, is the {mark2} in {city} open? / Can I visit the {mark2} in {city} on {day}?
Is the {mark} in {city2} open on {day}? / On {day}, is the {mark} in {city2} open? / Can I visit the {mark} in {city2} on {day}?
Is the {mark} in {city} crowded on {day}? / On {day}, is the {mark} in {city} crowded?

When does the {mark} in {city} open on {day}? / At what time does the {mark} in {city} open on {day}? / On {day}, when does the {mark} in {city} open?
When does the {mark} in {city} close on {day}? / At what time does the {mark} in {city} close on {day}? / On {day}, when does the {mark} in {city} close?
When does the {mark} in {city} open on {day2}? / At what time does the {mark} in {city} open on {day2}? / On {day2}, when does the {mark} in {city} open?

How do I get from the {mark} to the {mark2} in {city}? / In {city}, how do I get to the {mark2} from the {mark}?
How do I get from the {mark2} to the {mark} in {city}? / In {city}, how do I get to the {mark} from the {mark2}?
How far is the {mark} from the {mark2} in {city}? / In {city}, how far is the {mark2} from the {mark}? / In {city}, what is the distance between the {mark2} and the {mark}?`,
);

export const facetFamilies: readonly Family[] = [
  facet,
  ofCountry,
  ofJob,
  thingFamily,
  course,
  identity,
  instruction,
  story,
  opening,
];

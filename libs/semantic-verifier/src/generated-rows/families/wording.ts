import { defineFamily, type Family } from '../family';
import { pluralOf } from '../inflect';
import { groupsInPlaces, longAdjectives, looks } from '../words/adjectives';
import { abbreviations, synonymContexts, undoings } from '../words/contexts';
import { firstNames, professions } from '../words/people';
import { cities, countries, countryNames } from '../words/places';
import { animals, animalSkills, devices, foods, objects, skills } from '../words/things';
import { lifeEvents } from '../words/verbs';
import { peopleOf } from './relations';

const synonym = defineFamily(
  'gen-synonym',
  (pick) => {
    const [own, alike, other, context] = pick.one(synonymContexts) as [string, string, string, string];
    const [animal, animalMany] = pick.one(animals) as [string, string];
    const [country, inhabitants] = pick.one(countries) as [string, string];
    const job = pick.one(professions);
    const slots = {
      city: pick.one(cities),
      country,
      people: '',
      name: pick.one(firstNames),
      food: pick.one(foods),
      thing: pick.one(devices),
      skill: pick.one(skills),
      job,
      jobs: pluralOf(job),
      animal,
      animals: animalMany,
    };
    const filled = context.replace(
      '{people} ',
      pick.one(['French ', 'Indian ', 'Russian ', 'Mexican ', 'Swedish ', 'Italian ', 'Turkish ', 'Korean ', 'Irish ']),
    );
    const say = (word: string) => filled.replace('_', word);
    return { ...slots, inhabitants, p: say(`[${own}|${alike}]`), q: say(other) };
  },
  `
{p} / Does anybody know: {p}
{q} / Does anybody know: {q}`,
);

const abbreviation = defineFamily(
  'gen-abbreviation',
  (pick) => {
    const [one, two] = pick.some(abbreviations, 2) as [string[], string[]];
    return { x: `[${one.join('|')}]`, y: `[${two.join('|')}]` };
  },
  `
What is {x} used for? / What do people use {x} for? / What is the use of {x}?
What is {y} used for? / What do people use {y} for? / What is the use of {y}?
Who [invented|came up with] {x}? / By whom was {x} invented?

Why is {x} important? / What makes {x} important? / Why does {x} matter?
Why is {y} important? / What makes {y} important? / Why does {y} matter?
Why is {x} criticised? / What do people criticise about {x}? / Why do people criticise {x}?

Where can I learn more about {x}? / I want to learn more about {x}. Where can I do that?
Where can I learn more about {y}? / I want to learn more about {y}. Where can I do that?`,
);

const undoing = defineFamily(
  'gen-antonym-verb',
  (pick) => {
    const [own, other] = pick.some(undoings, 2) as [string[], string[]];
    return { do: `[${own[0]}|${own[1]}]`, undo: own[2] ?? '', x: own[3] ?? '', do2: other[0] ?? '', y: other[3] ?? '' };
  },
  `
{how} {do} {x}? / Is there an easy way to {do} {x}? / I want to {do} {x}. How does that work?
{how} {undo} {x}? / Is there an easy way to {undo} {x}? / I want to {undo} {x}. How does that work?
{how} {do2} {y}? / Is there an easy way to {do2} {y}? / I want to {do2} {y}. How does that work?

Why can't I {do} {x}? / Why am I [unable|not able] to {do} {x}? / What is the reason why I can't {do} {x}?
Why can't I {undo} {x}? / Why am I [unable|not able] to {undo} {x}? / What is the reason why I can't {undo} {x}?
What happens when I {do} {x}? / What happens if I {do} {x}?
What happens when I {undo} {x}? / What happens if I {undo} {x}?

How much does it cost to {do} {x}? / What does it cost to {do} {x}? / What do people charge to {do} {x}?
How much does it cost to {undo} {x}? / What does it cost to {undo} {x}? / What do people charge to {undo} {x}?`,
);

const swappedLooks = defineFamily(
  'gen-adjective-swap',
  (pick) => {
    const [c, d, e] = pick.some(looks, 3) as [string, string, string];
    const [whole, part, part2] = pick.one([
      ['car', 'seats', 'doors'],
      ['house', 'windows', 'shutters'],
      ['dress', 'buttons', 'sleeves'],
      ['flag', 'stars', 'stripes'],
      ['bird', 'wings', 'feet'],
      ['bag', 'handles', 'pockets'],
      ['shirt', 'dots', 'cuffs'],
      ['cake', 'candles', 'roses'],
      ['boat', 'sails', 'ropes'],
      ['butterfly', 'spots', 'legs'],
      ['coat', 'pockets', 'buttons'],
      ['chair', 'legs', 'cushions'],
      ['cat', 'paws', 'ears'],
    ]) as [string, string, string];
    const [group, at, p1, q1] = pick.one(groupsInPlaces) as [string, string, string, string];
    const [p, q] = pick.chance(0.5) ? [p1, q1] : [q1, p1];
    const adj = pick.one(['rare', 'popular', 'common', 'important', 'different', 'special']);
    return { c, d, e, p, q, whole, part, part2, group, at, adj, country: pick.one(countryNames) };
  },
  `
What does a(n) {c} {whole} with {d} {part} stand for? / What does a {whole} stand for that is {c} and has {d} {part}? / a(n) {c} {whole} with {d} {part}: what does it stand for?
What does a(n) {d} {whole} with {c} {part} stand for? / What does a {whole} stand for that is {d} and has {c} {part}? / a(n) {d} {whole} with {c} {part}: what does it stand for?
What does a(n) {e} {whole} with {d} {part} stand for? / What does a {whole} stand for that is {e} and has {d} {part}?

Where can I see a {whole} with {c} {part} and {d} {part2}? / Where can I see a {whole} with {d} {part2} and {c} {part}? / In what place can I see a {whole} with {c} {part} and {d} {part2}?
Where can I see a {whole} with {d} {part} and {c} {part2}? / Where can I see a {whole} with {c} {part2} and {d} {part}? / In what place can I see a {whole} with {d} {part} and {c} {part2}?

Why are {p} {group} in {q} {at} of {country} so {adj}? / What makes {p} {group} in {q} {at} of {country} so {adj}? / In {q} {at} of {country}, why are {p} {group} so {adj}?
Why are {q} {group} in {p} {at} of {country} so {adj}? / What makes {q} {group} in {p} {at} of {country} so {adj}? / In {p} {at} of {country}, why are {q} {group} so {adj}?
Are {p} {group} in {q} {at} of {country} really so {adj}? / In {q} {at} of {country}, are {p} {group} really so {adj}?`,
);

const nounSwap = defineFamily(
  'gen-noun-swap',
  (pick) => {
    const [one, two] = pick.some(animals, 2) as [string[], string[]];
    const [home, host] = pick.some(countries, 2) as [string[], string[]];
    const [can, can2] = pick.some(animalSkills, 2) as [string, string];
    return {
      x: one[0] ?? '',
      xs: one[1] ?? '',
      y: two[0] ?? '',
      ys: two[1] ?? '',
      c: home[0] ?? '',
      d: host[0] ?? '',
      can,
      can2,
      job: pick.one(professions),
    };
  },
  `
{how} stop my {x} from attacking my {y}? / {how} prevent my {x} from attacking my {y}? / {how} keep my {x} from attacking my {y}?
{how} stop my {y} from attacking my {x}? / {how} prevent my {y} from attacking my {x}? / {how} keep my {y} from attacking my {x}?
Why does my {x} attack my {y}? / What makes my {x} attack my {y}? / Why is my {y} attacked by my {x}?
Why does my {y} attack my {x}? / What makes my {y} attack my {x}? / Why is my {x} attacked by my {y}?

Do {xs} eat {ys}? / Are {ys} eaten by {xs}? / {isTrue} {xs} eat {ys}? / Does a(n) {x} eat {ys}?
Do {ys} eat {xs}? / Are {xs} eaten by {ys}? / {isTrue} {ys} eat {xs}? / Does a(n) {y} eat {xs}?
Do {xs} eat like {ys}? / {isTrue} {xs} eat like {ys}?

How many people from {c} live in {d}? / How many people in {d} come from {c}? / In {d}, how many people are from {c}?
How many people from {d} live in {c}? / How many people in {c} come from {d}? / In {c}, how many people are from {d}?
How many people from {c} visit {d}? / What number of people from {c} visit {d}?

Can a(n) {job} from {c} work in {d}? / Is it possible for a(n) {job} from {c} to work in {d}? / May a(n) {job} from {c} work in {d}?
Can a(n) {job} from {d} work in {c}? / Is it possible for a(n) {job} from {d} to work in {c}? / May a(n) {job} from {d} work in {c}?

If {xs} can {can}, why can't {ys}? / Why can't {ys} {can} if {xs} can?
If {ys} can {can}, why can't {xs}? / Why can't {xs} {can} if {ys} can?
If {xs} can {can2}, why can't {ys}? / Why can't {ys} {can2} if {xs} can?`,
);

const nominal = defineFamily(
  'gen-nominalisation',
  (pick) => {
    const [one, two] = pick.some(lifeEvents, 2) as [string[], string[]];
    return {
      ...peopleOf(pick),
      did: one[0] ?? '',
      do: one[1] ?? '',
      doing: one[2] ?? '',
      event: one[3] ?? '',
      do2: two[1] ?? '',
      event2: two[3] ?? '',
    };
  },
  `
Why did {a} {do}? / What was the reason for {a}'s {event}? / What was the reason for the {event} of {a}? / What made {a} {do}? / What is the reason why {a} {did}?
When did {a} {do}? / When was {a}'s {event}? / What was the date of {a}'s {event}? / On what date did {a} {do}?
How did {a} {do}? / In what way did {a} {do}? / {tell} how {a} {did}?
Why did {a} {do2}? / What was the reason for {a}'s {event2}? / What made {a} {do2}?
Why did {b} {do}? / What was the reason for {b}'s {event}? / What made {b} {do}?
What was the consequence of {a}'s {event}? / What followed from {a}'s {event}? / What did {a}'s {event} lead to?
Where did {a} {do}? / In what place did {a} {do}? / {tell} where {a} {did}?
Why didn't {a} {do}? / Why did {a} not {do}? / What kept {a} from {doing}?
Who was there when {a} {did}? / Who was present at {a}'s {event}? / Who was present at the {event} of {a}?`,
);

const possessive = defineFamily(
  'gen-possession-chain',
  (pick) => {
    const [r, s] = pick.some(
      [
        'brother',
        'sister',
        'mother',
        'father',
        'teacher',
        'boss',
        'neighbour',
        'lawyer',
        'doctor',
        'best friend',
        'cousin',
        'coach',
        'dentist',
        'landlord',
        'tailor',
      ],
      2,
    ) as [string, string];
    return { ...peopleOf(pick), r, s, city: pick.one(cities) };
  },
  `
Who is the {r} of {a}'s {s}? / Who is {a}'s {s}'s {r}? / Who is the {r} of the {s} of {a}?
Who is the {s} of {a}'s {r}? / Who is {a}'s {r}'s {s}? / Who is the {s} of the {r} of {a}?
Who is {a}'s {r}? / Who is the {r} of {a}? / {tell} who {a}'s {r} is?
Who is {b}'s {r}? / Who is the {r} of {b}? / {tell} who {b}'s {r} is?

Does {a}'s {r} live in {city}? / Does the {r} of {a} live in {city}? / {isTrue} {a}'s {r} lives in {city}?
Does {a}'s {s} live in {city}? / Does the {s} of {a} live in {city}? / {isTrue} {a}'s {s} lives in {city}?
Does {a}, {b}'s {r}, live in {city}? / {isTrue} {b}'s {r} {a} lives in {city}?
Does {b}, {a}'s {r}, live in {city}? / {isTrue} {a}'s {r} {b} lives in {city}?`,
);

const reported = defineFamily(
  'gen-reported-roles',
  (pick) => {
    const [event] = pick.some(lifeEvents, 1) as [string[]];
    return { ...peopleOf(pick), did: event[0] ?? '', x: `the ${pick.one(objects)}` };
  },
  `
Did {a} tell {b} that {c} {did}? / Did {a} inform {b} that {c} {did}? / Was {b} told by {a} that {c} {did}? / Did {b} hear from {a} that {c} {did}?
Did {b} tell {a} that {c} {did}? / Did {b} inform {a} that {c} {did}? / Was {a} told by {b} that {c} {did}? / Did {a} hear from {b} that {c} {did}?
Did {a} tell {c} that {b} {did}? / Did {a} inform {c} that {b} {did}? / Was {c} told by {a} that {b} {did}? / Did {c} hear from {a} that {b} {did}?

Who told {a} that {b} wanted {x}? / By whom was {a} told that {b} wanted {x}? / From whom did {a} hear that {b} wanted {x}?
Who told {b} that {a} wanted {x}? / By whom was {b} told that {a} wanted {x}? / From whom did {b} hear that {a} wanted {x}?
Who did {a} tell that {b} wanted {x}? / Whom did {a} tell that {b} wanted {x}?`,
);

const coordination = defineFamily(
  'gen-coordination',
  (pick) => {
    const [x, y, z] = pick.some(
      [
        'museums',
        'parks',
        'restaurants',
        'hotels',
        'bars',
        'bookshops',
        'beaches',
        'cafes',
        'theatres',
        'churches',
        'markets',
        'clubs',
        'playgrounds',
        'galleries',
        'bakeries',
      ],
      3,
    ) as [string, string, string];
    const [c, d, e] = pick.some(cities, 3) as [string, string, string];
    const [f, g] = pick.some(foods, 2) as [string, string];
    return { x, y, z, c, d, e, f, g, adj: pick.one(longAdjectives.slice(0, 2)), best: '[best|nicest]' };
  },
  `
What are the best {x} and {y} in {c}? / What are the best {y} and {x} in {c}? / Which {x} and {y} in {c} are the best? / Which {x} and {y} are the best in {c}?
What are the best {x} and {z} in {c}? / What are the best {z} and {x} in {c}? / Which {x} and {z} in {c} are the best?
What are the best {x} and {y} in {d}? / What are the best {y} and {x} in {d}? / Which {y} and {x} in {d} are the best?
What are the best {x} near {y} in {c}? / Which {x} near {y} in {c} are the best? / Which {x} near {y} are the best in {c}?

Which {x} in {c} and {d} are {adj}? / Which {x} in {d} and {c} are {adj}? / In {d} and {c}, which {x} are {adj}?
Which {x} in {c} and {e} are {adj}? / Which {x} in {e} and {c} are {adj}? / In {c} and {e}, which {x} are {adj}?
Are {x} in {c} more {adj} than in {d}? / Are {x} in {d} less {adj} than in {c}?
Are {x} in {d} more {adj} than in {c}? / Are {x} in {c} less {adj} than in {d}?

What can I cook with {f} and {g}? / What can I cook with {g} and {f}? / I have {g} and {f}. What can I cook with them?
What can I cook with {f} but without {g}? / Without {g}, what can I cook with {f}? / I have {f} but no {g}. What can I cook?
What can I cook with {g} but without {f}? / Without {f}, what can I cook with {g}? / I have {g} but no {f}. What can I cook?
Can I eat {f} and {g} together? / Can I eat {g} and {f} together? / Is it possible to eat {g} together with {f}?`,
);

export const wordingFamilies: readonly Family[] = [
  synonym,
  abbreviation,
  undoing,
  swappedLooks,
  nounSwap,
  nominal,
  possessive,
  reported,
  coordination,
];

import { defineFamily, type Family } from '../family';
import type { Picker } from '../picker';
import { cities, countryNames, placeAliases } from '../words/places';
import { firstNames, professions } from '../words/people';
import { animals, devices, foods, lookalikes, skills } from '../words/things';
import { deeds } from '../words/verbs';

const ones =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** A number from 0 to 99 in words. */
export function numberWord(value: number): string {
  if (value < 20) return ones[value] as string;
  return tens[Math.floor(value / 10)] + (value % 10 === 0 ? '' : `-${ones[value % 10]}`);
}

/** A number below a hundred in one of its forms; in words or digits it is the same number. */
const either = (value: number) => `[${value}|${numberWord(value)}]`;

/** Two numbers, none of them 1: a plural follows. */
function twoNumbers(pick: Picker, high: number): [number, number] {
  const first = pick.whole(2, high);
  const nearby = pick.chance(0.5) ? first + pick.whole(1, 3) : pick.whole(2, high);
  return [first, nearby === first ? first + 1 : nearby];
}

const duration = defineFamily(
  'gen-number-duration',
  (pick) => {
    const [n, m] = twoNumbers(pick, 40);
    const [unit, unit2] = pick.some(['minutes', 'hours', 'days', 'weeks', 'months', 'years'], 2) as [string, string];
    return { n: either(n), m: either(m), unit, unit2, skill: pick.one(skills), do: pick.one(deeds).do };
  },
  `
Can I learn {skill} in {n} {unit}? / Is it possible to learn {skill} in {n} {unit}? / Are {n} {unit} enough to learn {skill}?
Can I learn {skill} in {m} {unit}? / Is it possible to learn {skill} in {m} {unit}? / Are {m} {unit} enough to learn {skill}?
Can I learn {skill} in {n} {unit2}? / Is it possible to learn {skill} in {n} {unit2}? / Are {n} {unit2} enough to learn {skill}?

I have only {n} {unit} to {do}. [How do I start|How should I start|How do I begin]? / With only {n} {unit} to {do}, [how do I start|how should I begin]?
I have only {m} {unit} to {do}. [How do I start|How should I start|How do I begin]? / With only {m} {unit} to {do}, [how do I start|how should I begin]?
I needed {n} {unit} to {do}. [Is that normal|Is this normal]? / Is it normal that I needed {n} {unit} to {do}?
I needed {m} {unit} to {do}. [Is that normal|Is this normal]? / Is it normal that I needed {m} {unit} to {do}?`,
);

const bounds = defineFamily(
  'gen-number-bound',
  (pick) => {
    const [n, m] = twoNumbers(pick, 60);
    const [food, food2] = pick.some([...foods, ...animals.map(([, many]) => many ?? '')], 2) as [string, string];
    return { n: either(n), m: either(m), up: either(n + 1), country: pick.one(cities), food, food2 };
  },
  `
Which shops in {country} sell at least {n} kinds of {food}? / Which shops in {country} sell {n} or more kinds of {food}? / Which shops in {country} sell no fewer than {n} kinds of {food}?
Which shops in {country} sell at most {n} kinds of {food}? / Which shops in {country} sell {n} or fewer kinds of {food}? / Which shops in {country} sell no more than {n} kinds of {food}?
Which shops in {country} sell exactly {n} kinds of {food}? / Which shops in {country} sell precisely {n} kinds of {food}?
Which shops in {country} sell at least {m} kinds of {food}? / Which shops in {country} sell {m} or more kinds of {food}? / Which shops in {country} sell no fewer than {m} kinds of {food}?
Which shops in {country} sell at least {n} kinds of {food2}? / Which shops in {country} sell {n} or more kinds of {food2}?

Is it bad to buy more than {n} {food} at once? / Is buying more than {n} {food} at once bad?
Is it bad to buy fewer than {n} {food} at once? / Is buying fewer than {n} {food} at once bad?
Is it bad to buy more than {m} {food} at once? / Is buying more than {m} {food} at once bad?`,
);

/** Round sums in the forms that people write: 15000, 15,000, 15k. */
function sum(thousands: number): string {
  return `[${thousands}000|${thousands},000|${thousands}k]`;
}

const price = defineFamily(
  'gen-price-limit',
  (pick) => {
    const [low, high] = twoNumbers(pick, 60);
    const [thing, thing2] = pick.some(devices, 2) as [string, string];
    const [cur, cur2] = pick.some(['dollars', 'euros', 'rupees', 'pounds', 'pesos', 'Swiss francs'], 2) as [
      string,
      string,
    ];
    return { n: sum(low), m: sum(high), cur, cur2, thing, thing2 };
  },
  `
[What is|What's|Which is] the best {thing} [under|below|for less than] {n} {cur}? / best {thing} [under|below] {n} {cur} / My budget for a(n) {thing} is {n} {cur}. Which is the best?
[What is|What's|Which is] the best {thing} [under|below|for less than] {m} {cur}? / best {thing} [under|below] {m} {cur} / My budget for a(n) {thing} is {m} {cur}. Which is the best?
[What is|What's|Which is] the best {thing} [under|below|for less than] {n} {cur2}? / best {thing} [under|below] {n} {cur2}
[What is|What's|Which is] the best {thing2} [under|below|for less than] {n} {cur}? / best {thing2} [under|below] {n} {cur}
[What is|What's|Which is] the best {thing} [over|above|for more than] {n} {cur}? / best {thing} [over|above] {n} {cur}

How can I earn {n} {cur} a month? / What is a way to earn {n} {cur} [a|per] month? / How do I make {n} {cur} every month?
How can I earn {m} {cur} a month? / What is a way to earn {m} {cur} [a|per] month? / How do I make {m} {cur} every month?
How can I earn {n} {cur} a week? / What is a way to earn {n} {cur} [a|per] week? / How do I make {n} {cur} every week?
How can I save {n} {cur} a month? / What is a way to save {n} {cur} [a|per] month? / How do I save {n} {cur} every month?
How many {cur2} are {n} {cur}? / How much are {n} {cur} in {cur2}? / Convert {n} {cur} to {cur2}.
How many {cur} are {n} {cur2}? / How much are {n} {cur2} in {cur}? / Convert {n} {cur2} to {cur}.`,
);

const unitPairs: readonly (readonly [string, string])[] = [
  ['miles', 'kilometres'],
  ['pounds', 'kilograms'],
  ['inches', 'centimetres'],
  ['feet', 'metres'],
  ['gallons', 'litres'],
  ['ounces', 'grams'],
  ['hours', 'minutes'],
  ['weeks', 'days'],
  ['acres', 'hectares'],
  ['yards', 'metres'],
  ['knots', 'miles per hour'],
  ['calories', 'joules'],
  ['pints', 'millilitres'],
];

const conversion = defineFamily(
  'gen-unit-conversion',
  (pick) => {
    const [n, m] = twoNumbers(pick, 90);
    const [x, y] = pick.one(unitPairs);
    return pick.chance(0.5) ? { n: either(n), m: either(m), x, y } : { n: either(n), m: either(m), x: y, y: x };
  },
  `
How many {x} are in {n} {y}? / How many {x} are there in {n} {y}? / Convert {n} {y} to {x}. / What is {n} {y} in {x}? / {n} {y} in {x}
How many {y} are in {n} {x}? / How many {y} are there in {n} {x}? / Convert {n} {x} to {y}. / What is {n} {x} in {y}? / {n} {x} in {y}
How many {x} are in {m} {y}? / How many {x} are there in {m} {y}? / Convert {m} {y} to {x}. / What is {m} {y} in {x}? / {m} {y} in {x}
How many {y} are in {m} {x}? / How many {y} are there in {m} {x}? / Convert {m} {x} to {y}. / What is {m} {x} in {y}?`,
);

const arithmetic = defineFamily(
  'gen-arithmetic',
  (pick) => {
    const [n, m] = twoNumbers(pick, 45);
    const k = n + m;
    return { n: either(n), m: either(m), k: either(k), nd: `${n}`, kd: `${k}` };
  },
  `
What is {n} minus {m}? / How much is {n} minus {m}? / Subtract {m} from {n}. / What do I get if I take {m} away from {n}?
What is {m} minus {n}? / How much is {m} minus {n}? / Subtract {n} from {m}. / What do I get if I take {n} away from {m}?
What is {n} plus {m}? / What is {m} plus {n}? / Add {n} and {m}. / What is the sum of {m} and {n}?
What is {n} times {m}? / What is {m} times {n}? / Multiply {n} by {m}. / What is the product of {m} and {n}?
What is {n} divided by {m}? / How much is {n} divided by {m}? / Divide {n} by {m}.
What is {m} divided by {n}? / How much is {m} divided by {n}? / Divide {m} by {n}.
What is {n} minus {k}? / How much is {n} minus {k}? / Subtract {k} from {n}.

What is {n} percent of the number {m}? / How much is [{nd} %|{nd}%|{n} per cent] of the number {m}? / Calculate {n} percent of the number {m}.
What is {k} percent of the number {m}? / How much is [{kd} %|{kd}%|{k} per cent] of the number {m}? / Calculate {k} percent of the number {m}.`,
);

const place = defineFamily(
  'gen-place-value',
  (pick) => {
    const [a, b] = pick.some(pick.chance(0.5) ? cities : countryNames, 2) as [string, string];
    const [job, job2] = pick.some(professions, 2) as [string, string];
    return { a, b, job, job2, do: pick.one(deeds).do };
  },
  `
How much does a(n) {job} earn in {a}? / What does a(n) {job} earn in {a}? / What is the salary of a(n) {job} in {a}? / In {a}, how much does a(n) {job} earn?
How much does a(n) {job} earn in {b}? / What does a(n) {job} earn in {b}? / What is the salary of a(n) {job} in {b}? / In {b}, how much does a(n) {job} earn?
How much does a(n) {job2} earn in {a}? / What does a(n) {job2} earn in {a}? / What is the salary of a(n) {job2} in {a}?
How many people work as a(n) {job} in {a}? / In {a}, how many people work as a(n) {job}?

Is {a} a good place to {do}? / {isTrue} {a} is a good place to {do}? / Is it a good idea to {do} in {a}?
Is {b} a good place to {do}? / {isTrue} {b} is a good place to {do}? / Is it a good idea to {do} in {b}?
Is {a} a good place to work as a(n) {job}? / {isTrue} {a} is a good place to work as a(n) {job}?`,
);

const alias = defineFamily(
  'gen-place-alias',
  (pick) => {
    const [one, two, other] = pick.one(placeAliases) as [string, string, string];
    return {
      a: `[${one}|${two}]`,
      b: other,
      do: pick.one(deeds).do,
      job: pick.one(professions),
      food: pick.one(foods),
      name: pick.one(firstNames),
    };
  },
  `
{how} {do} in {a}? / What is the way to {do} in {a}? / In {a}, how do I {do}?
{how} {do} in {b}? / What is the way to {do} in {b}? / In {b}, how do I {do}?
How much does it cost to {do} in {a}? / In {a}, what does it cost to {do}?

How do I become a(n) {job} in {a}? / How can I become a(n) {job} in {a}? / In {a}, how does one become a(n) {job}?
How do I become a(n) {job} in {b}? / How can I become a(n) {job} in {b}? / In {b}, how does one become a(n) {job}?
How do I find a(n) {job} in {a}? / How can I find a(n) {job} in {a}? / Where in {a} can I find a(n) {job}?

Did {name} ever live in {a}? / Has {name} ever lived in {a}? / {isTrue} {name} once lived in {a}?
Did {name} ever live in {b}? / Has {name} ever lived in {b}? / {isTrue} {name} once lived in {b}?
Why did {name} leave {a}? / What made {name} leave {a}? / What was the reason why {name} left {a}?
Where in {a} does {name} live? / In what part of {a} does {name} live?
What do people in {a} think of {food}? / What is the opinion of people in {a} on {food}? / In {a}, what do people think of {food}?
What do people in {b} think of {food}? / What is the opinion of people in {b} on {food}? / In {b}, what do people think of {food}?`,
);

const year = defineFamily(
  'gen-year',
  (pick) => {
    const first = pick.whole(1950, 2024);
    const second = first + (pick.chance(0.5) ? 1 : -pick.whole(1, 30));
    const [event, event2] = pick.some(
      [
        'chess championship',
        'marathon',
        'film festival',
        'cricket cup',
        'poetry prize',
        'sailing race',
        'song contest',
        'cycling tour',
        'mayoral election',
        'cooking contest',
        'robot cup',
        'dance competition',
      ],
      2,
    ) as [string, string];
    const [city, city2] = pick.some(cities, 2) as [string, string];
    return { y: `${first}`, z: `${second}`, event, event2, city, city2 };
  },
  `
Who won the {event} in {city} in {y}? / In {y}, who won the {event} in {city}? / Who was the winner of the {y} {event} in {city}? / {tell} who won the {y} {event} in {city}?
Who won the {event} in {city} in {z}? / In {z}, who won the {event} in {city}? / Who was the winner of the {z} {event} in {city}? / {tell} who won the {z} {event} in {city}?
Who won the {event2} in {city} in {y}? / In {y}, who won the {event2} in {city}? / Who was the winner of the {y} {event2} in {city}?
Who won the {event} in {city2} in {y}? / In {y}, who won the {event} in {city2}? / Who was the winner of the {y} {event} in {city2}?
Who lost the {event} in {city} in {y}? / Who was the loser of the {y} {event} in {city}?

How many people saw the {event} in {city} before {y}? / Before {y}, how many people saw the {event} in {city}?
How many people saw the {event} in {city} after {y}? / After {y}, how many people saw the {event} in {city}?
How many people saw the {event} in {city} in {y}? / In {y}, how many people saw the {event} in {city}?
How many people saw the {event} in {city} in {z}? / In {z}, how many people saw the {event} in {city}?`,
);

const nearNames = defineFamily(
  'gen-near-spelling',
  (pick) => {
    const [x, y, z] = pick.some(pick.one(lookalikes), 3) as [string, string, string];
    return { x, y, z, city: pick.one(cities), name: pick.one(firstNames) };
  },
  `
{how} draw a(n) {x}? / How to draw a(n) {x} [step by step|]? / What is an easy way to draw a(n) {x}?
{how} draw a(n) {y}? / How to draw a(n) {y} [step by step|]? / What is an easy way to draw a(n) {y}?
{how} draw a(n) {z}? / What is an easy way to draw a(n) {z}?

What does it mean to dream of a(n) {x}? / What is the meaning of a dream about a(n) {x}? / I dreamt of a(n) {x}. What does it mean?
What does it mean to dream of a(n) {y}? / What is the meaning of a dream about a(n) {y}? / I dreamt of a(n) {y}. What does it mean?
What does it mean to dream of a(n) {z}? / What is the meaning of a dream about a(n) {z}?

How do you say "{x}" in Spanish? / What is the Spanish word for "{x}"? / What is "{x}" in Spanish? / Translate "{x}" into Spanish.
How do you say "{y}" in Spanish? / What is the Spanish word for "{y}"? / What is "{y}" in Spanish? / Translate "{y}" into Spanish.
How do you say "{x}" in French? / What is the French word for "{x}"? / What is "{x}" in French? / Translate "{x}" into French.
Did {name} see a(n) {x} in {city}? / Has {name} seen a(n) {x} in {city}? / {isTrue} {name} saw a(n) {x} in {city}?
Did {name} see a(n) {y} in {city}? / Has {name} seen a(n) {y} in {city}? / {isTrue} {name} saw a(n) {y} in {city}?`,
);

export const valueFamilies: readonly Family[] = [
  duration,
  bounds,
  price,
  conversion,
  arithmetic,
  place,
  alias,
  year,
  nearNames,
];

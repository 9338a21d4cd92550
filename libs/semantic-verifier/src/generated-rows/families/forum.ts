import { defineFamily, type Family } from '../family';
import { pluralOf } from '../inflect';
import { firstNames, professions } from '../words/people';
import { cities, countries, countryNames } from '../words/places';
import { animals, companies, devices, foods, skills, topics } from '../words/things';
import { deeds } from '../words/verbs';

const resource = defineFamily(
  'gen-best-resource',
  (pick) => {
    const [x, y] = pick.some(
      ['book', 'website', 'YouTube channel', 'podcast', 'app', 'online course', 'magazine', 'teacher', 'film', 'forum'],
      2,
    ) as [string, string];
    const [skill, skill2] = pick.some(skills, 2) as [string, string];
    const whom = pick.one(['children', 'beginners', 'advanced learners', 'engineers', 'busy people', 'pensioners']);
    return { x, y, xs: pluralOf(x), ys: pluralOf(y), skill, skill2, whom };
  },
  `
What are the best {xs} for learning {skill}? / Which are the best {xs} to learn {skill}? / What is the best {x} to learn {skill}? / Which {x} is best for learning {skill}? / Can you recommend a good {x} for learning {skill}? / I want to learn {skill}. Which {x} should I use?
What are the best {ys} for learning {skill}? / Which are the best {ys} to learn {skill}? / What is the best {y} to learn {skill}? / Which {y} is best for learning {skill}? / Can you recommend a good {y} for learning {skill}?
What are the best {xs} for learning {skill2}? / Which are the best {xs} to learn {skill2}? / What is the best {x} to learn {skill2}? / Can you recommend a good {x} for learning {skill2}?
What are the best {xs} for learning {skill} for {whom}? / Which {x} is best for {whom} who want to learn {skill}? / Can you recommend {whom} a good {x} for learning {skill}?
What are the worst {xs} for learning {skill}? / Which {x} is worst for learning {skill}? / Which {xs} should I avoid when I learn {skill}?
Do I need a(n) {x} for learning {skill}? / Is a(n) {x} necessary to learn {skill}? / Can't I learn {skill} without a(n) {x}?
How do I make a(n) {x} about {skill}? / How can I make a(n) {x} on {skill}? / What does it take to make a(n) {x} about {skill}?`,
);

const isLike = defineFamily(
  'gen-what-is-it-like',
  (pick) => {
    const [c, c2] = pick.some(countryNames, 2) as [string, string];
    const [job, job2] = pick.some(professions, 2) as [string, string];
    const [co, co2] = pick.some(companies, 2) as [string, string];
    return { c, c2, job, job2, co, co2 };
  },
  `
What is it like to work at {co}? / What's it like working at {co}? / How is it to work for {co}? / What is it like being an employee of {co}? / How does it feel to work at {co}?
What is it like to work at {co2}? / What's it like working at {co2}? / How is it to work for {co2}? / How does it feel to work at {co2}?
What is it like to have an interview at {co}? / What's an interview at {co} like? / How is an interview at {co}?
How do I get a job at {co}? / How can I get hired by {co}? / What do I have to do to work for {co}? / How can I land a job at {co}?
How much does {co} pay? / What salaries does {co} pay? / What can one earn at {co}?
Why do people leave {co}? / Why do employees quit {co}? / What makes people quit {co}?

What is it like to live in {c}? / What's it like living in {c}? / How is life in {c}? / What is life in {c} like? / How does it feel to live in {c}?
What is it like to live in {c2}? / What's it like living in {c2}? / How is life in {c2}? / What is life in {c2} like?
What is it like to be a(n) {job} in {c}? / What's it like being a(n) {job} in {c}? / How is life as a(n) {job} in {c}?
What is it like to be a(n) {job2} in {c}? / What's it like being a(n) {job2} in {c}? / How is life as a(n) {job2} in {c}?
What is it like to be a tourist in {c}? / What's it like visiting {c}? / How is {c} as a tourist? / How does it feel to visit {c}?
How can I move to {c}? / What do I need to do to move to {c}? / How do I settle in {c}?`,
);

const bestPlace = defineFamily(
  'gen-best-place',
  (pick) => {
    const [city, city2] = pick.some(cities, 2) as [string, string];
    const [food, food2] = pick.some(foods, 2) as [string, string];
    return { city, city2, food, food2, job: pick.one(professions) };
  },
  `
Where can I buy the best {food} in {city}? / What is the best place to buy {food} in {city}? / Which is the best shop for {food} in {city}? / Best {food} shop in {city}? / Where in {city} do they sell the best {food}?
Where can I buy the best {food2} in {city}? / What is the best place to buy {food2} in {city}? / Which is the best shop for {food2} in {city}? / Best {food2} shop in {city}?
Where can I buy the best {food} in {city2}? / What is the best place to buy {food} in {city2}? / Best {food} shop in {city2}?
Where can I buy the cheapest {food} in {city}? / What is the cheapest place to buy {food} in {city}? / Where in {city} can I get {food} most cheaply?
Where can I sell {food} in {city}? / What is a good place to sell {food} in {city}? / Where in {city} can I sell {food}?

What are the best places to visit in {city}? / Which places should I visit in {city}? / What should I see in {city}? / What is worth seeing in {city}? / What are the must-see places in {city}?
What are the best places to eat in {city}? / Where should I eat in {city}? / Which are the best restaurants in {city}? / Where can I get good food in {city}?
What are the best places to live in {city}? / Where should I live in {city}? / Which are the best neighbourhoods to live in {city}?
What are the best places to visit in {city2}? / Which places should I visit in {city2}? / What should I see in {city2}? / What is worth seeing in {city2}?
What are the best places to visit near {city}? / Which places should I visit near {city}? / What is worth seeing near {city}?
When is the best time to visit {city}? / What is the best time of the year to visit {city}? / In which season should I visit {city}? / When should I go to {city}?
How many days do I need in {city}? / How many days should I spend in {city}? / How long should I stay in {city}?`,
);

const worth = defineFamily(
  'gen-worth-doing',
  (pick) => {
    const [one, two] = pick.some(deeds, 2) as { do: string; doing: string }[];
    return { do: one?.do ?? '', doing: one?.doing ?? '', do2: two?.do ?? '', doing2: two?.doing ?? '' };
  },
  `
Is {doing} worth it? / Is it worth it to {do}? / Is it worth {doing}? / Is it worthwhile to {do}? / Does it pay off to {do}?
Is {doing2} worth it? / Is it worth it to {do2}? / Is it worth {doing2}? / Is it worthwhile to {do2}?
Is {doing} difficult? / Is it difficult to {do}? / Is it hard to {do}? / How hard is {doing}?
Is {doing} safe? / Is it safe to {do}? / Can I {do} safely?
What do I need for {doing}? / What is needed to {do}? / What do I need in order to {do}? / Which things do I need to {do}?

What are some tips for {doing}? / Do you have any tips on {doing}? / Any advice on how to {do}? / Can you give me advice on {doing}? / I need some tips for {doing}.
What are common mistakes when {doing}? / What mistakes do people make when they {do}? / Which errors are common when {doing}?
What are some tips for {doing2}? / Do you have any tips on {doing2}? / Any advice on how to {do2}? / Can you give me advice on {doing2}?
Whom should I ask before {doing}? / Who should be asked before {doing}? / Before {doing}, whom should I ask?
What should I know before {doing}? / What do I need to know before I {do}? / Before {doing}, what should I know? / Which things should one know before {doing}?
What should I check after {doing}? / After {doing}, what should I check? / What do I have to check after I {do}?

I am trying to {do} but it doesn't work. What am I doing wrong? / Why can't I manage to {do}? / I don't manage to {do}. What is my mistake?
I am trying to {do2} but it doesn't work. What am I doing wrong? / Why can't I manage to {do2}? / I don't manage to {do2}. What is my mistake?
I managed to {do}. What should I do next? / What comes next after {doing}? / What is the next step after {doing}?`,
);

const manyAbout = defineFamily(
  'gen-what-people-think',
  (pick) => {
    const [one, two] = pick.some(countries, 2) as [string[], string[]];
    const [x, y] = pick.some(topics, 2) as [string, string];
    return { c: one[0] ?? '', ps: one[1] ?? '', d: two[0] ?? '', qs: two[1] ?? '', x, y };
  },
  `
What do {ps} think about {qs}? / What do {ps} think of {qs}? / What is the opinion of {ps} about {qs}? / How do {ps} see {qs}? / What do people in {c} think about {qs}?
What do {qs} think about {ps}? / What do {qs} think of {ps}? / What is the opinion of {qs} about {ps}? / How do {qs} see {ps}? / What do people in {d} think about {ps}?
What do {ps} know about {qs}? / How much do {ps} know about {qs}? / What do people in {c} know about {qs}?
Why do {ps} think so much about {qs}? / What makes {ps} think so much about {qs}? / Why do people in {c} think so much about {qs}?

What do {ps} think about {x}? / What do people in {c} think of {x}? / What is the opinion of {ps} on {x}? / How do {ps} see {x}?
What do {ps} think about {y}? / What do people in {c} think of {y}? / What is the opinion of {ps} on {y}? / How do {ps} see {y}?
What do {qs} think about {x}? / What do people in {d} think of {x}? / What is the opinion of {qs} on {x}?
What is {c} doing about {x}? / What does {c} do about {x}? / What action does {c} take on {x}?
What should {c} do about {x}? / What ought {c} to do about {x}? / What action should {c} take on {x}?

What are some interesting facts about {c}? / What are interesting things to know about {c}? / Tell me some interesting facts about {c}. / What is interesting about {c}?
What are some interesting facts about {d}? / What are interesting things to know about {d}? / Tell me some interesting facts about {d}. / What is interesting about {d}?
What are some strange laws in {c}? / Which laws of {c} are strange? / Tell me some strange laws of {c}.
What are common stereotypes about {ps}? / Which stereotypes about {ps} are common? / What stereotypes do people have about {ps}?`,
);

const works = defineFamily(
  'gen-how-it-works',
  (pick) => {
    const [x, y] = pick.some(devices, 2) as [string, string];
    const part = pick.one([
      'gets hot',
      'makes a strange noise',
      'smells',
      'does not turn on',
      'keeps turning off',
      'leaks',
      'is slow',
      'vibrates',
    ]);
    return { x, y, xs: pluralOf(x), ys: pluralOf(y), part, co: pick.one(companies) };
  },
  `
How does a(n) {x} work? / How do {xs} work? / What is the working principle of a(n) {x}? / Explain how a(n) {x} works. / In what way does a(n) {x} function?
How does a(n) {y} work? / How do {ys} work? / What is the working principle of a(n) {y}? / Explain how a(n) {y} works.
How is a(n) {x} made? / How are {xs} made? / How do they make {xs}? / What is the process of making a(n) {x}?
How do I use a(n) {x}? / How is a(n) {x} used? / What is the right way to use a(n) {x}? / How should a(n) {x} be used?
How do I clean a(n) {x}? / What is the best way to clean a(n) {x}? / How should a(n) {x} be cleaned?
How long does a(n) {x} last? / What is the lifespan of a(n) {x}? / For how long can one use a(n) {x}? / How many years does a(n) {x} last?
Who invented the {x}? / By whom was the {x} invented? / Who was the inventor of the {x}?
What does a(n) {x} cost? / How much is a(n) {x}? / How much does a(n) {x} cost? / What is the price of a(n) {x}? / How expensive is a(n) {x}?

My {x} {part}. What should I do? / What should I do if my {x} {part}? / What can I do when my {x} {part}? / My {x} {part}, how do I fix it?
My {y} {part}. What should I do? / What should I do if my {y} {part}? / What can I do when my {y} {part}? / My {y} {part}, how do I fix it?
My {x} {part}. What is the reason? / Why is it that my {x} {part}? / What might be the reason that my {x} {part}? / What could be the cause when my {x} {part}?
My {x} {part}. Is this dangerous? / Is it dangerous that my {x} {part}? / Is it a danger when my {x} {part}?
My {x} {part}. Will {co} replace it? / Does {co} replace my {x} if it {part}? / If my {x} {part}, will {co} replace it?`,
);

const people = defineFamily(
  'gen-why-do-they',
  (pick) => {
    const [one, two] = pick.some(animals, 2) as [string[], string[]];
    const [act, act2] = pick.some(
      [
        'sleep so much',
        'hide in boxes',
        'dig holes',
        'shake their heads',
        'follow people',
        'eat grass',
        'lick their feet',
        'make noise at night',
        'stare at walls',
        'bite their tails',
        'run in circles',
        'avoid water',
        'fight',
        'live in groups',
        'lose their teeth',
      ],
      2,
    ) as [string, string];
    return { xs: one[1] ?? '', ys: two[1] ?? '', act, act2, name: pick.one(firstNames) };
  },
  `
Why do {xs} {act}? / Why is it that {xs} {act}? / What is the reason that {xs} {act}? / What makes {xs} {act}? / For what reason do {xs} {act}? / How come {xs} {act}?
Why don't {xs} {act}? / Why do {xs} not {act}? / What is the reason that {xs} don't {act}? / How come {xs} don't {act}?
Why do {ys} {act}? / Why is it that {ys} {act}? / What is the reason that {ys} {act}? / What makes {ys} {act}?
Why do {xs} {act2}? / Why is it that {xs} {act2}? / What is the reason that {xs} {act2}? / What makes {xs} {act2}?
When do {xs} {act}? / At what time do {xs} {act}? / {tell} when {xs} {act}?
Do {xs} {act}? / {isTrue} {xs} {act}? / Do {xs} really {act}?
How can I stop {xs} when they {act}? / If {xs} {act}, how do I make them stop? / What stops {xs} when they {act}?`,
);

export const forumFamilies: readonly Family[] = [resource, isLike, bestPlace, worth, manyAbout, works, people];

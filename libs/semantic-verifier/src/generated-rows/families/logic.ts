import { defineFamily, type Family } from '../family';
import type { Picker } from '../picker';
import { countries, countryNames } from '../words/places';
import { animals, animalSkills, bannable, foods, isManyTopic, topics } from '../words/things';
import { deeds } from '../words/verbs';

const be = (topicName: string) => (isManyTopic(topicName) ? 'are' : 'is');
const does = (topicName: string) => (isManyTopic(topicName) ? 'do' : 'does');

/** Two things to do. */
function twoDeeds(pick: Picker) {
  const [one, two] = pick.some(deeds, 2) as { do: string; doing: string }[];
  return { do: one?.do ?? '', doing: one?.doing ?? '', do2: two?.do ?? '', doing2: two?.doing ?? '' };
}

const negatedAdvice = defineFamily(
  'gen-negated-advice',
  twoDeeds,
  `
{may} {do}? / Is {doing} [OK|okay|all right|fine]? / Would it be [OK|okay|fine] to {do}?
{may} not {do}? / Is not {doing} [OK|okay|all right|fine]? / Would it be [OK|okay|fine] not to {do}?
{may} {do2}? / Is {doing2} [OK|okay|all right|fine]? / Would it be [OK|okay|fine] to {do2}?
{how} {do}? / What is the way to {do}?

What happens if I {do}? / What will happen if I {do}? / What would happen if I were to {do}?
What happens if I [don't|do not] {do}? / What will happen if I [don't|do not] {do}? / What would happen if I didn't {do}?
What happens if I {do2}? / What will happen if I {do2}?
What happens if I can't {do}? / What will happen if I am not able to {do}? / What happens if I cannot {do}?

Why should I {do}? / Why ought I to {do}? / What reasons are there for {doing}?
Why [shouldn't I|should I not] {do}? / What reasons are there against {doing}? / What speaks against {doing}?
Why should I {do2}? / What reasons are there for {doing2}?
Who should {do}? / For whom is it a good idea to {do}?

What [are the|are] advantages of {doing}? / What [are the|are] benefits of {doing}? / What is good about {doing}?
What [are the|are] disadvantages of {doing}? / What [are the|are] drawbacks of {doing}? / What is bad about {doing}?
What [are the|are] advantages of not {doing}? / What [are the|are] benefits of not {doing}? / What is good about not {doing}?
What [are the|are] advantages of {doing2}? / What [are the|are] benefits of {doing2}?`,
);

const negatedWhy = defineFamily(
  'gen-negated-why',
  (pick) => {
    const [country, country2] = pick.some(countries, 2) as [string[], string[]];
    const [food, food2] = pick.some(foods, 2) as [string, string];
    return {
      people: country[1] ?? '',
      country: country[0] ?? '',
      people2: country2[1] ?? '',
      country2: country2[0] ?? '',
      food,
      food2,
    };
  },
  `
Why do {people} eat {food}? / Why do people in {country} eat {food}? / What is the reason that {people} eat {food}?
Why [don't {people}|do {people} not] eat {food}? / Why [don't people in {country}|do people in {country} not] eat {food}? / What is the reason that {people} don't eat {food}?
Why do {people2} eat {food}? / Why do people in {country2} eat {food}? / What is the reason that {people2} eat {food}?
Why do {people} eat {food2}? / Why do people in {country} eat {food2}?
How do {people} eat {food}? / In what way do {people} eat {food}? / How do people in {country} eat {food}?

Why do {people} like {people2}? / What is the reason that {people} like {people2}? / Why is it that {people} like {people2}?
Why do {people} [dislike|not like] {people2}? / Why don't {people} like {people2}? / What is the reason that {people} don't like {people2}?
Why do {people2} like {people}? / What is the reason that {people2} like {people}? / Why is it that {people2} like {people}?
Why do {people2} [dislike|not like] {people}? / Why don't {people2} like {people}? / What is the reason that {people2} don't like {people}?

Are {people} allowed to visit {country2}? / May {people} visit {country2}? / Is it legal for {people} to visit {country2}?
Are {people2} allowed to visit {country}? / May {people2} visit {country}? / Is it legal for {people2} to visit {country}?
Are {people} banned from visiting {country2}? / Is it forbidden for {people} to visit {country2}? / Is it illegal for {people} to visit {country2}?
Are {people} happy to visit {country2}? / Do {people} like to visit {country2}?`,
);

const modality = defineFamily(
  'gen-modality',
  twoDeeds,
  `
Can I {do}? / Is it possible [for me to|to] {do}? / Am I able to {do}? / Could I {do}?
Should I {do}? / Is it [a good idea|advisable] to {do}? / Is {doing} a good idea? / Would it be wise to {do}?
Must I {do}? / Do I have to {do}? / Am I [obliged|required] to {do}? / Is it [mandatory|compulsory] to {do}?
{how} {do}? / What is the way to {do}? / How to {do}?
Why should I {do}? / What reasons are there for {doing}? / For what reason should I {do}?
When should I {do}? / When is the [right|best] time to {do}? / At what time should I {do}?
How long does it take to {do}? / How much time does it take to {do}? / How long does {doing} take?
How much does it cost to {do}? / What does it cost to {do}? / What does {doing} cost? / How expensive is it to {do}?
Who can help me {do}? / Who can help me with {doing}? / Whom can I ask for help with {doing}?
Is it illegal to {do}? / Is it against the law to {do}? / Is {doing} illegal? / Does the law forbid {doing}?
How often should I {do}? / How many times should I {do}? / How frequently should I {do}?
Can I {do2}? / Is it possible [for me to|to] {do2}? / Am I able to {do2}?

What should I do if I want to {do}? / What should I do to {do}? / What do I need to do [in order to|to] {do}? / If I want to {do}, what should I do?
What should I do if I [don't|do not] want to {do}? / I [don't|do not] want to {do}. What should I do? / If I [don't|do not] want to {do}, what should I do?
What should I do after {doing}? / After {doing}, what should I do? / What do I do after I {do}?
What should I do before {doing}? / Before {doing}, what should I do? / What do I do before I {do}?
What should I do if I want to {do2}? / What should I do to {do2}? / If I want to {do2}, what should I do?
What should I avoid if I want to {do}? / What should I not do if I want to {do}? / What should I avoid when {doing}?

Where can I learn to {do}? / Where can I learn how to {do}? / In what place can I learn to {do}?
Where can I {do}? / In what place can I {do}? / Where is it possible to {do}?
Why do I have to learn to {do}? / Why must I learn to {do}? / What is the reason why I have to learn to {do}?
When can I {do}? / When is it possible to {do}? / When will I be able to {do}?`,
);

const quantifier = defineFamily(
  'gen-quantifier',
  (pick) => {
    const [one, two] = pick.some(animals, 2) as [string[], string[]];
    const [can, can2] = pick.some(animalSkills, 2) as [string, string];
    return { x: one[0] ?? '', xs: one[1] ?? '', ys: two[1] ?? '', can, can2 };
  },
  `
Can all {xs} {can}? / Can every {x} {can}? / Is every {x} able to {can}? / Are all {xs} able to {can}?
Can [some|certain] {xs} {can}? / Are there {xs} that can {can}? / Are [some|certain] {xs} able to {can}?
Why can {xs} {can}? / Why is a(n) {x} able to {can}? / What is the reason that {xs} can {can}?
Can all {ys} {can}? / Are all {ys} able to {can}?
Can all {xs} {can2}? / Can every {x} {can2}? / Are all {xs} able to {can2}?

Can {xs} {can}? / Can a(n) {x} {can}? / Are {xs} able to {can}? / Is a(n) {x} able to {can}? / {isTrue} {xs} can {can}?
Can {xs} {can2}? / Can a(n) {x} {can2}? / Are {xs} able to {can2}?
Can {ys} {can}? / Are {ys} able to {can}? / {isTrue} {ys} can {can}?
Can only {xs} {can}? / Are only {xs} able to {can}? / Are {xs} the only animals that can {can}?
Why can't {xs} {can}? / Why can {xs} not {can}? / Why is a(n) {x} not able to {can}?
How many {xs} can {can}? / How many {xs} are able to {can}?`,
);

const cause = defineFamily(
  'gen-cause-direction',
  (pick) => {
    const [x, y, z] = pick.some(topics, 3) as [string, string, string];
    return { x, y, z, isX: be(x), isY: be(y), doX: does(x), doY: does(y) };
  },
  `
{doX} {x} cause {y}? / {isY} {y} caused by {x}? / {isX} {x} among the causes of {y}? / Can {x} [lead to|cause] {y}?
{doY} {y} cause {x}? / {isX} {x} caused by {y}? / {isY} {y} among the causes of {x}? / Can {y} [lead to|cause] {x}?
{doX} {x} prevent {y}? / {isY} {y} prevented by {x}? / Can {x} prevent {y}?
{doX} {x} cause {z}? / Is {z} caused by {x}? / Can {x} [lead to|cause] {z}?

What is the [effect|impact|influence] of {x} on {y}? / How {doX} {x} [affect|influence] {y}? / How {isY} {y} [affected|influenced] by {x}? / What effect {doX} {x} have on {y}?
What is the [effect|impact|influence] of {y} on {x}? / How {doY} {y} [affect|influence] {x}? / How {isX} {x} [affected|influenced] by {y}? / What effect {doY} {y} have on {x}?
What is the [effect|impact|influence] of {x} on {z}? / How {doX} {x} [affect|influence] {z}? / What effect {doX} {x} have on {z}?
What is the connection between {x} and {y}? / What is the connection between {y} and {x}? / How are {y} and {x} connected? / How are {x} and {y} linked?

Why {isX} {x} more important than {y}? / What makes {x} more important than {y}?
Why {isY} {y} more important than {x}? / What makes {y} more important than {x}?
{isX} {x} important because of {y}? / {isY} {y} the reason why {x} {isX} important?`,
);

const topic = defineFamily(
  'gen-topic-question',
  (pick) => {
    const [x, y] = pick.some(topics, 2) as [string, string];
    const [ban, ban2] = pick.some(bannable, 2) as [string, string];
    return { x, y, ban, ban2, isX: be(x), isY: be(y), doX: does(x), doY: does(y) };
  },
  `
What are the causes of {x}? / What [causes|brings about] {x}? / What leads to {x}?
What [are the consequences|are the effects] of {x}? / What {doX} {x} [lead to|cause]? / What consequences {doX} {x} have?
What are the causes of {y}? / What [causes|brings about] {y}? / What leads to {y}?
Who [was the first to study|first studied] {x}? / By whom [was the topic of {x}|was the subject of {x}] first studied?

What {isX} {x}? / What does the term "{x}" mean? / [Define|Explain] {x}. / What do we mean by {x}? / What exactly {isX} {x}?
What is an example of {x}? / Give an example of {x}. / Can you name an example of {x}?
What {isY} {y}? / What does the term "{y}" mean? / [Define|Explain] {y}. / What do we mean by {y}? / What exactly {isY} {y}?
When did people begin to talk about {x}? / Since when have people talked about {x}?

What arguments are there for a ban on {ban}? / What are the arguments in favour of a ban on {ban}? / What speaks for a ban on {ban}?
What arguments are there against a ban on {ban}? / What are the arguments against a ban on {ban}? / What speaks against a ban on {ban}?
What arguments are there for a ban on {ban2}? / What are the arguments in favour of a ban on {ban2}?
Which countries have a ban on {ban}? / In which countries is there a ban on {ban}?`,
);

const withWithout = defineFamily(
  'gen-with-without',
  (pick) => {
    const [tool, tool2] = pick.some(
      [
        'a computer',
        'a phone',
        'an oven',
        'money',
        'a ladder',
        'a licence',
        'the Internet',
        'a degree',
        'a lawyer',
        'electricity',
        'a microscope',
        'a map',
        'tools',
        'a passport',
        'an app',
      ],
      2,
    ) as [string, string];
    return { ...twoDeeds(pick), tool, tool2 };
  },
  `
Can I {do} without {tool}? / Without {tool}, can I {do}? / Is it possible to {do} without {tool}?
Can I {do} with {tool}? / With {tool}, can I {do}? / Is it possible to {do} with {tool}? / Is it possible to {do} by means of {tool}?
Can I {do} without {tool2}? / Without {tool2}, can I {do}? / Is it possible to {do} without {tool2}?
Can I {do2} without {tool}? / Without {tool}, can I {do2}? / Is it possible to {do2} without {tool}?
Can I {do} with nothing but {tool}? / Is it possible to {do} with {tool} alone? / Can I {do} with only {tool}?

Do I need {tool} to {do}? / Is {tool} needed for {doing}? / Is {tool} necessary to {do}?
Do I need {tool2} to {do}? / Is {tool2} needed for {doing}? / Is {tool2} necessary to {do}?
Do I need {tool} after {doing}? / Is {tool} needed after {doing}?
Why do I need {tool} to {do}? / Why is {tool} needed for {doing}? / What is {tool} needed for when {doing}?`,
);

const directionOfChange = defineFamily(
  'gen-increase-decrease',
  (pick) => {
    const [x, y] = pick.some(
      [
        'my metabolism',
        'my appetite',
        'the weight of my backpack',
        'the size of an image',
        'the number of visitors to my website',
        'my screen brightness',
        'the humidity of a room',
        'the price of a product',
        'my heart rate',
        'the salt content of soup',
        'the speed of a fan',
        'the volume of my phone',
        'the quality of a video',
        'the acidity of soil',
        'my blood pressure',
        'the font size of a document',
        'the pressure in a boiler',
        'the power of an engine',
        'the sensitivity of a sensor',
        'the temperature of a fridge',
        'my body fat',
        'my bone density',
        'the contrast of a photo',
        'the resolution of a scan',
        'my working hours',
        'the cost of a project',
        'the risk of a stroke',
        'the rent of a flat',
        'the interest rate on my loan',
        'the memory usage of a program',
      ],
      2,
    ) as [string, string];
    return { x, y, up: '[increase|raise]', down: '[decrease|reduce|lower]' };
  },
  `
{how} {up} {x}? / Is there a way to {up} {x}? / What can I do to {up} {x}?
{how} {down} {x}? / Is there a way to {down} {x}? / What can I do to {down} {x}?
{how} measure {x}? / Is there a way to measure {x}? / What can I do to measure {x}?
{how} {up} {y}? / Is there a way to {up} {y}? / What can I do to {up} {y}?
{how} keep {x} [constant|unchanged]? / What can I do to keep {x} [constant|unchanged]?

Why would anyone {up} {x}? / For what reason would anyone {up} {x}? / What reason is there to {up} {x}?
Why would anyone {down} {x}? / For what reason would anyone {down} {x}? / What reason is there to {down} {x}?
What happens if I {up} {x}? / What will happen when I {up} {x}? / If I {up} {x}, what happens?
What happens if I {down} {x}? / What will happen when I {down} {x}? / If I {down} {x}, what happens?`,
);

const legality = defineFamily(
  'gen-allowed-in-place',
  (pick) => {
    const [country, country2] = pick.some(countryNames, 2) as [string, string];
    return { ...twoDeeds(pick), country, country2 };
  },
  `
Is it legal to {do} in {country}? / In {country}, is it legal to {do}? / Is {doing} legal in {country}? / Does the law allow {doing} in {country}?
Is it legal to {do} in {country2}? / In {country2}, is it legal to {do}? / Is {doing} legal in {country2}?
Is it easy to {do} in {country}? / In {country}, is it easy to {do}? / Is {doing} easy in {country}?
Is it common to {do} in {country}? / In {country}, is it common to {do}? / Is {doing} common in {country}?

How much does it cost to {do} in {country}? / What does it cost to {do} in {country}? / In {country}, what does {doing} cost?
How much does it cost to {do} in {country2}? / What does it cost to {do} in {country2}? / In {country2}, what does {doing} cost?
How long does it take to {do} in {country}? / In {country}, how long does it take to {do}? / How much time does {doing} take in {country}?
How much does it cost to {do2} in {country}? / What does it cost to {do2} in {country}?`,
);

export const logicFamilies: readonly Family[] = [
  negatedAdvice,
  negatedWhy,
  modality,
  quantifier,
  cause,
  topic,
  withWithout,
  directionOfChange,
  legality,
];

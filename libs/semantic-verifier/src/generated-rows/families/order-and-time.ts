import { defineFamily, type Family } from '../family';
import { cities, countryNames } from '../words/places';
import { firstNames, professions } from '../words/people';
import { bareComparables, companies, objects } from '../words/things';
import { dailyDeeds, deeds, lifeEvents } from '../words/verbs';
import { peopleOf } from './relations';

const beforeAfter = defineFamily(
  'gen-before-after',
  (pick) => {
    const [one, two, three] = pick.some(dailyDeeds, 3) as { do: string; doing: string }[];
    return {
      doX: one?.do ?? '',
      doingX: one?.doing ?? '',
      doY: two?.do ?? '',
      doingY: two?.doing ?? '',
      doingZ: three?.doing ?? '',
    };
  },
  `
{may} {doX} before {doingY}? / Is {doingX} before {doingY} [OK|okay|all right]? / [Can I|Could I] {doX} before {doingY}? / [Can I|Could I] {doX} before I {doY}?
{may} {doX} after {doingY}? / Is {doingX} after {doingY} [OK|okay|all right]? / [Can I|Could I] {doX} after {doingY}? / [Can I|Could I] {doX} after I {doY}?
{may} {doX} while {doingY}? / Is {doingX} while {doingY} [OK|okay|all right]? / [Can I|Could I] {doX} while I {doY}?
{may} {doX} before {doingZ}? / Is {doingX} before {doingZ} [OK|okay|all right]? / [Can I|Could I] {doX} before {doingZ}?
{may} {doX} instead of {doingY}? / Is {doingX} instead of {doingY} [OK|okay|all right]?

Should I {doX} before or after {doingY}? / Should I {doX} after or before {doingY}? / Is it better to {doX} before or after {doingY}?
Should I {doX} before or after {doingZ}? / Should I {doX} after or before {doingZ}? / Is it better to {doX} before or after {doingZ}?
Should I {doX} both before and after {doingY}? / Should I {doX} both after and before {doingY}?

Why is it bad to {doX} right before {doingY}? / Why is {doingX} right before {doingY} bad? / Why shouldn't I {doX} right before {doingY}?
Why is it bad to {doX} right after {doingY}? / Why is {doingX} right after {doingY} bad? / Why shouldn't I {doX} right after {doingY}?
Why is it good to {doX} right before {doingY}? / Why is {doingX} right before {doingY} good?

How long should I wait before {doingX} after {doingY}? / After {doingY}, how long should I wait before {doingX}?
How long should I wait before {doingY} after {doingX}? / After {doingX}, how long should I wait before {doingY}?`,
);

const events = defineFamily(
  'gen-event-order',
  (pick) => {
    const people = peopleOf(pick);
    const [one, two] = pick.some(lifeEvents, 2) as [string[], string[]];
    const job = pick.one(professions);
    return {
      ...people,
      did: one[0] ?? '',
      do: one[1] ?? '',
      doing: one[2] ?? '',
      event: one[3] ?? '',
      did2: two[0] ?? '',
      do2: two[1] ?? '',
      doing2: two[2] ?? '',
      event2: two[3] ?? '',
      job,
    };
  },
  `
Did {a} {do} before {b}? / Did {b} {do} after {a}? / {isTrue} {a} {did} before {b}? / {isTrue} {b} {did} after {a}?
Did {a} {do} after {b}? / Did {b} {do} before {a}? / {isTrue} {a} {did} after {b}? / {isTrue} {b} {did} before {a}?
Did {a} {do2} before {b}? / Did {b} {do2} after {a}?
Did {a} {do} because of {b}? / Was {b} the reason why {a} {did}?

Who {did} first, {a} or {b}? / Who {did} first, {b} or {a}? / Who was the first to {do}, {a} or {b}? / Who {did} earlier, {b} or {a}?
Who {did} last, {a} or {b}? / Who {did} last, {b} or {a}? / Who was the last to {do}, {b} or {a}? / Who {did} later, {a} or {b}?
Who {did2} first, {a} or {b}? / Who {did2} first, {b} or {a}? / Who was the first to {do2}, {b} or {a}?

What did {a} do before becoming a(n) {job}? / What was {a} doing before becoming a(n) {job}? / What did {a} do before [working|a career] as a(n) {job}?
What did {a} do after becoming a(n) {job}? / What was {a} doing after becoming a(n) {job}?
Why did {a} become a(n) {job}? / What made {a} become a(n) {job}? / What was {a}'s reason for becoming a(n) {job}?

What happened before {a}'s {event}? / What happened before {a} {did}? / What took place before the {event} of {a}?
What happened after {a}'s {event}? / What happened after {a} {did}? / What took place after the {event} of {a}?
What happened during {a}'s {event2}? / What took place during the {event2} of {a}?`,
);

const firstLast = defineFamily(
  'gen-first-last',
  (pick) => {
    const [x, y] = pick.some(
      [
        'book',
        'film',
        'album',
        'song',
        'match',
        'job',
        'employer',
        'poem',
        'painting',
        'goal',
        'apartment',
        'invention',
        'podcast',
        'concert',
        'speech',
        'victory',
        'company',
      ],
      2,
    ) as [string, string];
    const [n, m] = pick.some(['second', 'third', 'fourth', 'fifth'], 2) as [string, string];
    return { a: pick.one(firstNames), x, y, n, m, c: pick.one(companies), c2: pick.one(objects) };
  },
  `
[What|Which] was {a}'s first {x}? / What was the first {x} of {a}? / What was the very first {x} of {a}?
[What|Which] was {a}'s last {x}? / What was the last {x} of {a}? / What was the final {x} of {a}?
[What|Which] was {a}'s {n} {x}? / What was the {n} {x} of {a}?
[What|Which] was {a}'s first {y}? / What was the first {y} of {a}?
[What|Which] was {a}'s {m} {x}? / What was the {m} {x} of {a}?

When did {c} make its first {c2}? / When was the first {c2} made by {c}? / In what year did {c} make its first {c2}?
When did {c} make its last {c2}? / When was the last {c2} made by {c}? / In what year did {c} make its last {c2}?
When will {c} make its next {c2}? / When will {c}'s next {c2} be made?
Why did {c} make its first {c2}? / For what reason did {c} make its first {c2}?`,
);

const formerNow = defineFamily(
  'gen-former-or-now',
  (pick) => {
    const [job, job2] = pick.some(professions, 2) as [string, string];
    const [city, city2] = pick.some(cities, 2) as [string, string];
    return { a: pick.one(firstNames), job, job2, city, city2 };
  },
  `
Was {a} [once|formerly] a(n) {job}? / Did {a} use to be a(n) {job}? / Did {a} [once|formerly|in the past] work as a(n) {job}? / {isTrue} {a} used to be a(n) {job}?
Is {a} [now|currently] a(n) {job}? / Does {a} [now|currently] work as a(n) {job}? / {isTrue} {a} is [now|currently] a(n) {job}?
Will {a} become a(n) {job}? / Is {a} going to [be|become] a(n) {job}? / {isTrue} {a} is going to become a(n) {job}?
Was {a} [once|formerly] a(n) {job2}? / Did {a} use to be a(n) {job2}?

Is {a} still a(n) {job}? / Does {a} still work as a(n) {job}? / {isTrue} {a} is still a(n) {job}?
Is {a} no longer a(n) {job}? / Does {a} no longer work as a(n) {job}? / {isTrue} {a} is not a(n) {job} any more?
Is {a} already a(n) {job}? / Does {a} already work as a(n) {job}?

Where in {city} does {a} live now? / In what part of {city} does {a} live now?
Where in {city} did {a} live before? / In what part of {city} did {a} use to live?
Where in {city2} does {a} live now? / In what part of {city2} does {a} live now?

Why does {a} live in {city}? / What is the reason why {a} lives in {city}? / What is {a}'s reason for living in {city}?
Why did {a} live in {city}? / What was the reason why {a} lived in {city}? / What was {a}'s reason for living in {city}?
Why did {a} leave {city}? / What was the reason why {a} left {city}? / What was {a}'s reason for leaving {city}?`,
);

const route = defineFamily(
  'gen-route',
  (pick) => {
    const [a, b, c] = pick.some(pick.chance(0.75) ? cities : countryNames, 3) as [string, string, string];
    const [by, by2] = pick.some(['flight', 'train', 'bus', 'ferry', 'night train', 'direct flight'], 2) as [
      string,
      string,
    ];
    return { a, b, c, by, by2, q: pick.one(['cheapest', 'fastest', 'earliest', 'last', 'most comfortable']) };
  },
  `
[What is|What's|Which is] the {q} {by} from {a} to {b}? / [What is|What's|Which is] the {q} {by} to {b} from {a}? / I want to go from {a} to {b}. What is the {q} {by}?
[What is|What's|Which is] the {q} {by} from {b} to {a}? / [What is|What's|Which is] the {q} {by} to {a} from {b}? / I want to go from {b} to {a}. What is the {q} {by}?
[What is|What's|Which is] the {q} {by} from {a} to {c}? / [What is|What's|Which is] the {q} {by} to {c} from {a}?
[What is|What's|Which is] the {q} {by2} from {a} to {b}? / [What is|What's|Which is] the {q} {by2} to {b} from {a}?

How far is {a} from {b}? / How far is {b} from {a}? / [What is|What's] the distance between {a} and {b}? / [What is|What's] the distance between {b} and {a}? / How far apart are {b} and {a}?
How far is {a} from {c}? / How far is {c} from {a}? / [What is|What's] the distance between {c} and {a}?
How do I get to {b} from {a}? / How do I get from {a} to {b}? / What is the way from {a} to {b}?
How do I get to {a} from {b}? / How do I get from {b} to {a}? / What is the way from {b} to {a}?
How long does it take from {a} to {b} by car? / How much time does the drive from {a} to {b} take? / How long is the drive to {b} from {a}?

How much is a {by} ticket from {a} to {b}? / What does a {by} ticket to {b} from {a} cost? / What is the price of a {by} ticket from {a} to {b}?
How much is a {by} ticket from {b} to {a}? / What does a {by} ticket to {a} from {b} cost? / What is the price of a {by} ticket from {b} to {a}?
How much is a {by2} ticket from {a} to {b}? / What does a {by2} ticket to {b} from {a} cost?

What is the time difference between {a} and {b}? / What is the time difference between {b} and {a}? / By how many hours do {b} and {a} differ?
What time is it in {a} when it is noon in {b}? / When it is noon in {b}, what time is it in {a}? / It is noon in {b}. What time is it in {a}?
What time is it in {b} when it is noon in {a}? / When it is noon in {a}, what time is it in {b}? / It is noon in {a}. What time is it in {b}?

Should I move from {a} to {b}? / Should I leave {a} and move to {b}? / Is it a good idea to move from {a} to {b}? / Is moving to {b} from {a} a good idea?
Should I move from {b} to {a}? / Should I leave {b} and move to {a}? / Is it a good idea to move from {b} to {a}? / Is moving to {a} from {b} a good idea?
How much does it cost to move from {a} to {b}? / What does moving from {a} to {b} cost? / What does a move to {b} from {a} cost?`,
);

const direction = defineFamily(
  'gen-direction-of-change',
  (pick) => {
    const [x, y, z] = pick.some(pick.one(bareComparables.filter((kind) => kind.length > 2).slice(0, 4)), 3) as [
      string,
      string,
      string,
    ];
    return {
      x,
      y,
      z,
      what: pick.one(['a small project', 'our main service', 'an old application', 'a whole company', 'my website']),
    };
  },
  `
{how} migrate {what} from {x} to {y}? / {how} move {what} from {x} to {y}? / {how} switch {what} to {y} from {x}?
{how} migrate {what} from {y} to {x}? / {how} move {what} from {y} to {x}? / {how} switch {what} to {x} from {y}?
{how} migrate {what} from {x} to {z}? / {how} move {what} from {x} to {z}? / {how} switch {what} to {z} from {x}?
Why do people move from {x} to {y}? / What makes people move from {x} to {y}? / Why do people switch to {y} from {x}?

How hard is it to switch from {x} to {y}? / How difficult is it to switch from {x} to {y}? / How hard is switching to {y} from {x}?
How hard is it to switch from {y} to {x}? / How difficult is it to switch from {y} to {x}? / How hard is switching to {x} from {y}?
Is it worth it to switch from {x} to {y}? / Is switching from {x} to {y} worth it? / Is switching to {y} from {x} worth it?

Can I use {x} together with {y}? / Can I use {y} together with {x}? / Is it possible to use {x} and {y} together? / Is it possible to combine {y} and {x}?
Can I learn {x} if I know {y}? / If I know {y}, can I learn {x}? / I know {y}. Can I learn {x}?
Can I learn {y} if I know {x}? / If I know {x}, can I learn {y}? / I know {x}. Can I learn {y}?`,
);

const deedOrder = defineFamily(
  'gen-deed-first',
  (pick) => {
    const [one, two] = pick.some(deeds, 2) as { do: string; doing: string }[];
    return { doX: one?.do ?? '', doingX: one?.doing ?? '', doY: two?.do ?? '', doingY: two?.doing ?? '' };
  },
  `
Should I {doX} first and {doY} later? / Should I {doX} before I {doY}? / Should I first {doX} and then {doY}? / Is it better to {doX} first and {doY} afterwards?
Should I {doY} first and {doX} later? / Should I {doY} before I {doX}? / Should I first {doY} and then {doX}? / Is it better to {doY} first and {doX} afterwards?
Should I both {doX} and {doY}? / Should I both {doY} and {doX}? / Should I {doY} as well as {doX}?
Should I {doX} or {doY}? / Should I {doY} or {doX}? / Which should I do, {doX} or {doY}?`,
);

export const orderFamilies: readonly Family[] = [
  beforeAfter,
  events,
  firstLast,
  formerNow,
  route,
  direction,
  deedOrder,
];

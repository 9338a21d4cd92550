// Work of an ordinary kind: explain, write a function, a query, an e-mail, a plan. Each combination of slots is a question of its own.
import { list } from './list.mjs';

const pairs = [
  ['TCP', 'UDP'],
  ['a thread', 'a process'],
  ['a list', 'a tuple in Python'],
  ['REST', 'GraphQL'],
  ['a mutex', 'a semaphore'],
  ['symmetric encryption', 'asymmetric encryption'],
  ['a hash index', 'a B-tree index'],
  ['unit tests', 'integration tests'],
  ['an interface', 'an abstract class'],
  ['Docker', 'a virtual machine'],
  ['horizontal scaling', 'vertical scaling'],
  ['a fixed mortgage', 'a variable mortgage'],
  ['gross profit', 'net profit'],
  ['a trademark', 'a patent'],
  ['a virus', 'a bacterium'],
  ['weather', 'climate'],
  ['a stock', 'a bond'],
  ['mitosis', 'meiosis'],
  ['ibuprofen', 'paracetamol'],
  ['an inner join', 'a left join'],
  ['supervised learning', 'unsupervised learning'],
  ['precision', 'recall'],
  ['git merge', 'git rebase'],
  ['a debit card', 'a credit card'],
  ['leasing a car', 'buying a car'],
];

const readers =
  list(`a school class|a new colleague|a manager without a technical background|an apprentice|a retired engineer|a nurse|
a journalist|a shop owner|a first-year student|a city councillor|a sales team|a volunteer`);

const languages = list(`Python|TypeScript|Go|Java|Rust|C#|Kotlin|Ruby|PHP|Swift`);

const functions = list(`removes duplicates from a list while keeping the order|parses dates in the form 3 March 2024|
groups a list of orders by customer and sums their amounts|checks whether a bank account number has a valid check digit|
splits a text into sentences|merges two sorted lists|finds the longest common prefix of several words|counts the words of a file|
rounds a price to the next five cents|turns a CSV line with quoted fields into a list|retries a web request three times with growing pauses|
masks all but the last four digits of a card number|computes the median of a stream of numbers|converts Roman numerals to integers|
flattens a nested dictionary into dotted keys|validates an e-mail address|formats a number of bytes for people|
caches the result of a function for ten minutes|compares two version numbers|replaces placeholders in a template|
rotates a matrix by ninety degrees|finds the first day of the week for a date|limits how often a function may run|
reads a configuration file and checks its required keys|sorts file names the way people expect`);

const recipients =
  list(`a supplier|a landlord|a colleague in another office|a former customer|the head of a school|a job applicant|
the neighbours|a travel agency|a conference organiser|an insurance company|the city administration|a team of volunteers|a journalist|a bank adviser`);

const subjects =
  list(`a delivery that is two weeks late|a meeting that has to move to Thursday|a mistake in the last invoice|
a change of the opening hours|a planned building site|an invitation to the summer party|a request for a reference|a refund that never arrived|
a price increase from January on|a new contact person|the end of a contract|a missing signature|a broken heating|a lost parcel|
an idea for working together|thanks for help in a difficult week|a question about a warranty|a reminder of an unpaid bill`);

const cities =
  list(`Lisbon|Vienna|Porto|Kyoto|Edinburgh|Seville|Krakow|Ghent|Bergen|Bologna|Ljubljana|Quebec|Valencia|Tallinn|Dresden|Bordeaux|
Marrakesh|Split|Riga|Turin|Granada|Basel|Utrecht|Gdansk`);

const travellers =
  list(`a couple who like food and architecture|a family with two small children|a group of five students|
a retired couple who cannot walk far|someone who travels alone for the first time|two friends who love museums|a school class|
a family with a dog|a photographer|a company team of twelve`);

const measures =
  list(`the ten customers with the highest total order value|the average delivery time|the number of cancelled orders|
the share of returning customers|the three best selling products|the revenue|the number of open invoices|the median basket value|
the longest gap between two orders|the number of new customers`);

const periods =
  list(`of the last year|of the last quarter|for each month of this year|for each country|for each sales region|
for each weekday|for each product category|for each payment method|since the first of March|for each warehouse`);

const texts = list(`the minutes of a council meeting about a new tram line|an article about the price of electricity|
a report on a bridge that had to be closed|a paper on sleep and memory|a press release about a merger|a letter from the tax office|
a product test of six vacuum cleaners|the terms of a rental contract|a lecture on coral reefs|an interview with a chef|
a study on remote work|an obituary of a composer|a court ruling on noise|a guide to composting|a history of the bicycle`);

const manners =
  list(`with an analogy from cooking|with an analogy from football|in at most ten sentences|as a short dialogue|with a small table|
as three slides|with a story from everyday life|as a list of questions and answers`);

const styles = list(
  `without any library|with type annotations|in a functional style|with error handling|for very large inputs|with a unit test`,
);

const tones = list(`friendly|formal|firm|warm|brief|cautious`);

const months = list(`January|February|March|April|May|June|July|August|September|October|November|December`);

const tables = list(`orders(id, customer_id, country, amount, created_at)|sales(id, buyer, region, total, sold_on)|
bookings(id, guest, city, price, booked_at)|tickets(id, owner, event, fee, issued_at)|payments(id, payer, method, cents, paid_at)`);

const aims = list(
  `for a newsletter|for a talk of ten minutes|for a poster|for a podcast|for a web page|for a training course`,
);

export const moderateFamilies = [
  {
    app: 'assistant',
    slots: [pairs, readers, manners],
    wordings: [
      ([[a, b], reader, manner]) =>
        `Explain the difference between ${a} and ${b} to ${reader} ${manner}, and say when to use each.`,
      ([[a, b], reader, manner]) =>
        `Explain to ${reader} ${manner} how ${a} and ${b} differ, and say when to use each.`,
      ([[a, b], reader, manner]) =>
        `What is the difference between ${a} and ${b}? Explain it to ${reader} ${manner}, and say when to use each.`,
    ],
  },
  {
    app: 'coder',
    slots: [languages, functions, styles],
    wordings: [
      ([language, what, style]) =>
        `Write a ${language} function that ${what}, ${style}, and give a short example of its use.`,
      ([language, what, style]) =>
        `Please write a function in ${language} that ${what}, ${style}, and give a short example of its use.`,
      ([language, what, style]) =>
        `I need a ${language} function that ${what}, ${style}. Give a short example of its use.`,
      ([language, what, style]) =>
        `Write a function that ${what} in ${language}, ${style}. Give a short example of its use too.`,
    ],
  },
  {
    app: 'office',
    slots: [recipients, subjects, tones],
    wordings: [
      ([recipient, subject, tone]) => `Draft a ${tone} e-mail to ${recipient} about ${subject}, of at most 120 words.`,
      ([recipient, subject, tone]) => `Write a ${tone} e-mail of at most 120 words to ${recipient} about ${subject}.`,
      ([recipient, subject, tone]) =>
        `Please draft a ${tone} e-mail about ${subject} to ${recipient}, at most 120 words long.`,
    ],
  },
  {
    app: 'travel',
    slots: [cities, travellers, months],
    wordings: [
      ([city, who, month]) =>
        `Plan a three-day weekend in ${city} in ${month} for ${who}, with one activity for each morning and afternoon.`,
      ([city, who, month]) =>
        `Make a plan for a three-day weekend in ${city} in ${month} for ${who}, with one activity for each morning and afternoon.`,
      ([city, who, month]) =>
        `Plan a weekend of three days in ${city} in ${month} for ${who}: one activity for each morning and each afternoon.`,
    ],
  },
  {
    app: 'coder',
    slots: [measures, periods, tables],
    wordings: [
      ([what, period, table]) => `Write a SQL query that returns ${what} ${period} from a table ${table}.`,
      ([what, period, table]) => `From a table ${table}, write a SQL query for ${what} ${period}.`,
      ([what, period, table]) => `I have a table ${table}. Write a SQL query that returns ${what} ${period}.`,
    ],
  },
  {
    app: 'office',
    slots: [texts, readers, aims],
    wordings: [
      ([text, reader, aim]) =>
        `How should I summarise ${text} for ${reader}, ${aim}? Suggest an outline with five points and a title.`,
      ([text, reader, aim]) =>
        `Suggest an outline with five points and a title for a summary of ${text} for ${reader}, ${aim}.`,
      ([text, reader, aim]) =>
        `I have to summarise ${text} for ${reader}, ${aim}. Suggest an outline with five points, and a title.`,
    ],
  },
];

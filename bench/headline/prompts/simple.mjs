// Simple questions: facts, conversions, translations, where something is. Each family has one meaning for each of its combinations of slots.
import { questionOf } from '../../questions.mjs';
import { list } from './list.mjs';

const countries =
  list(`Norway|Portugal|Kenya|Peru|Vietnam|Canada|Mongolia|Egypt|Chile|Poland|Ghana|Nepal|Cuba|Jordan|Latvia|Malaysia|Bolivia|Finland|
Morocco|Thailand|Uruguay|Zambia|Iceland|Georgia|Jamaica|Croatia|Senegal|Bhutan|Ecuador|Hungary|Angola|Lebanon|Slovakia|Uganda|Paraguay|Armenia|
Tunisia|Cambodia|Estonia|Honduras|Rwanda|Bulgaria|Laos|Panama|Slovenia|Ethiopia|Oman|Romania|Namibia|Denmark`);

const facts =
  list(`capital|currency|official language|national anthem|largest river|highest mountain|time zone|population|
telephone country code|national holiday|head of state|area in square kilometres|most common religion|longest land border|emergency number`);

const words =
  list(`bread|window|library|umbrella|to borrow|railway station|pharmacy|invoice|appointment|sunflower|hammer|to repair|
kindness|mushroom|neighbour|bridge|to forget|candle|receipt|elevator|pillow|harvest|to whisper|scissors|thunder|suitcase|to apologise|
fountain|lighthouse|vegetable soup|screwdriver|to hesitate|bicycle lane|waiting room|driving licence|swimming pool|to postpone|blackberry`);

const languages =
  list(`Spanish|Italian|Swedish|Polish|Turkish|Greek|Dutch|Czech|Finnish|Hungarian|Portuguese|Romanian|Danish|Norwegian|
Indonesian|Vietnamese|Swahili|Croatian`);

const measures = [
  ['miles', 'kilometres'],
  ['pounds', 'kilograms'],
  ['inches', 'centimetres'],
  ['gallons', 'litres'],
  ['ounces', 'grams'],
  ['acres', 'hectares'],
  ['feet', 'metres'],
  ['degrees Fahrenheit', 'degrees Celsius'],
  ['knots', 'kilometres an hour'],
  ['cups', 'millilitres'],
];

const records =
  list(`invoices|delivery address|return label|loyalty points|saved cards|gift vouchers|order history|tax number|contract|
notification settings|login history|insurance papers|warranty certificate|price alerts|wish list|newsletter settings|payment reminders`);

const products =
  list(`web shop|mobile app|customer portal|partner portal|travel planner|photo service|music service|banking app|fitness app|
parking app|library account|energy portal|insurance portal|food delivery app|car sharing app|ticket shop|learning platform|cloud storage`);

const action = (text) => text.replace(/^How do I /, '').replace(/\?$/, '');

/** `wordings`: the usual one first; all of them ask the same. */
export const simpleFamilies = [
  {
    app: 'assistant',
    slots: [countries, facts],
    wordings: [
      ([country, fact]) => `What is the ${fact} of ${country}?`,
      ([country, fact]) => `Tell me the ${fact} of ${country}.`,
      ([country, fact]) => `What is ${country}'s ${fact}?`,
      ([country, fact]) => `I would like to know the ${fact} of ${country}`,
    ],
  },
  {
    app: 'helpdesk',
    slots: [Array.from({ length: 2_000 }, (_, at) => action(questionOf(at)))],
    wordings: [
      ([what]) => `How do I ${what}?`,
      ([what]) => `How can I ${what}?`,
      ([what]) => `What is the way to ${what}?`,
      ([what]) => `How to ${what}`,
      ([what]) => `Tell me how to ${what}.`,
    ],
  },
  {
    app: 'assistant',
    slots: [words, languages],
    wordings: [
      ([word, language]) => `How do you say "${word}" in ${language}?`,
      ([word, language]) => `Translate "${word}" into ${language}.`,
      ([word, language]) => `What is "${word}" in ${language}?`,
      ([word, language]) => `What is the ${language} word for "${word}"?`,
    ],
  },
  {
    app: 'assistant',
    slots: [Array.from({ length: 150 }, (_, at) => String(at + 3)), measures],
    wordings: [
      ([number, [from, to]]) => `Convert ${number} ${from} to ${to}.`,
      ([number, [from, to]]) => `How many ${to} are ${number} ${from}?`,
      ([number, [from, to]]) => `What is ${number} ${from} in ${to}?`,
    ],
  },
  {
    app: 'shop',
    slots: [records, products],
    wordings: [
      ([record, product]) => `Where do I find my ${record} in the ${product}?`,
      ([record, product]) => `Where can I see my ${record} in the ${product}?`,
      ([record, product]) => `I cannot find my ${record} in the ${product}. Where is it?`,
      ([record, product]) => `In the ${product}, where are my ${record}?`,
    ],
  },
];

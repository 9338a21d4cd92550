import { charsPerToken } from './prompt-digest';
import { SeededRandom } from './seeded-random';

const openers = [
  'Here is a short answer. ',
  'In brief, it depends on the load you expect. ',
  'There are two ways to look at this. ',
  'The most direct approach is usually the best one. ',
  'Good question; the details matter here. ',
  'Let us go through it step by step. ',
  'Yes, with a few caveats. ',
  'The main idea is simple. ',
];

const sentences = [
  'Start by measuring the current state before you change anything. ',
  'A small change that can be undone is safer than a large one. ',
  'Most of the cost comes from a few very long requests. ',
  'The second step only pays off when the first has been verified. ',
  'It helps to write down the assumptions and check them one at a time. ',
  'Keep the interface narrow so that the parts can evolve on their own. ',
  'Caching works well when the same question returns within minutes. ',
  'Latency at the tail is often caused by queueing rather than by work. ',
  'A clear name saves more time than a long comment. ',
  'The result can be reproduced with the default settings. ',
  'Under heavy load the slowest dependency sets the pace. ',
  'You can compare both options on a sample of real traffic. ',
  'Older versions behave differently, so check the release notes. ',
  'The trade-off is between memory use and response time. ',
  'When in doubt, prefer the option that is easier to explain. ',
  'Errors should say what happened and what to do next. ',
  'A retry is only safe when the operation is idempotent. ',
  'The data suggests that short prompts are answered twice as fast. ',
  'Each region keeps its own copy and synchronises every few seconds. ',
  'In practice a budget per team works better than a global limit. ',
  'The numbers vary by season, with a peak in late autumn. ',
  'Two independent sources confirm the same figure. ',
  'This holds for most languages, although the word order may change. ',
  'Consider the edge cases: empty input, very long input and duplicates. ',
  'The river rises in the mountains and reaches the sea after 300 miles. ',
  'Add the flour slowly and stir until the mixture is smooth. ',
  'Trains leave every twenty minutes and the ride takes about an hour. ',
  'The first edition appeared in 1897 and was soon translated. ',
  'Regular reviews catch such problems before users notice them. ',
  'Finally, document the decision and the reasons behind it. ',
  'A simple table is often enough to show the difference. ',
  'If the budget is tight, begin with the cheapest model that passes the tests. ',
];

const words =
  'amber basin cedar delta ember field grove harbor island juniper kernel lantern meadow north orchard pine'.split(' ');

/** A plausible word for the fields of generated JSON. */
export function writeWord(random: SeededRandom): string {
  return words[random.nextInteger(words.length)] ?? 'amber';
}

/** Tokens of an answer whose length nobody asked for: between these two. */
const shortestAnswerTokens = 40;
const longestAnswerTokens = 80;

/**
 * English-looking text that depends on the seed alone. With `tokens` the text has exactly that many tokens (the end is
 * then cut where it falls); without, whole sentences of 40 to about 100 tokens. It begins with `opener`, where one is given.
 */
export function writeText(seed: number, tokens?: number, opener?: string): string {
  const random = new SeededRandom(seed);
  const wished = tokens ?? shortestAnswerTokens + random.nextInteger(longestAnswerTokens - shortestAnswerTokens);
  const length = wished * charsPerToken;
  let text = opener ?? openers[random.nextInteger(openers.length)] ?? '';
  while (text.length <= length) text += sentences[random.nextInteger(sentences.length)] ?? '';
  return tokens === undefined ? text.trimEnd() : `${text.slice(0, length - 1)}.`;
}

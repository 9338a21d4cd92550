// Who asks what in which words: the request sequence of the headline benchmark. Everything follows from the seed.
import { wordingCount, wordingOf } from '../questions.mjs';
import { systemPrompts } from './prompts/apps.mjs';
import { complexFamilies } from './prompts/complex.mjs';
import { moderateFamilies } from './prompts/moderate.mjs';
import { simpleFamilies } from './prompts/simple.mjs';
import { createRandom, shuffle, zipfian } from './random.mjs';

/** What the workload is made of; changed figures make another benchmark. */
export const mix = {
  simple: { share: 0.3, families: simpleFamilies, outputTokens: [25, 60] },
  moderate: { share: 0.5, families: moderateFamilies, outputTokens: [90, 220] },
  complex: { share: 0.2, families: complexFamilies, outputTokens: [250, 500] },
};
export const difficulties = Object.keys(mix);
/** Intents of a difficulty are asked about by Zipf's law. */
export const zipfExponent = 1;
/** Share of the requests in an intent's usual words, in other words of its own, and in another form (case, punctuation, politeness) of either. */
export const wordingShares = { usual: 0.6, other: 0.2, form: 0.2 };
/** With labelled pairs: how many of the requests are theirs, and how long their answers are. */
const labelledShare = 0.2;
const labelledOutputTokens = [25, 120];

const combinationsOf = ({ slots }) => slots.reduce((count, slot) => count * slot.length, 1);

export function slotsAt({ slots }, number) {
  let rest = number;
  return slots.map((slot) => {
    const item = slot[rest % slot.length];
    rest = Math.floor(rest / slot.length);
    return item;
  });
}

const between = ([fewest, most], random) => fewest + Math.floor(random() * (most - fewest + 1));

/** All intents of a difficulty in an order that the seed decides: the first is asked about most. */
function intentsOf(difficulty, random) {
  const { families, outputTokens } = mix[difficulty];
  const intents = families.flatMap((family, at) =>
    Array.from({ length: combinationsOf(family) }, (_, number) => ({
      id: `${difficulty}-${at}-${number}`,
      app: family.app,
      wordings: family.wordings.length,
      wording: (which) => family.wordings[which](slotsAt(family, number)),
    })),
  );
  shuffle(intents, random);
  for (const intent of intents) intent.outputTokens = between(outputTokens, random);
  return intents;
}

/** Intents from labelled pairs: texts that people hold for the same question. */
function labelledIntents(clusters, random) {
  const intents = clusters.map((texts, at) => ({
    id: `labelled-0-${at}`,
    app: 'assistant',
    wordings: texts.length,
    wording: (which) => texts[which],
  }));
  shuffle(intents, random);
  for (const intent of intents) intent.outputTokens = between(labelledOutputTokens, random);
  return intents;
}

const headsOf = (opening) =>
  Object.fromEntries(
    Object.entries(systemPrompts).map(([app, content]) => [
      app,
      `"messages":[{"role":"system","content":${JSON.stringify(opening + content)}},{"role":"user","content":`,
    ]),
  );
const heads = headsOf('');
/** Instructions of their own, so that what warms a system up leaves nothing in its caches for the workload. */
const warmUpHeads = headsOf('This is the rehearsal. ');

/** The request body; the mock answers about the topic that the metadata name, which caches and routers do not look at. */
export const bodyOf = ({ intent, text }, model, isWarmUp = false) =>
  `{"model":"${model}",${(isWarmUp ? warmUpHeads : heads)[intent.app]}${JSON.stringify(text)}}],` +
  `"metadata":{"mock":"topic=${intent.id}; outputTokens=${intent.outputTokens}"}}`;

function wordsOf({ wordings, wording }, random) {
  const at = random();
  if (at < wordingShares.usual || wordings === 1) return wording(0);
  if (at < wordingShares.usual + wordingShares.other) return wording(1 + Math.floor(random() * (wordings - 1)));
  return wordingOf(wording(Math.floor(random() * wordings)), Math.floor(random() * wordingCount));
}

/**
 * The sequence of a seed: `next()` gives `{ intent, difficulty, text }` without end. `intent.id` is what the question means. `labelled`: clusters of
 * texts with one meaning each, which then make a part of the requests.
 */
export function createWorkload({ seed, labelled = [] }) {
  const random = createRandom(seed);
  const pools = difficulties.map((difficulty) => ({
    difficulty,
    share: mix[difficulty].share * (labelled.length > 0 ? 1 - labelledShare : 1),
    intents: intentsOf(difficulty, random),
  }));
  if (labelled.length > 0)
    pools.push({ difficulty: 'labelled', share: labelledShare, intents: labelledIntents(labelled, random) });
  for (const pool of pools) pool.draw = zipfian(pool.intents.length, zipfExponent);
  return {
    next() {
      let at = random();
      const pool = pools.find(({ share }) => (at -= share) < 0) ?? pools.at(-1);
      const intent = pool.intents[pool.draw(random)];
      return { intent, difficulty: pool.difficulty, text: wordsOf(intent, random) };
    },
  };
}

/** What a cache that forgets nothing could do with a sequence: shares of first questions, of other words of known ones, of the very same words. */
export function ceilingOf(requests) {
  const [texts, intents] = [new Set(), new Set()];
  const counts = { firstOfIntent: 0, otherWords: 0, sameWords: 0 };
  for (const { intent, text } of requests) {
    if (texts.has(text)) counts.sameWords += 1;
    else if (intents.has(intent.id)) counts.otherWords += 1;
    else counts.firstOfIntent += 1;
    texts.add(text);
    intents.add(intent.id);
  }
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / requests.length]));
}

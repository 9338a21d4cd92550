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

const combinationsOf = ({ slots }) => slots.reduce((count, slot) => count * slot.length, 1);

export function slotsAt({ slots }, number) {
  let rest = number;
  return slots.map((slot) => {
    const item = slot[rest % slot.length];
    rest = Math.floor(rest / slot.length);
    return item;
  });
}

/** All intents of a difficulty in an order that the seed decides: the first is asked about most. */
function intentsOf(difficulty, random) {
  const { families, outputTokens } = mix[difficulty];
  const [fewest, most] = outputTokens;
  const intents = families.flatMap((family, at) =>
    Array.from({ length: combinationsOf(family) }, (_, number) => ({
      id: `${difficulty}-${at}-${number}`,
      family,
      number,
    })),
  );
  shuffle(intents, random);
  for (const intent of intents) intent.outputTokens = fewest + Math.floor(random() * (most - fewest + 1));
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
  `{"model":"${model}",${(isWarmUp ? warmUpHeads : heads)[intent.family.app]}${JSON.stringify(text)}}],` +
  `"metadata":{"mock":"topic=${intent.id}; outputTokens=${intent.outputTokens}"}}`;

function wordsOf(intent, random) {
  const { wordings } = intent.family;
  const slots = slotsAt(intent.family, intent.number);
  const at = random();
  if (at < wordingShares.usual) return wordings[0](slots);
  if (at < wordingShares.usual + wordingShares.other)
    return wordings[1 + Math.floor(random() * (wordings.length - 1))](slots);
  return wordingOf(wordings[Math.floor(random() * wordings.length)](slots), Math.floor(random() * wordingCount));
}

/**
 * The sequence of a seed: `next()` gives `{ intent, difficulty, text }` without end. `intent.id` is what the question means.
 */
export function createWorkload({ seed }) {
  const random = createRandom(seed);
  const pools = difficulties.map((difficulty) => {
    const intents = intentsOf(difficulty, random);
    return { difficulty, share: mix[difficulty].share, intents, draw: zipfian(intents.length, zipfExponent) };
  });
  return {
    intents: Object.fromEntries(pools.map(({ difficulty, intents }) => [difficulty, intents.length])),
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

import { wordingCount, wordingOf } from '../../bench/questions.mjs';

/**
 * Who asks what, when and in which words. Clusters are asked about by Zipf's law (weight 1 / rank ^ `zipf`, ranks drawn by the seed); with
 * probability `repeats` in the words that the cluster was last asked in, else in other ones of its own where it has any; the share `forms` of these differ
 * in form as well (case, punctuation, politeness), as people's questions do without end.
 */
export function makeWorkload(
  { createRandom, shuffle, fingerprint },
  { clusters, arrivals, zipf, repeats, forms, seed },
) {
  const random = createRandom(seed);
  const ranks = Int32Array.from(clusters, (_, cluster) => cluster);
  shuffle(ranks, random);
  const drawRank = zipfian(clusters.length, zipf, random);
  const known = new Map();
  /** `wording`: the labelled text of which this one is a form. */
  const questionOf = (text, cluster, wording = text) => {
    if (!known.has(text)) known.set(text, { text, cluster, wording, fingerprint: fingerprintOf(fingerprint, text) });
    return known.get(text);
  };
  const ownOf = clusters.map((texts, cluster) => texts.map((text) => questionOf(text, cluster)));
  const reword = (before, own) => {
    const other = anyBut(before, own, random);
    if (random() >= forms) return other;
    return questionOf(wordingOf(other.text, Math.floor(random() * wordingCount)), other.cluster, other.text);
  };
  const last = new Map();
  const requests = arrivals.map(({ atMs, outputTokens }) => {
    const cluster = ranks[drawRank()];
    const before = last.get(cluster);
    const question = before && random() < repeats ? before : reword(before, ownOf[cluster]);
    last.set(cluster, question);
    return { atMs, outputTokens, question };
  });
  return { requests, mix: mixOf(requests) };
}

const fingerprintOf = (fingerprint, text) =>
  fingerprint({ tenantId: 'replay', dialect: 'openai.chat' }, { messages: [{ role: 'user', content: text }] });

function anyBut(before, own, random) {
  const others = own.filter((question) => question !== before);
  return others.length === 0 ? own[0] : others[Math.floor(random() * others.length)];
}

function zipfian(count, exponent, random) {
  const sums = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) sums[rank] = total += 1 / (rank + 1) ** exponent;
  return () => {
    const wanted = random() * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** What a cache that forgets nothing could do: first questions have to be asked, repeated words are for the exact tiers, the rest is for likeness. */
function mixOf(requests) {
  const [words, clusters] = [new Set(), new Set()];
  const mix = { requests: requests.length, firstOfCluster: 0, otherWords: 0, sameWords: 0, spanSeconds: 0 };
  for (const { question } of requests) {
    if (words.has(question)) mix.sameWords += 1;
    else if (clusters.has(question.cluster)) mix.otherWords += 1;
    else mix.firstOfCluster += 1;
    words.add(question);
    clusters.add(question.cluster);
  }
  mix.spanSeconds = Math.round((requests.at(-1).atMs - requests[0].atMs) / 1_000);
  return mix;
}

import { parseArrivals, poissonArrivals } from './arrivals.mjs';
import { loadLibrary } from './load-library.mjs';
import { optionTable, settingsOf } from './options.mjs';
import { clustersOf } from './questions.mjs';
import { renderMarkdown } from './report.mjs';
import { rememberingModels } from './semantic-tier.mjs';
import { replayTiers } from './tiers.mjs';
import { makeWorkload } from './workload.mjs';

let library;
beforeAll(async () => {
  library = await loadLibrary();
});

/** Vectors and verdicts by the first word: texts that share it are equal to the embedder, and as probably one question as is said. */
function modelsWith(probability) {
  const dimension = 8;
  const places = new Map();
  return rememberingModels({
    embedder: {
      modelId: 'first-word',
      dimension,
      embed: async (texts) =>
        texts.map((text) => {
          const [word] = text.split(' ');
          if (!places.has(word)) places.set(word, places.size % dimension);
          return Float32Array.from({ length: dimension }, (_, at) => (at === places.get(word) ? 1 : 0));
        }),
      close: async () => undefined,
    },
    verifier: {
      modelId: 'fixed',
      prepare: (text) => ({ text }),
      judge: (asked, kept) => ({ probability: asked.text.split(' ')[0] === kept.text.split(' ')[0] ? probability : 0 }),
      thresholdFor: () => 0.5,
    },
    createIndex: (identity) => library.createEmbeddedIndex({ identity }),
  });
}

const questions = Object.fromEntries(
  [
    ['tall', 0],
    ['tall is it', 0],
    ['tall was it', 1],
    ['wide', 2],
    ['tall , please', 0, 'tall'],
  ].map(([text, cluster, wording = text]) => [text, { text, cluster, wording, fingerprint: text.padEnd(64, '_') }]),
);
const asksOf = (...asks) =>
  asks.map(([seconds, text]) => ({ atMs: seconds * 1_000, outputTokens: 0, question: questions[text] }));
const common = { limit: 0.02, minSimilarity: 0.85, auditShare: 0, seed: 1, latencyOf: () => 2_000 };
const run = (requests, more = {}, probability = 0.9999) =>
  replayTiers(library, modelsWith(probability), { ...common, requests, ...more });

describe('the tiers of a replay', () => {
  test('answer as those of the product: memory for a minute, the exact tier for an hour, one call for those who ask meanwhile', async () => {
    const asks = asksOf([0, 'wide'], [1, 'wide'], [3, 'wide'], [61, 'wide'], [70, 'wide'], [3_700, 'wide']);
    // 61 s: still in memory, stored at 2 s. 70 s: in the exact tier. 3,700 s: nowhere.
    expect(await run(asks)).toMatchObject({ misses: 2, joined: 1, memory: 2, exact: 1, semantic: 0 });
  });

  test('take another wording for the same question, each time anew', async () => {
    const rows = await run(asksOf([0, 'tall'], [5, 'tall is it'], [6, 'tall is it']));
    expect(rows).toMatchObject({ misses: 1, semantic: 2, wrong: 0, possible: 2, foundShare: 1 });
  });

  test('tell another wording from another form of one', async () => {
    const rows = await run(asksOf([0, 'tall'], [5, 'tall , please'], [6, 'tall is it']));
    expect(rows).toMatchObject({ semantic: 2, possible: 2, reworded: 1, rewordedFound: 1 });
  });

  test('know no answer before the provider has given it', async () => {
    expect(await run(asksOf([0, 'tall'], [1, 'tall is it']))).toMatchObject({ misses: 2, semantic: 0, possible: 0 });
  });

  test('count what belongs to another question as wrong', async () => {
    const rows = await run(asksOf([0, 'tall'], [5, 'tall was it'], [6, 'tall was it'], [7, 'tall']));
    expect(rows).toMatchObject({ semantic: 2, wrong: 2, wrongPairs: 1, wrongShareOfSemantic: 1, possible: 0 });
    expect(rows.wrongShareOfRequests).toBe(0.5);
  });

  test('give nothing that the guard holds for too improbable', async () => {
    const rows = await run(asksOf([0, 'tall'], [5, 'tall is it']), {}, 0.9);
    expect(rows).toMatchObject({ semantic: 0, misses: 2, outcomes: { empty: 1, improbable: 1 } });
  });

  test('find nothing below the cosine gate', async () => {
    expect((await run(asksOf([0, 'tall'], [5, 'wide']))).outcomes).toEqual({ empty: 2 });
  });

  test('audits end the tier of a verifier that is always sure and always wrong', async () => {
    // Each is another question, so that none comes from the exact tier.
    const requests = Array.from({ length: 600 }, (_, i) => {
      // In letters: other figures would be refused whatever the verifier says.
      const text = `tall ${[...String(i)].map((digit) => 'abcdefghij'[digit]).join('')}`;
      return {
        atMs: i * 3_000,
        outputTokens: 0,
        question: { text, cluster: i, wording: text, fingerprint: text.padEnd(64, '_') },
      };
    });
    expect(await run(requests)).toMatchObject({ semantic: 599, wrong: 599, audits: 0 });
    const audited = await run(requests, { auditShare: 0.05 });
    expect(audited.guard.state).toBe('off');
    expect(audited.wrong).toBeLessThan(300);
    expect(audited.upstreamCalls).toBe(audited.misses + audited.audits);
  });
});

describe('the workload of a replay', () => {
  const pairs = [
    { a: 'a1', b: 'a2', same: true },
    { a: 'a2', b: 'a3 ', same: true },
    { a: 'a3', b: 'b1', same: false },
    { a: 'a1', b: 'a3', same: false },
  ];
  const workloadOf = (more) => {
    const arrivals = poissonArrivals(
      { count: 4_000, ratePerSecond: 10, meanOutputTokens: 100 },
      library.createRandom(1),
    );
    const clusters = Array.from({ length: 50 }, (_, cluster) => ['x', 'y', 'z'].map((word) => `${word} ${cluster}`));
    return makeWorkload(library, { clusters, arrivals, zipf: 1, repeats: 0.5, forms: 0, seed: 1, ...more });
  };

  test('joins what pairs call the same, and says which pairs speak against it', () => {
    expect(clustersOf(pairs)).toEqual({ clusters: [['a1', 'a2', 'a3'], ['b1']], contradictions: 1 });
  });

  test('asks by Zipf’s law, in the last words as often as is wanted', () => {
    const { requests, mix } = workloadOf({});
    const asks = new Map();
    let [again, repeated] = [0, 0];
    const last = new Map();
    for (const { question } of requests) {
      const before = last.get(question.cluster);
      if (before) again += 1;
      if (before === question) repeated += 1;
      last.set(question.cluster, question);
      asks.set(question.cluster, (asks.get(question.cluster) ?? 0) + 1);
    }
    expect(repeated / again).toBeCloseTo(0.5, 1);
    const counts = [...asks.values()].sort((a, b) => b - a);
    // Weights 1, 1/2, … 1/50 sum to 4.5.
    expect(counts[0] / requests.length).toBeCloseTo(1 / 4.5, 1);
    expect(counts[0] / counts[3]).toBeGreaterThan(3);
    expect(mix.firstOfCluster + mix.sameWords + mix.otherWords).toBe(4_000);
  });

  test('says more in other forms without end where that is wanted', () => {
    const { requests, mix } = workloadOf({ repeats: 0, forms: 1 });
    expect(mix.otherWords).toBeGreaterThan(3_000);
    for (const { question } of requests.slice(0, 50))
      expect(question.text.toLowerCase().replaceAll('  ', ' ')).toMatch(new RegExp(`[xyz] ${question.cluster}\\b`));
  });

  test('arrives at the rate that is asked for', () => {
    expect(workloadOf({}).mix.spanSeconds).toBeGreaterThan(360);
    expect(workloadOf({}).mix.spanSeconds).toBeLessThan(440);
  });

  test('follows from the seed, and so does what comes of it', async () => {
    const figures = async (seed) => run(workloadOf({ seed }).requests, { seed, auditShare: 0.05 });
    const [first, again, other] = [await figures(1), await figures(1), await figures(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('of a trace comes in its order, and a trace without times is refused by its column', () => {
    expect(parseArrivals('t_s,prompt_tokens,output_tokens\r\n2,1,7\r\n0.5,1,3\r\n', 'trace.csv')).toEqual([
      { atMs: 500, outputTokens: 3 },
      { atMs: 2_000, outputTokens: 7 },
    ]);
    expect(() => parseArrivals('time,output_tokens\n1,2', 'trace.csv')).toThrow(
      /trace\.csv: the column t_s is missing/,
    );
    expect(() => parseArrivals('t_s,output_tokens\n1,x', 'trace.csv')).toThrow(/trace\.csv:2/);
  });
});

describe('the options of a replay', () => {
  const defaults = Object.fromEntries(Object.entries(optionTable).map(([name, option]) => [name, option.default]));

  test('are numbers within their ranges, or refused by name', () => {
    expect(settingsOf(defaults)).toMatchObject({ limits: [0.01, 0.02, 0.05], thresholds: [0.8, 0.85, 0.92], zipf: 1 });
    expect(() => settingsOf({ ...defaults, limit: '0.01,2' })).toThrow('--limit');
    expect(() => settingsOf({ ...defaults, repeats: '' })).toThrow('--repeats');
    expect(() => settingsOf({ ...defaults, seed: '1.5' })).toThrow('--seed has to be a whole number');
  });
});

test('the report has a row for each run', async () => {
  const row = await run(asksOf([0, 'tall'], [5, 'tall is it']));
  const text = renderMarkdown({
    questions: { files: [], clusters: 1, clustersOfSeveral: 1, texts: 2, contradictions: 0 },
    arrivals: 'poisson',
    mix: { requests: 2, firstOfCluster: 1, otherWords: 1, sameWords: 0, spanSeconds: 5 },
    settings: { zipf: 1, repeats: 0.5, forms: 0, seed: 1, auditShare: 0.05, firstTokenMs: 300, tokenMs: 20 },
    modelId: 'fixed',
    rows: [row, row],
  });
  expect(text.match(/^\| 0\.85 \| 2 % \|/gm)).toHaveLength(2);
  expect(text).toContain('50.0 %');
});

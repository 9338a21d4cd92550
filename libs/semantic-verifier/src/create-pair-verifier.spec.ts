import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadStaticModel } from '@costlane/embedding';
import { createPairVerifier } from './create-pair-verifier';
import { loadVerifierWeights } from './load-verifier-weights';
import { plainlySameProbability } from './plain-form';
import { parseAuthored } from './training/authored-pairs';
import { operatingPoint, precisionRecallArea } from './training/metrics';
import { replayManySeeds } from './training/replay-traffic';
import { samplePairs } from './training/sample-pairs';

const staticModel = loadStaticModel();
const weights = loadVerifierWeights();
const verifier = createPairVerifier({ staticModel, weights });
const judge = (a: string, b: string) => verifier.judge(verifier.prepare(a), verifier.prepare(b));

/** Hand-written blocks that no weights were trained on. */
function heldOutPairs() {
  const folder = path.join(__dirname, '../data/authored');
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const pairs = files.flatMap((name) =>
    parseAuthored(readFileSync(path.join(folder, name), 'utf8'), name, name, 'held-out'),
  );
  return samplePairs(pairs, 2 * pairs.filter(({ same }) => same).length, 1);
}

const pairs = heldOutPairs();
const labels = Uint8Array.from(pairs, ({ same }) => (same ? 1 : 0));
const probabilities = Float64Array.from(pairs, ({ a, b }) => judge(a, b).probability);

test.each([
  ['What is 15% of 240?', 'What is 25% of 240?'],
  ['Translate "good morning" into German', 'Translate "good morning" into French'],
  ['What is the population of Norway?', 'What is the population of Sweden?'],
  ['Why should I eat breakfast?', 'Why should I not eat breakfast?'],
  ['A train leaves at 9:15, when does it arrive?', 'A train leaves at 9:45, when does it arrive?'],
])('an edit of a number, name, value or negation is never a hit: %s / %s', (a, b) => {
  expect(judge(a, b).probability).toBeLessThan(verifier.thresholdFor(0.05, false));
  expect(judge(b, a).probability).toBeLessThan(verifier.thresholdFor(0.05, false));
});

test.each([
  ['How tall is the Eiffel Tower?', 'how tall is the eiffel tower'],
  ['What is the capital of Australia?', 'What is the capital of Australia ??'],
  ['Name 3 causes of inflation.', 'Please name three causes of inflation'],
  ["What's the boiling point of water?", 'What is the boiling point of water?'],
])('a difference of form alone is a hit: %s / %s', (a, b) => {
  expect(judge(a, b).probability).toBeGreaterThanOrEqual(verifier.thresholdFor(0.02, false));
});

test('on questions of no training, near misses are answered no more often than aimed at, within 1.5 times', () => {
  expect(pairs.length).toBeGreaterThan(150);
  const { falseHitRate } = operatingPoint(probabilities, labels, verifier.thresholdFor(0.05, false));
  expect(falseHitRate).toBeLessThanOrEqual(0.075);
  expect(precisionRecallArea(probabilities, labels)).toBeGreaterThan(0.7);
});

test.each([0.01, 0.02, 0.05])('replayed as traffic under a limit of %p, wrong hits stay within it', (limit) => {
  const { wrongShareMean } = replayManySeeds(probabilities, labels, { limit, auditShare: 0.1, rounds: 5, seeds: 10 });
  expect(wrongShareMean).toBeLessThanOrEqual(limit);
});

test('a text that was prepared elsewhere is prepared again', () => {
  const bare = { text: 'What is the capital of Australia?' };
  expect(verifier.judge(bare, bare)).toEqual(judge(bare.text, bare.text));
});

test('a stricter rate never has a lower threshold, with and without dense cosine', () => {
  for (const hasDense of [false, true])
    expect(verifier.thresholdFor(0.01, hasDense)).toBeGreaterThanOrEqual(verifier.thresholdFor(0.05, hasDense));
});

test('weights of other features, or of another static model, are refused', () => {
  const renamed = {
    ...weights,
    featureNames: weights.featureNames.map((name, index) => (index === 3 ? 'gone' : name)),
  };
  expect(() => createPairVerifier({ staticModel, weights: renamed })).toThrow('number 3');
  expect(() => createPairVerifier({ staticModel, weights: { ...weights, staticModelId: 'other' } })).toThrow('"other"');
});

test('weights that are not there are looked for in named places', () => {
  expect(() => loadVerifierWeights('/nowhere/weights.bin')).toThrow('looked for /nowhere/weights.bin');
});

describe('what is plainly the same', () => {
  const forms = (text: string): string[] => [
    text.toLowerCase(),
    text.toUpperCase(),
    `${text} `,
    text.replace(/ /g, '  '),
    `${text}??`,
  ];

  test('is never less probable to the verifier itself', () => {
    let found = 0;
    for (const { a, b } of pairs.slice(0, 300))
      for (const other of [...forms(a), b]) {
        const probability = plainlySameProbability(a, other);
        if (probability === undefined) continue;
        found++;
        expect([a, other, judge(a, other).probability >= probability]).toEqual([a, other, true]);
      }
    expect(found).toBeGreaterThan(500);
  });

  test.each([
    ['Is a == b?', 'Is a = b?'],
    ['What is 3 + 7', 'What is 3 - 7'],
    ['print(x)\n  y', 'print(x) y'],
    ['What is 5!', 'What is 5?'],
    ['Why?', 'How?'],
    ['polish a table', 'publish a table'],
    ['a/b', 'a b'],
  ])('is not found in %j and %j', (a, b) => expect(plainlySameProbability(a, b)).toBeUndefined());
});

// What the detectors make of the labelled corpus: node libs/data-policy/bench/corpus.mjs
import { loadBundled } from './load.mjs';

const { judgeCorpus } = await loadBundled('libs/data-policy/src/corpus/judge-corpus.ts');
const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const row = (cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(10))).join('');

console.log(row(['kind', 'marked', 'precision', 'recall']));
for (const [kind, { right, missed, wrong }] of Object.entries(judgeCorpus())) {
  const marked = right + missed.length;
  console.log(row([kind, String(marked), percent(right, right + wrong.length), percent(right, marked)]));
}

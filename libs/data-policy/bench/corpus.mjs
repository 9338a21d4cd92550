// What the detectors make of the labelled corpus: node libs/data-policy/bench/corpus.mjs
import { loadBundled } from './load.mjs';

const { judgeCorpus, judgeHeldOut } = await loadBundled('libs/data-policy/src/corpus/judge-corpus.ts');
const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const row = (cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : cell.padStart(10))).join('');

for (const [name, judge] of Object.entries({ corpus: judgeCorpus, 'held out': judgeHeldOut })) {
  console.log(row([name, 'marked', 'precision', 'recall']));
  for (const [kind, { right, missed, wrong }] of Object.entries(judge())) {
    const marked = right + missed.length;
    console.log(row([kind, String(marked), percent(right, right + wrong.length), percent(right, marked)]));
  }
}

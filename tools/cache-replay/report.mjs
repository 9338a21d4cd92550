import { renderRows } from '../prefix-replay/render-rows.mjs';
import { percent } from '../verifier/options.mjs';

const cellsOf = (row) => ({
  cosine: row.minSimilarity.toFixed(2),
  limit: percent(row.limit, 0),
  memory: percent(row.memory / row.requests),
  'in flight': percent(row.joined / row.requests),
  exact: percent(row.exact / row.requests),
  semantic: percent(row.semanticRate),
  misses: percent(row.misses / row.requests),
  'found of possible': `${percent(row.foundShare)} of ${row.possible}`,
  'of other words': `${percent(row.foundShareOfReworded)} of ${row.reworded}`,
  'semantic hits': row.semantic,
  'wrong (pairs)': `${row.wrong} (${row.wrongPairs})`,
  'wrong of hits': percent(row.wrongShareOfSemantic, 2),
  'wrong of requests': percent(row.wrongShareOfRequests, 3),
  audits: row.audits,
  guard: row.guard.floor > 1 ? 'no evidence' : row.guard.state,
});

function workloadLines({ questions, arrivals, mix, settings, modelId }) {
  const from =
    questions.files.length > 0 ? questions.files.join(', ') : 'the hand-written blocks held out from training';
  const of = (count) => percent(count / mix.requests);
  return [
    `${mix.requests} requests in ${mix.spanSeconds} s (${arrivals === 'poisson' ? 'independent arrivals' : arrivals}); ` +
      `${questions.texts} wordings of ${questions.clusters} questions, ${questions.clustersOfSeveral} of them with several, from ${from}` +
      `${questions.contradictions > 0 ? ` (${questions.contradictions} pairs contradict others)` : ''}.`,
    `Zipf exponent ${settings.zipf}, ${percent(settings.repeats, 0)} in the words of the last ask, ${percent(settings.forms, 0)} of the others in another form, seed ${settings.seed}: ` +
      `${of(mix.firstOfCluster)} are first asked, ${of(mix.sameWords)} in words that came before, ${of(mix.otherWords)} in other words for the first time.`,
    `Weights \`${modelId}\`, static model, ${percent(settings.auditShare, 0)} audits, a call takes ${settings.firstTokenMs} ms and ${settings.tokenMs} ms a token.`,
  ];
}

const notes = [
  'in flight: joined a call under way for the same words. found of possible: look-ups for which a right answer was stored, and the share that got it; of other words: those of them whose own wording was not stored in any form.',
  'wrong (pairs): the given answer belongs to another question by the labels, and of how many pairs of wordings; those that nobody labelled count as wrong. audits: calls spent on comparing.',
  'guard: its state at the end; no evidence: the weights were not shown to keep this limit, so that nothing is given.',
];

export const renderText = (result) =>
  [...workloadLines(result), '', renderRows(result.rows.map(cellsOf)), '', ...notes].join('\n');

export function renderMarkdown(result) {
  const rows = result.rows.map(cellsOf);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const names = Object.keys(rows[0]);
  const table = [names, names.map(() => '---'), ...rows.map((row) => Object.values(row))].map(line).join('\n');
  return `${['# The tiers of the cache on a replayed workload', ...workloadLines(result), table, ...notes].join('\n\n')}\n`;
}

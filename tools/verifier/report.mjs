// The figures as Markdown tables.
import { percent } from './options.mjs';

const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');

const modes = {
  weights: 'the weights as they are',
  adapted: 'weights adapted to other pairs, evaluated on these',
  'cross-validated': 'trained on these pairs; each judged by training that saw none of its texts',
};

function cosineTables({ at, chosenHere }) {
  const columns = ({ recall, falseHitRate, precision }) => [percent(recall), percent(falseHitRate), percent(precision)];
  const head = ['cosine', 'same answered', 'different answered (false hits)', 'right among answered'];
  const fixed = at.map((point) => [point.threshold.toFixed(2), ...columns(point)]);
  const chosen = chosenHere.map((point) => [
    `${point.threshold.toFixed(3)} (for ${percent(point.aimedFalseHitRate)})`,
    ...columns(point),
  ]);
  return table(head, [...fixed, ...chosen]);
}

function verifierTable({ aimed }) {
  const head = [
    'aimed false hits',
    'same answered',
    'false hits',
    'right among answered',
    'threshold',
    'same answered, threshold chosen here',
  ];
  return table(
    head,
    aimed.map(({ aimedFalseHitRate, asShipped, chosenHere }) => [
      percent(aimedFalseHitRate),
      percent(asShipped.recall),
      percent(asShipped.falseHitRate, 2),
      percent(asShipped.precision),
      asShipped.threshold > 1 ? 'never' : asShipped.threshold.toFixed(4),
      percent(chosenHere.recall),
    ]),
  );
}

function sourceTable({ sources }) {
  return table(
    ['source', 'same', 'different', 'same answered', 'false hits'],
    sources.map(({ source, same, different, recall, falseHitRate }) => [
      source,
      same,
      different,
      percent(recall),
      percent(falseHitRate),
    ]),
  );
}

function trafficTable(figures) {
  return table(
    ['limit', 'audited', 'wrong among hits: mean', 'worst seed', 'seeds within the limit', 'same answered'],
    figures.map((run) => [
      percent(run.limit),
      percent(run.auditShare, 0),
      percent(run.wrongShareMean, 2),
      percent(run.wrongShareMax, 2),
      percent(run.withinLimitShare, 0),
      percent(run.recallMean),
    ]),
  );
}

function timeTable(microseconds) {
  const names = { prepared: 'both prepared', onePrepared: 'one prepared (a look-up)', unprepared: 'none prepared' };
  return table(
    ['texts', 'µs, median', 'µs, 99th percentile'],
    Object.entries(names).map(([key, name]) => [name, microseconds[key].median, microseconds[key].p99]),
  );
}

function embedderSection(title, figures) {
  if (figures.skipped) return [`## ${title}`, `Skipped: ${figures.skipped}.`];
  const { cosine, verifier, bySource, traffic, microseconds } = figures;
  const areas = (of) =>
    `Area under the precision-recall curve ${of.precisionRecallArea.toFixed(3)}, under the ROC curve ${of.rocArea.toFixed(3)}`;
  const sections = [
    `## ${title}`,
    `### Cosine alone\n\n${areas(cosine)}.`,
    cosineTables(cosine),
    `### Verifier\n\n${areas(verifier)}, calibration error ${verifier.calibrationError.toFixed(3)}.`,
    verifierTable(verifier),
    `### By source, aimed at ${percent(bySource.aimedFalseHitRate)} false hits`,
    sourceTable(bySource),
  ];
  if (traffic)
    sections.push('### Replayed as traffic under the controller of the false-hit rate', trafficTable(traffic));
  if (microseconds) sections.push('### Time of a decision', timeTable(microseconds));
  return sections;
}

/** The whole report. */
export function renderReport({ pairs, mode, modelId, staticModelId, vetoes, embedders }) {
  const left =
    pairs.leftOutForSharedTexts > 0 ? `; ${pairs.leftOutForSharedTexts} left out, they share a text with training` : '';
  const from = pairs.isOwnSample
    ? 'hand-written pairs of this repository that no weights were trained on (a small sample: --pairs FILE evaluates your own)'
    : pairs.files.map((file) => file.split('/').at(-1)).join(', ');
  const head = [
    '# The semantic tier on labelled pairs',
    `${pairs.count} pairs (${pairs.same} same, ${pairs.different} different) of ${from}${left}.\n` +
      `Weights \`${modelId}\` (${modes[mode]}), static model \`${staticModelId}\`. False hits are the share of the different pairs that is answered.`,
    '## Vetoes alone',
    table(
      ['veto', 'same refused', 'different refused'],
      vetoes.map((veto) => [veto.veto, percent(veto.sameRefusedShare, 2), percent(veto.differentRefusedShare)]),
    ),
  ];
  return `${[
    ...head,
    ...embedderSection('Static model alone', embedders.static),
    ...embedderSection('With a contextual embedder', embedders.dense),
  ].join('\n\n')}\n`;
}

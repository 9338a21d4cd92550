// The figures as Markdown tables.
import { brokenShare, cheapCallPrice } from './cascade.mjs';
import { mixShares, prices } from './mix.mjs';
import { percent, table } from './options.mjs';

const rankers = [
  ['predictor', 'predictor'],
  ['complexity', 'complexity score'],
  ['length', 'prompt length'],
  ['random', 'random'],
];

function rankingTable(rankings) {
  const head = [
    'rows',
    'ranked by',
    'APGR',
    'calls avoided at 95 % quality',
    'at 97.8 %',
    'strong calls for 50 % of the gap',
    'for 80 %',
  ];
  const lines = rankings.flatMap((ranking) =>
    rankers.map(([name, label]) => {
      const { apgr, saving95, saving978, callsFor50, callsFor80 } = ranking[name];
      return [
        `${ranking.family} (${ranking.rows})`,
        label,
        apgr.toFixed(3),
        percent(saving95),
        percent(saving978),
        percent(callsFor50),
        percent(callsFor80),
      ];
    }),
  );
  return table([head, ...lines]);
}

const cascadeTable = (cascade) =>
  table([
    [
      'signal of the cheap answer',
      'APGR over strong calls',
      'APGR over spending',
      'strong calls avoided at 97.8 %',
      'money saved at 97.8 %',
    ],
    ...cascade.map(({ area, apgr, budgetApgr, callsAvoided978, moneySaved978 }) => [
      area === 0 ? 'none: predictor alone' : `ROC area ${area.toFixed(2)}`,
      apgr.toFixed(3),
      budgetApgr.toFixed(3),
      percent(callsAvoided978),
      percent(moneySaved978),
    ]),
  ]);

const mixTable = (mix) =>
  table([
    ['standard model closes', 'cheaper than always premium', 'quality kept', 'economy', 'standard', 'premium'],
    ...mix.map(({ standardShare, cheaper, quality, economy, standard, premium }) => [
      `${percent(standardShare, 0)} of the gap`,
      percent(cheaper),
      percent(quality, 2),
      percent(economy),
      percent(standard),
      percent(premium),
    ]),
  ]);

const mixCascadeTable = (mix) =>
  table([
    ['signal of the economy answer', 'cheaper than always premium', 'quality kept', 'passed on to premium'],
    ...mix.map(({ area, cheaper, quality, passedOn }) => [
      `ROC area ${area.toFixed(2)}`,
      percent(cheaper),
      percent(quality, 2),
      percent(passedOn),
    ]),
  ]);

const curveTable = (curve) =>
  table([
    ['rows in training', ...curve.map(({ rows }) => rows)],
    ['APGR', ...curve.map(({ apgr }) => apgr.toFixed(3))],
    ['calls avoided at 97.8 %', ...curve.map(({ saving978 }) => percent(saving978))],
  ]);

const microseconds = ({ predictor, complexity }) =>
  `Microseconds a call, median and 90th percentile: predictor ${predictor.median} and ${predictor.p90}, complexity ${complexity.median} and ${complexity.p90}.`;

/** The whole report's tables. */
export function render(figures, rowCount) {
  const { labelled } = figures;
  const byDivision = figures.rankings.flatMap(({ family, byDivision: own }) => [
    [`${family}: APGR`, ...own.map(({ apgr }) => apgr.toFixed(3))],
    [`${family}: calls avoided at 97.8 %`, ...own.map(({ saving978 }) => percent(saving978))],
  ]);
  const mixWords = Object.entries(mixShares)
    .map(([name, share]) => `${percent(share, 0)} ${name}`)
    .join(', ');
  return [
    `${rowCount} rows, 5 folds, ${figures.seeds.length} divisions (seeds ${figures.seeds.join(', ')}); means over the divisions.`,
    rankingTable([...figures.rankings, ...(figures.mtbench ? [figures.mtbench] : [])]),
    table([['predictor, by division', ...figures.seeds.map((seed) => `seed ${seed}`)], ...byDivision]),
    ...(figures.microseconds ? [microseconds(figures.microseconds)] : []),
    `Calibration error out of fold: ${figures.calibrationError.toFixed(4)}.`,
    table([
      ['tenth of the rows', ...figures.reliability.map((_, at) => String(at + 1))],
      ['predicted', ...figures.reliability.map(({ predicted }) => predicted.toFixed(3))],
      ['observed', ...figures.reliability.map(({ observed }) => observed.toFixed(3))],
    ]),
    ...(figures.curve ? ['Learning curve, first division:', curveTable(figures.curve)] : []),
    `Cascade, simulated: a cheap call costs ${percent(cheapCallPrice, 0)} of a strong one, ${percent(brokenShare, 0)} of wrong answers are visibly broken.`,
    cascadeTable(figures.cascade),
    `Mix of ${mixWords}, at $${prices.economy}, $${prices.standard} and $${prices.premium} per million tokens.`,
    mixTable(figures.mix),
    'The same mix with two tiers and the simulated cascade: economy answers first.',
    mixCascadeTable(figures.mixCascade),
    `Labelled prompts by complexity alone: ${percent(labelled.right)} of ${labelled.prompts} in their tier; as the mix, ` +
      `${percent(labelled.cheaper)} cheaper than always premium, ${percent(labelled.underRouted)} of requests get a weaker tier than labelled, ` +
      `${percent(labelled.overRouted)} a stronger one.`,
  ].join('\n\n');
}

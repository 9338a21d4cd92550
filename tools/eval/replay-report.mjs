// What a replay says, as Markdown that reads well in a terminal.
import { table } from './report.mjs';

const percent = (share) => (share === undefined ? '–' : `${(share * 100).toFixed(1)} %`);
const range = (interval) => (interval === undefined ? '–' : `${percent(interval[0])} to ${percent(interval[1])}`);
const usd = (nanoUsd) => `$${(nanoUsd / 1e9).toFixed(nanoUsd >= 1e9 ? 2 : 6)}`;
const saved = ({ paidNanoUsd, cost }) => percent(paidNanoUsd > 0 ? 1 - cost.likely / paidNanoUsd : undefined);
const mostRows = 15;

const outcomeWords = {
  changed: 'would go to another model',
  same: 'stay with their model',
  fixed: 'cost the same under any policy (cache hits, failures, embeddings, pictures and sound)',
  unjudged: 'left the choice, but their record has no complexity: taken as they were',
  refused: 'ask for a model that the policy does not have: taken as they were',
  unpriced: 'would go to a model without a known price: taken as they were',
};

function sums({ report, spread }) {
  const { paidNanoUsd, cost, baselineNanoUsd, savedShare, savedInterval, savedIntervalWidened, qualityChange } = report;
  const rows = [
    ['what', 'value'],
    ['paid', usd(paidNanoUsd)],
    ['under the policy', `${usd(cost.likely)} (${usd(cost.low)} to ${usd(cost.high)})`],
    ['saved of what was paid', percent(savedShare)],
    ['… 95 %, by which requests came', range(savedInterval)],
    [
      `… and if tokens differ (prompt × ${spread.prompt}, answer × ${spread.output}, new reasoning × ${spread.reasoning})`,
      range(savedIntervalWidened),
    ],
  ];
  if (baselineNanoUsd !== undefined && baselineNanoUsd > 0) {
    rows.push(['saved of the baseline: then', percent(1 - paidNanoUsd / baselineNanoUsd)]);
    rows.push(['saved of the baseline: under the policy', percent(1 - cost.likely / baselineNanoUsd)]);
  }
  const { expected, interval, predicted, unpredicted } = qualityChange;
  const points = (share) => `${share > 0 ? '+' : ''}${(share * 100).toFixed(2)}`;
  rows.push([
    'right answers, points',
    predicted === 0
      ? 'nothing is predicted'
      : `${points(expected)}${interval ? ` (${points(interval[0])} to ${points(interval[1])})` : ''}; predicted for ${predicted} changes, not for ${unpredicted}`,
  ]);
  return table(rows);
}

const notes = [
  'Under the policy: tokens as they were counted, at today’s list prices; in brackets with fewer tokens and no reasoning, and with more tokens and a cold provider cache. The factors are assumed (--prompt-factor, --output-factor, --reasoning-factor).',
  'Not in it: second calls for doubtful answers, failures, what the record does not hold (quality asked for, abilities needed, words that rules look for).',
  'Right answers: by the predictor’s probability that only a stronger model would do; it speaks of changes from and to the economy tier.',
];

const group = (name, entries, keyOf) => {
  const shown = entries.slice(0, mostRows);
  const rows = shown.map((entry) => [
    keyOf(entry),
    entry.requests,
    entry.changed,
    usd(entry.paidNanoUsd),
    usd(entry.cost.likely),
    saved(entry),
  ]);
  const more = entries.length > shown.length ? `\n… and ${entries.length - shown.length} more` : '';
  return table([[name, 'requests', 'change model', 'paid', 'under the policy', 'saved'], ...rows]) + more;
};

/** The whole report. */
export function renderReplay({ report, spread, unknownModels, source }) {
  const outcomes = Object.entries(report.outcomes).filter(([, count]) => count > 0);
  const share = (count) => percent(count / report.requests);
  return [
    `${report.requests} requests of ${source}, of which`,
    outcomes.map(([outcome, count]) => `- ${count} (${share(count)}) ${outcomeWords[outcome]}`).join('\n'),
    ...(unknownModels.length > 0 ? [`Without a known price: ${unknownModels.slice(0, 10).join(', ')}.`] : []),
    sums({ report, spread }),
    group('tier', report.moves, ({ from, to }) => (from === to ? from : `${from} → ${to}`)),
    group('tenant', report.tenants, ({ tenantId }) => tenantId),
    ...(report.models.length > 0
      ? [
          table([
            ['from', 'to', 'requests'],
            ...report.models.slice(0, mostRows).map(({ from, to, requests }) => [from, to, requests]),
          ]),
        ]
      : []),
    notes.map((note) => `- ${note}`).join('\n'),
  ].join('\n\n');
}

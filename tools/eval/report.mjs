// The table of an evaluation, for a terminal (Markdown's form, even columns).
const percent = (share, digits = 0) => (share === null ? '–' : `${(share * 100).toFixed(digits)} %`);
const points = (share) => (share === null ? '–' : `${share >= 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(1)}`);

/** Rows of cells as a Markdown table; the first row is the head. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (cells) => `| ${cells.map((cell, column) => String(cell).padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}

const usdPerThousand = (nanoUsd) => `$${(nanoUsd / 1e6).toFixed(4)}`;

function rowOf(policy) {
  const { tiers, scoreInterval } = policy;
  return [
    policy.name,
    policy.isOnFront ? '●' : '',
    usdPerThousand(policy.costNanoUsd),
    percent(policy.savedOfPremium),
    percent(policy.score, 1),
    scoreInterval ? `${percent(scoreInterval[0])} – ${percent(scoreInterval[1])}` : '–',
    percent(policy.right, 1),
    policy.overMixtureInterval
      ? `${points(policy.overMixture)} (${policy.overMixtureInterval.map(points).join(' to ')})`
      : points(policy.overMixture),
    `${Math.round(policy.latencyMs)} ms`,
    `${percent(tiers.economy)} / ${percent(tiers.standard)} / ${percent(tiers.premium)}`,
    percent(policy.steppedUp, 1),
    policy.failed,
  ];
}

const head = [
  'policy',
  'front',
  'cost of 1000',
  'saved',
  'score',
  '95 %',
  'all right',
  'over mixture',
  'latency',
  'economy / standard / premium',
  'asked twice',
  'failed',
];

const notes = [
  'front: no other policy is cheaper and as good, or better and as cheap. cost of 1000: of a thousand such requests. saved: against always premium.',
  'score: mean over the prompts of the share of checks that an answer passes; 95 %: of its mean, over the prompts drawn anew. all right: answers that pass every check.',
  'over mixture: points of score above the best random mixture of the three fixed tiers at the same cost: what a choice that does not look at the prompt could have; in brackets 95 %, prompt by prompt.',
  'asked twice: the first answer would not do (empty, refused, cut off, not the JSON asked for), and a stronger model was asked; both calls are in the cost.',
];

function introduction({ mode, models, prompts, rounds, seed, url, judge, skipped }) {
  const counts = Object.entries(prompts.byDifficulty).map(([difficulty, count]) => `${count} ${difficulty}`);
  const from =
    mode === 'simulation'
      ? `SIMULATION: the answers come from simulated models with assumed abilities (tools/eval/simulated-models.mjs), ${rounds} rounds, seed ${seed}; the decisions are the product's own.`
      : `Answers of ${url}, ${rounds === 1 ? 'one round' : `${rounds} rounds`}, without its cache.`;
  const left = Object.entries(skipped).map(([kind, count]) => `${count} ${kind} ${count === 1 ? 'check' : 'checks'}`);
  return [
    `${prompts.count} prompts (${counts.join(', ')}). ${from}`,
    `Models: ${models.map(({ name, tier }) => `${name} (${tier})`).join(', ')}.`,
    ...(left.length > 0
      ? [
          judge
            ? `Skipped, as ${judge} gave no score: ${left.join(', ')}.`
            : `Skipped for want of a judge (--judge MODEL, with --url): ${left.join(', ')}.`,
        ]
      : []),
  ];
}

const mostFailures = 5;

/** Which requests failed, and why. */
function failureLines(failures) {
  const lines = failures
    .slice(0, mostFailures)
    .map(({ model, prompt, why }) => `- ${prompt}, asked of ${model}: ${why}`);
  const more = failures.length > mostFailures ? [`- … and ${failures.length - mostFailures} more`] : [];
  return [`${failures.length} requests failed for good and count as answered wrongly:`, ...lines, ...more].join('\n');
}

/** The whole report as Markdown, readable in a terminal as it is. */
export function renderReport(result) {
  const parts = [
    introduction(result).join('\n'),
    table([head, ...result.policies.map(rowOf)]),
    ...(result.failures.length > 0 ? [failureLines(result.failures)] : []),
    notes.map((note) => `- ${note}`).join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

const lanes = ['express', 'standard', 'batch'];
const ms = (value) => String(Math.round(value));
const share = (value, digits = 1) => `${(value * 100).toFixed(digits)} %`;

/** Tables of a comparison: heads and rows of text. */
export function tablesOf({ rows, flood }) {
  const [none, batcher] = rows;
  const perLane = lanes.flatMap((lane) =>
    rows.filter((row) => row.lanes[lane].offered > 0).map((row) => laneRow(lane, row)),
  );
  const totals = rows.map((row) => [
    row.scheduler,
    row.answered,
    row.calls,
    row.sharedCalls,
    row.groups,
    row.callsInTime,
    share(row.cachedTokens / Math.max(1, row.promptTokens), 1),
    `$${(row.costPerAnswerUsd * 1_000).toFixed(4)}`,
    row.fairness.toFixed(3),
  ]);
  const saved = 1 - batcher.commonCostUsd / none.commonCostUsd;
  const tables = [
    {
      head: [
        'lane',
        'scheduler',
        'offered',
        'answered',
        'refused',
        'shed',
        'late',
        'wait p50 ms',
        'wait p95 ms',
      ].concat(['longest wait ms', 'longest gap ms', 'latency p95 ms', 'tokens']),
      rows: perLane,
    },
    {
      head: ['scheduler', 'answers', 'calls', 'calls spared', 'groups', 'calls in time', 'prompt from cache'].concat([
        'cost per 1,000 answers',
        'fairness (Jain)',
      ]),
      rows: totals,
      note: `Cost of the ${none.commonAnswers} that both answered, against no batcher: ${saved >= 0 ? '−' : '+'}${share(Math.abs(saved))}.`,
    },
  ];
  return flood ? [...tables, floodTable(flood)] : tables;
}

function laneRow(lane, row) {
  const figures = row.lanes[lane];
  const { offered, answered, refused, shed, dropped } = figures;
  return [lane, row.scheduler, offered, answered, refused, shed, dropped]
    .concat(
      [figures.waitP50Ms, figures.waitP95Ms, figures.longestWaitMs, figures.longestGapMs, figures.latencyP95Ms].map(ms),
    )
    .concat([share(figures.tokenShare)]);
}

function floodTable(flood) {
  return {
    head: ['scheduler', 'others offered', 'unanswered', 'p95 ms without flood', 'p95 ms with it', 'moved'],
    rows: flood.map(({ scheduler, calm, flooded }) => [
      scheduler,
      flooded.offered,
      flooded.unanswered,
      ms(calm.p95Ms),
      ms(flooded.p95Ms),
      share(flooded.p95Ms / calm.p95Ms - 1),
    ]),
  };
}

export function renderText(tables) {
  return tables
    .map(({ head, rows, note }) => {
      const all = [head, ...rows.map((row) => row.map(String))];
      const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
      const lines = all.map((row) =>
        row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
      );
      return [...lines, ...(note ? [note] : [])].join('\n');
    })
    .join('\n\n');
}

export function renderMarkdown(tables) {
  return tables
    .map(({ head, rows, note }) => {
      const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
      return [...lines, ...(note ? ['', note] : [])].join('\n');
    })
    .join('\n\n');
}

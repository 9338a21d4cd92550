const round = (value, digits = 0) => (value === undefined ? '' : value.toFixed(digits));

/** The figures of one run as Markdown. */
export function renderTable({ rows, idle, busy, seconds, machine }) {
  const lines = [
    `${new Date().toISOString().slice(0, 10)}; ${machine}; ${seconds} s a row after a warm-up by count.`,
    '',
    '| what | connections | requests/s | p50 ms | p95 ms | p99 ms | added p50 | added p99 | CPU µs/request | × bare proxy | Redis µs | errors |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const row of rows) {
    const cells = [
      row.name,
      row.connections,
      round(row.requestsPerSecond),
      round(row.p50Ms, 2),
      round(row.p95Ms, 2),
      round(row.p99Ms, 2),
      round(row.addedP50Ms, 2),
      round(row.addedP99Ms, 2),
      round(row.cpuUs),
      round(row.ratio, 2),
      round(row.cpuByProcess.redis),
      row.errors,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  lines.push(
    '',
    '| CPU µs/request by service | connections | gateway | provider-worker | cost-attribution | cache | batcher | router |',
    '|---|---|---|---|---|---|---|---|',
  );
  for (const row of rows.filter(({ target }) => target === 'gateway')) {
    const by = (name) => round(row.cpuByProcess[name], 1);
    lines.push(
      `| ${row.name} | ${row.connections} | ${by('gateway')} | ${by('provider-worker')} | ${by('cost-attribution')} | ${by('cache')} | ${by('batcher')} | ${by('router')} |`,
    );
  }
  lines.push('', '| resident memory, MiB | idle | after the run |', '|---|---|---|');
  for (const name of Object.keys(idle)) lines.push(`| ${name} | ${round(idle[name])} | ${round(busy[name])} |`);
  const sum = (memory) => Object.values(memory).reduce((total, value) => total + value, 0);
  lines.push(`| all six | ${round(sum(idle))} | ${round(sum(busy))} |`);
  return lines.join('\n');
}

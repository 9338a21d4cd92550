// Figures over all worlds, and the report.
const goals = { recall: 0.95, minutes: 15, falsePerTenantMonth: 1 };
const percent = (share) => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`);
const shareOf = (all, isSo) => (all.length === 0 ? NaN : all.filter(isSo).length / all.length);

/** Wilson's interval (1927) of a share, 95 %. */
function intervalOf(share, count) {
  const z = 1.96;
  const centre = share + (z * z) / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const scale = 1 + (z * z) / count;
  return [(centre - half) / scale, (centre + half) / scale];
}

function quantile(sorted, share) {
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export function summarise(worlds, settings, { feedback }) {
  const all = [...worlds.values()];
  const counted = all.flatMap((world) => world.counted);
  const falseAlerts = all.flatMap((world) => world.falseAlerts);
  const tenantMonths = all.reduce((sum, world) => sum + world.tenantMonths, 0);
  const isInTime = ({ latencyMinutes }) => latencyMinutes !== undefined && latencyMinutes <= goals.minutes;
  const latencies = counted
    .filter(({ found }) => found)
    .map(({ latencyMinutes }) => latencyMinutes)
    .sort((a, b) => a - b);
  const kinds = [...new Set(counted.map(({ kind }) => kind))].sort();
  return {
    seeds: [...worlds.keys()],
    feedback,
    minImpactUsd: settings.minImpactNanoUsd / 1e9,
    minImpactShare: settings.minImpactShare,
    tenantMonths,
    injected: counted.length + all.reduce((sum, world) => sum + world.belowMinimum, 0),
    counted: counted.length,
    recall: shareOf(counted, ({ found }) => found),
    recallInterval: intervalOf(
      shareOf(counted, ({ found }) => found),
      counted.length,
    ),
    inTime: shareOf(counted, isInTime),
    latencyMinutes: Object.fromEntries([0.25, 0.5, 0.75, 0.9, 0.95, 1].map((q) => [q, quantile(latencies, q)])),
    named: shareOf(
      counted.filter(({ found }) => found),
      ({ isNamed }) => isNamed,
    ),
    falseAlerts: falseAlerts.length,
    falseOfLaunches: falseAlerts.filter(({ isLaunch }) => isLaunch).length,
    falsePerTenantMonth: falseAlerts.length / tenantMonths,
    kinds: kinds.map((kind) => kindFigures(kind, counted, isInTime)),
    missed: counted.filter(({ found }) => !found),
    late: counted.filter((each) => each.found && !isInTime(each)),
    seeds_: [...worlds].map(([seed, world]) => ({
      seed,
      counted: world.counted.length,
      recall: shareOf(world.counted, ({ found }) => found),
      inTime: shareOf(world.counted, isInTime),
      falsePerTenantMonth: world.falseAlerts.length / world.tenantMonths,
    })),
    seriesCount: Math.max(...all.map((world) => world.seriesCount)),
  };
}

function kindFigures(kind, counted, isInTime) {
  const own = counted.filter((each) => each.kind === kind);
  const latencies = own.flatMap(({ latencyMinutes }) => latencyMinutes ?? []).sort((a, b) => a - b);
  return {
    kind,
    counted: own.length,
    recall: shareOf(own, ({ found }) => found),
    inTime: shareOf(own, isInTime),
    medianMinutes: quantile(latencies, 0.5),
  };
}

const verdict = (isMet) => (isMet ? 'met' : '**missed**');
const row = (cells) => `| ${cells.join(' | ')} |`;
const head = (cells) => [row(cells), row(cells.map(() => '---'))];
const minutes = (value) => (Number.isNaN(value) ? '–' : value.toFixed(0));

export function renderReport(summary) {
  const [low, high] = summary.recallInterval;
  return `${[
    '# Anomaly detection on simulated traffic',
    '',
    `\`npm run eval:anomaly\`: ${summary.seeds.length} worlds (seeds ${summary.seeds.join(', ')}; thresholds were chosen on seeds below 100) of 8 tenants and 90 days, at steps of five minutes, through the code that the service runs${summary.feedback ? ', each incident judged after four hours' : '. Nobody judges anything: what feedback would quiet counts in full'}. ${summary.tenantMonths} tenant-months, up to ${summary.seriesCount} scopes watched in a world.`,
    '',
    ...head(['goal', 'measured', '']),
    row([
      'recall ≥ 95 % of injections that count',
      `${percent(summary.recall)} of ${summary.counted} (95 %: ${percent(low)} to ${percent(high)})`,
      verdict(summary.recall >= goals.recall),
    ]),
    row([
      'found within 15 minutes',
      `${percent(summary.inTime)} of those that count`,
      verdict(summary.inTime >= goals.recall),
    ]),
    row([
      '≤ 1 false alert a tenant and month',
      `${summary.falsePerTenantMonth.toFixed(2)} (${summary.falseAlerts}, ${summary.falseOfLaunches} of them on launches that nobody had announced)`,
      verdict(summary.falsePerTenantMonth <= goals.falsePerTenantMonth),
    ]),
    '',
    `**The rule.** An injection counts from the first moment at which, by means without noise, its scope spends at least three times the usual over the hour to come, and the excess of that hour is at least $${summary.minImpactUsd} and ${percent(summary.minImpactShare)} of the scope's usual day: the defaults of the service. Of ${summary.injected} injections ${summary.counted} count; the others are too small or too short, and finding them is neither counted nor held against the detector. Minutes are from that moment, within a step, to the scan that opens an incident, and one minute more for the rollup. An incident is false if none of its tenant's injections, counted or not, was under way or over for less than an hour. Half of the launches are announced beforehand, as the docs ask for (\`POST /admin/anomalies/planned\`).`,
    '',
    `Minutes until found: ${Object.entries(summary.latencyMinutes)
      .map(([share, value]) => `${share === '1' ? 'longest' : `${Number(share) * 100} %`} ${minutes(value)}`)
      .join(
        ', ',
      )}. The injected user, feature or tenant is among the causes named in ${percent(summary.named)} of what was found.`,
    '',
    ...head(['kind', 'count', 'found', 'within 15 min', 'median, min']),
    ...summary.kinds.map((each) =>
      row([each.kind, each.counted, percent(each.recall), percent(each.inTime), minutes(each.medianMinutes)]),
    ),
    '',
    ...head(['seed', 'count', 'found', 'within 15 min', 'false a tenant-month']),
    ...summary.seeds_.map((each) =>
      row([each.seed, each.counted, percent(each.recall), percent(each.inTime), each.falsePerTenantMonth.toFixed(2)]),
    ),
    '',
    '## What was missed',
    '',
    ...(summary.missed.length === 0
      ? ['Nothing.']
      : head(['kind', 'scope', 'times', 'usual day, $', 'excess in all, $'])),
    ...summary.missed.map((each) =>
      row([each.kind, each.scope, each.ratio.toFixed(1), each.usualDayUsd.toFixed(2), each.excessUsd.toFixed(2)]),
    ),
  ].join('\n')}\n`;
}

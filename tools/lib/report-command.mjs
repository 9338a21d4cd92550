// `costlane report …`: what was spent and saved, as tables, JSON or CSV.
import { Writable } from 'node:stream';
import { callAdmin, fetchAdmin } from './admin-client.mjs';
import { dollars, factsOf, formatColumn, nanoUsdOf, tableOf, titleOf } from './cli-format.mjs';
import { oneOf, withExamples, withRange, withUrl } from './cli-options.mjs';
import { renderTable } from './terminal-table.mjs';

const reportTimeoutMs = 60_000;
const exportTimeoutMs = 600_000;

/** Columns that fit a terminal, after the names that a row begins with; `--wide` shows all. */
const narrow = {
  costs: ['requests', 'hit_rate', 'error_rate', 'paid_usd', 'baseline_usd', 'savings_usd', 'net_savings_usd'],
  roi: [
    'requests',
    'savings_usd',
    'infrastructure_usd',
    'net_savings_usd',
    'roi',
    'paid_per_call_usd',
    'savings_per_call_usd',
  ],
  'unit-economics': [
    'requests',
    'cost_usd',
    'active_users',
    'cost_per_active_user_usd',
    'cost_per_feature_call_usd',
    'cost_per_request_usd',
    'cost_per_1k_tokens_usd',
  ],
  movers: ['kind', 'paid_usd', 'previous_paid_usd', 'change_usd', 'change_share'],
  holdout: ['figure', 'saved_usd', 'low_usd', 'high_usd', 'saved_share', 'low_share', 'high_share'],
  'what-if': ['requests', 'cost_usd', 'what_if_cost_usd', 'difference_usd', 'difference_share'],
};

export const reportNames = [
  'summary',
  'costs',
  'savings',
  'roi',
  'forecast',
  'unit-economics',
  'movers',
  'what-if',
  'holdout',
  'focus',
];

/** The query of a report from the command's options; what was not given is left out. */
export function reportQuery({ from, to, tenant, by, interval, order, limit, period, value, budget, without }) {
  return {
    from,
    to,
    tenant_id: tenant,
    group_by: by,
    interval,
    order,
    limit,
    period,
    value,
    budget_usd: budget,
    without,
  };
}

const isScalar = (value) => value === null || typeof value !== 'object';

/** Names first, whatever they are, then what the report is about. */
function columnsOf(name, rows, isWide) {
  const all = Object.keys(rows[0]);
  if (isWide || !narrow[name]) return all;
  const isName = (column) =>
    /(_id|_name|_variant|^model|^provider|^endpoint|^cache_tier|^arm|^date|^hour)$/.test(column);
  return [...all.filter(isName), ...narrow[name].filter((column) => all.includes(column))];
}

function headlineOf({ tenant_id: tenant, from, to, period, period_start: start, period_end: end }) {
  const whose = tenant ? `Tenant ${tenant}` : 'All tenants';
  const span = (a, b) => formatColumn('from', [a, b]).join(' to ');
  if (from && to) return `${whose}, ${span(from, to)} (UTC)`;
  if (start && end) return `${whose}, ${period ?? 'period'} ${span(start, end)} (UTC)`;
  return whose;
}

/** This period and the one before, side by side. */
function renderSummary({ current, previous, change_share: change, ...head }, options) {
  const names = Object.keys(current).filter((name) => !['from', 'to'].includes(name));
  const rows = names.map((name) => {
    const [now, before] = formatColumn(name, [current[name], previous?.[name]]);
    return [titleOf(name), now, before, formatColumn('change_share', [change?.[name]])[0]];
  });
  return [headlineOf(head), renderTable(['', 'now', 'before', 'change'], rows, options)];
}

const intervalText = (interval) =>
  interval ? `${money(interval.low_usd)} to ${money(interval.high_usd)}` : 'not known: too little history';

const money = (text) => dollars(nanoUsdOf(text) ?? 0n);

function renderForecast(
  { rows = [], budget, interval_80: narrowOne, interval_95: wideOne, ...head },
  { isWide, ...options },
) {
  const facts = [
    ['paid so far', money(head.paid_so_far_usd)],
    ['expected by its end', money(head.expected_usd)],
    ['80 of 100 times', intervalText(narrowOne)],
    ['95 of 100 times', intervalText(wideOne)],
    ...(budget ? factsOf(budget, { asRows: true }).map(([name, value]) => [`budget: ${name}`, value]) : []),
  ];
  const parts = [headlineOf(head), renderTable(['', ''], facts, { ...options, isColoured: false }).trimStart()];
  return isWide && rows.length > 0 ? [...parts, tableOf(Object.keys(rows[0]), rows, options)] : parts;
}

/** Facts, or a line for each of several groups of the same facts. */
function renderGroup(group, options) {
  const entries = Object.entries(group);
  if (entries.length === 0 || entries.some(([, value]) => isScalar(value))) return factsOf(group);
  const columns = Object.keys(entries[0][1]);
  return tableOf(
    [['group', ''], ...columns],
    entries.map(([name, value]) => ({ group: name, ...value })),
    options,
  );
}

/** Whatever a report has: facts, groups of facts, and rows. */
function renderAny(name, document, { isWide, ...options }) {
  const { rows, totals, total, ...rest } = document;
  const parts = [headlineOf(document)];
  const scalars = Object.fromEntries(
    Object.entries(rest).filter(
      ([key, value]) =>
        isScalar(value) && !['tenant_id', 'from', 'to', 'group_by', 'interval', 'has_more'].includes(key),
    ),
  );
  if (Object.keys(scalars).length > 0) parts.push(factsOf(scalars));
  for (const [key, value] of Object.entries(rest)) {
    if (isScalar(value) || Array.isArray(value)) continue;
    parts.push(`${titleOf(key)}\n${renderGroup(value, options)}`);
  }
  if (Array.isArray(rows)) parts.push(renderRows(name, rows, totals ?? total, isWide, options));
  if (document.has_more) parts.push('There is more: --limit shows it.');
  return parts;
}

function renderRows(name, rows, totals, isWide, options) {
  if (rows.length === 0)
    return 'Nothing is on record for this time. Rollups are made every minute; npx costlane rollup makes them now.';
  const columns = columnsOf(name, rows, isWide);
  const last = totals ? [{ ...totals, [columns[0]]: 'all' }] : [];
  const filled = [...rows, ...last].map((row) =>
    Object.fromEntries(columns.map((column) => [column, row[column] ?? blank(column, row, rows)])),
  );
  return tableOf(columns, filled, options);
}

/** Names that the row of the sums has not are left empty, amounts that nobody knows are a dash. */
const blank = (column, row, rows) => (typeof rows[0][column] === 'string' && !(column in row) ? '' : null);

/** A report's document as text. `options`: `isWide`, and those of `renderTable`. */
export function renderReport(name, document, options = {}) {
  if (document === null || typeof document !== 'object') return String(document);
  const { isWide, ...rest } = options;
  if (name === 'summary' && document.current) return renderSummary(document, rest).join('\n\n');
  if (name === 'forecast' && document.expected_usd !== undefined) return renderForecast(document, options).join('\n\n');
  return renderAny(name, document, { isWide, ...rest }).join('\n\n');
}

/** Long exports go through piece by piece. A reader that leaves (`| head`) ends it without a word. */
async function pipeOut(response) {
  const out = Writable.toWeb(process.stdout);
  await response.body.pipeTo(out, { preventClose: true }).catch((error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

function addOptions(command) {
  return withRange(withUrl(command))
    .option('--csv', 'print CSV')
    .option('--wide', 'all columns')
    .option('--by <what>', 'user, team, tenant, feature, key, model, provider, endpoint, experiment, tier or arm')
    .option('--interval <interval>', 'none, day or hour')
    .option('--order <order>', 'paid, requests, savings and the like; with .asc the smallest first')
    .option('--limit <n>', 'rows at the most')
    .option('--period <period>', 'forecast: day, week or month')
    .option('--value <name>', 'forecast: of the one of --by that has this name')
    .option('--budget <dollars>', 'forecast: how a budget of this much will fare')
    .option('--without <lever>', 'what-if: cache, routing, prefix, batching or all');
}

/** Adds `report` to the commander program. */
export function addReportCommand(program, context) {
  const report = addOptions(
    program
      .command('report')
      .argument('[report]', reportNames.join(', '), 'summary')
      .description('what was spent and saved (needs an administrator’s key)'),
  );
  withExamples(
    report,
    'report',
    'report costs --by feature --from 2026-11-01 --tenant acme',
    'report forecast --period month --budget 500',
    'report what-if --without cache --csv > what-if.csv',
    'report focus --from 2026-11-01 --to 2026-12-01 --csv > focus.csv',
  );
  report.action(async (name, options) => {
    oneOf('The report', name, reportNames);
    if (options.csv && options.json) throw new Error('--csv and --json do not go together.');
    const { url } = options;
    const query = reportQuery(options);
    const route = `/analytics/${name}`;
    if (options.csv || name === 'focus') {
      const format = options.json ? 'json' : 'csv';
      const asked = { url, query: { ...query, format }, timeoutMs: exportTimeoutMs };
      return pipeOut(await fetchAdmin('GET', route, asked, context));
    }
    const document = await callAdmin('GET', route, { url, query, timeoutMs: reportTimeoutMs }, context);
    console.log(options.json ? JSON.stringify(document) : renderReport(name, document, { isWide: options.wide }));
  });
}

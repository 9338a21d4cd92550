// `costlane ledger …` and `costlane rollup`: what auditors ask the books.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { callAdmin } from './admin-client.mjs';
import { count, dollars, factsOf, tableOf, titleOf } from './cli-format.mjs';
import { amountOf, dayOf, given, momentOf, oneOf, wholeOf, withExamples, withUrl } from './cli-options.mjs';

const checkTimeoutMs = 180_000;
const rollupTimeoutMs = 600_000;
const reconcileTimeoutMs = 180_000;
const kinds = ['reserve', 'settle', 'release', 'correct'];
const largestExport = 16 * 2 ** 20;

const momentOr = (option, text) => (text === undefined ? undefined : momentOf(option, text));

const differenceColumns = [
  ['tenant_id', 'tenant'],
  'day',
  'requests',
  ['expected_requests', 'should be'],
  ['paid_nano_usd', 'paid'],
  ['expected_paid_nano_usd', 'should be'],
  ['difference_nano_usd', 'difference'],
];

/** Whether the ledger adds up, and where it does not. */
export function renderCheck(check) {
  const { is_balanced: isBalanced, problems = [], requests, paid_nano_usd: paid, entered_nano_usd: entered } = check;
  const sums =
    paid === undefined ? '' : `: ${dollars(BigInt(paid))} on record, ${dollars(BigInt(entered ?? paid))} in entries`;
  const parts = [
    isBalanced
      ? `The ledger adds up to the nano-dollar: ${count(requests)} requests${sums}.`
      : `THE LEDGER DOES NOT ADD UP: ${count(requests)} requests${sums}.`,
    ...problems.map((problem) => `  ✗ ${problem}`),
    ...(check.corrections > 0
      ? [`${count(check.corrections)} corrections by hand beside that: ${dollars(BigInt(check.corrected_nano_usd))}.`]
      : []),
  ];
  for (const name of ['entry_differences', 'rollup_differences']) {
    const { listed = [], count: days = 0 } = check[name] ?? {};
    if (listed.length === 0) continue;
    const more = days > listed.length ? `\n… and ${count(days - listed.length)} more` : '';
    parts.push(`\n${titleOf(name)}:\n${tableOf(differenceColumns, listed)}${more}`);
  }
  return parts.join('\n');
}

function addCheck(ledger, context) {
  const check = withUrl(ledger.command('check').description('whether everything adds up; exit code 1 when it does not'))
    .option('--since <day>', 'from this day on')
    .option('--tenant <id>', 'one tenant');
  withExamples(check, 'ledger check', 'ledger check --since 2026-11-01 --json');
  check.action(async ({ url, json, since, tenant }) => {
    const query = { since: momentOr('--since', since), tenant_id: tenant };
    const data = await callAdmin('GET', '/admin/ledger/check', { url, query, timeoutMs: checkTimeoutMs }, context);
    console.log(json ? JSON.stringify(data) : renderCheck(data));
    if (data?.is_balanced !== true) process.exitCode = 1;
  });
}

const entryColumns = [
  'at',
  'kind',
  ['tenant_id', 'tenant'],
  'day',
  'requests',
  ['amount_nano_usd', 'amount'],
  'reference',
  'reason',
  ['made_by', 'by'],
  ['budget_id', 'budget'],
];

/** One line an entry, the latest first; columns that none of them fills are left out. */
export function entryTable(entries, options) {
  if (entries.length === 0) return 'There are no entries.';
  const isKnown = ([name]) => entries.some((entry) => entry[name] !== undefined && entry[name] !== null);
  const shown = entryColumns
    .map((column) => (Array.isArray(column) ? column : [column, titleOf(column)]))
    .filter(isKnown);
  return tableOf(shown, entries, options);
}

function addEntries(ledger, context) {
  const entries = withUrl(ledger.command('entries').description('what moved, and when; the latest first'))
    .option('--tenant <id>', 'of one tenant')
    .option('--since <time>', 'from this day or time on')
    .option('--until <time>', 'before this one')
    .option('--kind <kind>', kinds.join(', '))
    .option('--limit <n>', 'how many (default 100)')
    .option('--before <id>', 'those entered before this one: the last of a page, for the next');
  withExamples(entries, 'ledger entries --tenant acme --kind correct');
  entries.action(async ({ url, json, tenant, since, until, kind, limit, before }) => {
    const query = {
      tenant_id: tenant,
      since: momentOr('--since', since),
      until: momentOr('--until', until),
      kind: oneOf('--kind', kind, kinds),
      limit: wholeOf('--limit', limit, 1, 1_000),
      before_id: before,
    };
    const data = await callAdmin('GET', '/admin/ledger/entries', { url, query }, context);
    const list = Array.isArray(data) ? data : (data?.entries ?? []);
    console.log(json ? JSON.stringify(list) : entryTable(list));
  });
}

/** The body of `POST /admin/ledger/corrections`. Throws a sentence that names the option. */
export const correctionRequest = ({ tenant, day, amount, reference, reason }) => ({
  tenant_id: tenant,
  day: dayOf('--day', day),
  amount_usd: amountOf('--amount', amount),
  reference,
  reason,
});

function addCorrect(ledger, context) {
  const correct = withUrl(
    ledger
      .command('correct')
      .description('enter what an invoice says otherwise; once for each tenant, day and reference'),
  )
    .requiredOption('--tenant <id>', 'whose')
    .requiredOption('--day <day>', 'which day it belongs to')
    .requiredOption('--amount <dollars>', 'what is added to what was paid that day; may be negative')
    .requiredOption('--reference <text>', "an invoice's number and the like")
    .requiredOption('--reason <text>', 'why');
  withExamples(
    correct,
    'ledger correct --tenant acme --day 2026-11-21 --amount=-1.25 --reference INV-17 --reason "credit note"',
  );
  correct.action(async (options) => {
    const { url, json } = options;
    const body = correctionRequest(options);
    const data = await callAdmin('POST', '/admin/ledger/corrections', { url, body }, context);
    if (json) return console.log(JSON.stringify(data));
    const entry = data?.entry ?? data;
    console.log(data?.is_new === false ? 'This correction was entered before; nothing was added.\n' : 'Entered.\n');
    console.log(entryTable([entry]));
  });
}

/** The format of an export by its name. */
export function exportFormatOf(file, format) {
  const found = format ?? path.extname(file).slice(1).toLowerCase();
  if (['csv', 'json'].includes(found)) return found;
  throw new Error(`--format has to be csv or json: the name of ${path.basename(file)} does not say which it is.`);
}

function readExport(file) {
  let content;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw new Error(`${file} cannot be read (${error.code}).`, { cause: error });
  }
  if (content.length > largestExport) throw new Error(`${file} has more than 16 MiB: export fewer days at a time.`);
  return content;
}

/** One line for each count that differs: tokens of a class, or dollars. */
function driftsOf({ day, model, side, tokens = {}, cost_nano_usd: cost, is_within: isWithin }) {
  if (isWithin) return [];
  const rows = Object.entries(tokens).map(([meter, drift]) => ({ meter, ...drift }));
  const amounts = ({ ours, theirs, drift, ...rest }) => ({
    ...rest,
    ...Object.fromEntries(
      Object.entries({ ours, theirs, drift }).map(([name, amount]) => [name, dollars(BigInt(amount), 4)]),
    ),
  });
  if (cost) rows.push({ meter: 'cost', ...amounts(cost) });
  return rows
    .filter(({ ours, theirs }) => ours !== theirs)
    .map(({ drift_percent: percentage, ...row }) => ({
      day,
      model,
      where: side === 'both' ? '' : `only ${side}`,
      ...row,
      drift_share: typeof percentage === 'number' ? percentage / 100 : null,
    }));
}

const driftColumns = ['day', 'model', 'where', ['meter', 'what'], 'ours', 'theirs', 'drift', ['drift_share', '%']];

/** What a reconciliation found: its verdict, and each count that differs by more than is tolerated. */
export function renderReconciliation(report, options) {
  const {
    provider,
    from,
    to,
    verdict,
    compared,
    differing,
    tolerance_percent: tolerance,
    notes = [],
    days = [],
  } = report;
  const span = `${provider}, ${from} to ${to}: ${count(compared)} days of models compared`;
  const sentence =
    verdict === 'matches'
      ? `The ledger agrees with the export, within ${tolerance} %. ${span}.`
      : `THE LEDGER AND THE EXPORT DIFFER by more than ${tolerance} %. ${span}, ${count(differing)} differ.`;
  const rows = days
    .flatMap(driftsOf)
    .map((row) => ({ ...row, ours: shown(row.ours), theirs: shown(row.theirs), drift: shown(row.drift) }));
  return [
    sentence,
    ...notes.map((note) => `  – ${note}`),
    ...(rows.length > 0 ? [`\n${tableOf(driftColumns, rows, options)}`] : []),
  ].join('\n');
}

const shown = (text) => (/^-?\d+$/.test(text) ? count(Number(text)) : text);

function addReconcile(ledger, context) {
  const reconcile = withUrl(
    ledger
      .command('reconcile <file>')
      .description("hold a provider's usage export (CSV or JSON) against the ledger; exit code 1 when they differ"),
  )
    .requiredOption('--provider <name>', 'openai, anthropic, or what the ledger calls it')
    .option('--format <format>', 'csv or json (default: by the name of the file)')
    .option('--tolerance <percent>', 'how much both may differ by (default 0.5)');
  withExamples(reconcile, 'ledger reconcile usage.csv --provider openai');
  reconcile.action(async (file, { url, json, provider, format, tolerance }) => {
    const found = exportFormatOf(file, format);
    const asked = {
      url,
      query: { provider, format: found, tolerance_percent: tolerance },
      body: readExport(file),
      contentType: found === 'csv' ? 'text/csv' : 'application/json',
      timeoutMs: reconcileTimeoutMs,
    };
    const data = await callAdmin('POST', '/admin/ledger/reconcile', asked, context);
    console.log(json ? JSON.stringify(data) : renderReconciliation(data));
    if (data?.verdict !== 'matches') process.exitCode = 1;
  });
}

/** Adds `ledger check|entries|correct|reconcile` to the commander program. */
export function addLedgerCommand(program, context) {
  const ledger = program.command('ledger').description('the books: check, entries, correct, reconcile');
  addCheck(ledger, context);
  addEntries(ledger, context);
  addCorrect(ledger, context);
  addReconcile(ledger, context);
}

/** Adds `rollup`. */
export function addRollupCommand(program, context) {
  const rollup = withUrl(
    program
      .command('rollup')
      .description('bring the sums that reports read up to date, now; with a range make them anew'),
  )
    .option('--since <time>', 'make the hours from this day or time on anew')
    .option('--until <time>', 'and before this one (default: now)');
  withExamples(rollup, 'rollup', 'rollup --since 2026-11-01 --until 2026-11-08');
  rollup.action(async ({ url, json, since, until }) => {
    const body = given({ since: momentOr('--since', since), until: momentOr('--until', until) });
    const data = await callAdmin('POST', '/admin/rollup', { url, body, timeoutMs: rollupTimeoutMs }, context);
    console.log(json ? JSON.stringify(data) : factsOf(data ?? {}) || 'Done.');
  });
}

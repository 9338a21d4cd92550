// `costlane anomalies …` and `costlane alerts …`: what is out of the ordinary, and who is told.
import { callAdmin } from './admin-client.mjs';
import { tableOf, titleOf } from './cli-format.mjs';
import { given, momentOf, oneOf, wholeOf, withExamples, withUrl } from './cli-options.mjs';

const verdicts = ['yes', 'no', 'planned'];

const listOf = (data, name) => (Array.isArray(data) ? data : (data?.[name] ?? []));

/** A table of what rows have of some columns. */
function knownTable(columns, rows) {
  const named = columns.map((column) => (Array.isArray(column) ? column : [column, titleOf(column)]));
  const isKnown = ([name]) => rows.some((row) => row[name] !== undefined && row[name] !== null && row[name] !== '');
  return tableOf(
    named.filter(isKnown),
    rows.map((row) => ({ ...row })),
  );
}

const anomalyColumns = [
  'id',
  ['started_at', 'began'],
  'severity',
  'status',
  ['tenant_id', 'tenant'],
  ['dimension', 'in'],
  ['value', 'of'],
  ['expected_usd', 'expected'],
  ['actual_usd', 'actual'],
  ['impact_usd', 'impact'],
  'verdict',
  'explanation',
];

export const anomalyTable = (anomalies) =>
  anomalies.length === 0 ? 'Nothing out of the ordinary.' : knownTable(anomalyColumns, anomalies);

/** The body of the feedback. Throws a sentence that names the option. */
export function feedbackRequest(verdict, { note, until }) {
  oneOf('The verdict', verdict, verdicts);
  if (until !== undefined && verdict !== 'planned')
    throw new Error('--until goes with "planned" only: until when it goes on.');
  return given({ verdict, note, until: until === undefined ? undefined : momentOf('--until', until) });
}

const dimensions = ['total', 'user', 'feature', 'model'];

/** The body of `POST /admin/anomalies/planned`. Throws a sentence that names the option. */
export function planRequest({ tenant, dimension, value, from, until, note }) {
  oneOf('--dimension', dimension, dimensions);
  if ((dimension === 'total') !== (value === undefined))
    throw new Error(
      '--value names the user, feature or model of --dimension; a plan for the whole tenant (total) has none.',
    );
  return given({
    tenant_id: tenant,
    dimension,
    value,
    from: from === undefined ? undefined : momentOf('--from', from),
    until: momentOf('--until', until),
    note,
  });
}

function addPlan(anomalies, context) {
  const plan = withUrl(anomalies.command('plan').description('say beforehand that something will cost more, and may'))
    .requiredOption('--tenant <id>', 'whose')
    .option('--dimension <what>', dimensions.join(', '), 'total')
    .option('--value <name>', 'which user, feature or model')
    .option('--from <time>', 'from this day or time on (default: now)')
    .requiredOption('--until <time>', 'and before this one')
    .option('--note <text>', 'what it is');
  withExamples(
    plan,
    'anomalies plan --tenant acme --dimension feature --value search --until 2026-12-05 --note launch',
  );
  plan.action(async (options) => {
    const { url, json } = options;
    const body = planRequest(options);
    const data = await callAdmin('POST', '/admin/anomalies/planned', { url, body }, context);
    console.log(json ? JSON.stringify(data) : 'Noted: nothing is said of it while it lasts.');
  });
}

/** Adds `anomalies list|judge|plan` to the commander program. */
export function addAnomaliesCommand(program, context) {
  const anomalies = program.command('anomalies').description('spending out of the ordinary: list, judge, plan');
  const list = withUrl(anomalies.command('list').description('what was found, the latest first'))
    .option('--tenant <id>', 'of one tenant')
    .option('--since <time>', 'from this day or time on (default: 30 days)')
    .option('--open', 'only what goes on')
    .option('--limit <n>', 'how many (default 100)');
  list.action(async ({ url, json, tenant, since, open, limit }) => {
    const query = {
      tenant_id: tenant,
      since: since === undefined ? undefined : momentOf('--since', since),
      open,
      limit: wholeOf('--limit', limit, 1, 1_000),
    };
    const found = listOf(await callAdmin('GET', '/admin/anomalies', { url, query }, context), 'anomalies');
    console.log(json ? JSON.stringify(found) : anomalyTable(found));
  });
  const judge = withUrl(
    anomalies
      .command('judge')
      .argument('<id>', 'which')
      .argument('<verdict>', 'yes: it was one; no: it was none; planned: it was meant')
      .description('say what it was, so that the next ones are judged better'),
  )
    .option('--note <text>', 'what is known of it')
    .option('--until <time>', 'planned: until when it goes on');
  addPlan(anomalies, context);
  withExamples(judge, 'anomalies judge anom_42 planned --until 2026-12-01 --note "launch"');
  judge.action(async (id, verdict, options) => {
    const { url, json } = options;
    const body = feedbackRequest(verdict, options);
    const data = await callAdmin('POST', `/admin/anomalies/${encodeURIComponent(id)}/feedback`, { url, body }, context);
    console.log(json ? JSON.stringify(data) : `Anomaly ${id}: ${verdict}.`);
  });
}

const alertColumns = [
  'rule',
  'severity',
  'status',
  ['tenant_id', 'tenant'],
  'scope',
  'since',
  ['notified_at', 'told'],
  'summary',
];

export const alertTable = (alerts) => (alerts.length === 0 ? 'No alert.' : knownTable(alertColumns, alerts));

/** How each sink took the test. */
export const sinkTable = (sinks) => tableOf(['sink', 'delivered', 'reason'], sinks);

/** Adds `alerts list|test`. */
export function addAlertsCommand(program, context) {
  const alerts = program.command('alerts').description('what is told to whom: list, test');
  const list = withUrl(alerts.command('list').description('alerts that fire, and those that did'))
    .option('--tenant <id>', 'of one tenant')
    .option('--firing', 'only those that fire now');
  list.action(async ({ url, json, tenant, firing }) => {
    const query = { tenant_id: tenant, firing };
    const found = listOf(await callAdmin('GET', '/admin/alerts', { url, query }, context), 'alerts');
    console.log(json ? JSON.stringify(found) : alertTable(found));
  });
  const test = withUrl(
    alerts.command('test').description('send a test to every sink, or to one; exit code 1 when one does not take it'),
  ).option('--sink <name>', 'webhook, slack, pagerduty or alertmanager');
  test.action(async ({ url, json, sink }) => {
    const data = await callAdmin(
      'POST',
      '/admin/alerts/test',
      { url, body: given({ sink }), timeoutMs: 60_000 },
      context,
    );
    const sinks = listOf(data, 'sinks');
    console.log(json ? JSON.stringify(sinks) : sinkTable(sinks));
    if (sinks.some(({ delivered }) => !delivered)) process.exitCode = 1;
  });
}

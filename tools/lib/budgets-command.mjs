// `costlane budgets …`: limits of spending for organisations, teams, users, keys and features.
import { callAdmin } from './admin-client.mjs';
import { tableOf } from './cli-format.mjs';
import { amountOf, given, oneOf, withExamples, withUrl } from './cli-options.mjs';

const scopes = ['org', 'team', 'user', 'key', 'feature'];
const periods = ['day', 'week', 'month'];
const whenExceeded = ['block', 'throttle', 'downgrade', 'alert'];
const whenUnreachable = ['open', 'closed'];

/** The body of `POST /admin/budgets` from the command's options. Throws a sentence that names the option. */
export function budgetRequest({ tenant, scope, id, period, limit, softLimit, onExceeded, onUnreachable }) {
  oneOf('--scope', scope, scopes);
  if (scope === 'org' && id !== undefined)
    throw new Error('--id does not go with --scope org: that budget is the whole tenant’s.');
  if (scope !== 'org' && id === undefined)
    throw new Error(`--id has to name the ${scope}; "*" gives each ${scope} of the tenant a budget of its own.`);
  return given({
    scope,
    tenant_id: tenant,
    scope_id: id,
    period: oneOf('--period', period, periods),
    limit_usd: amountOf('--limit', limit),
    soft_limit_usd: softLimit === undefined ? undefined : amountOf('--soft-limit', softLimit),
    on_exceeded: oneOf('--on-exceeded', onExceeded, whenExceeded),
    on_unreachable: oneOf('--on-unreachable', onUnreachable, whenUnreachable),
  });
}

const columns = [
  'id',
  ['tenant_id', 'tenant'],
  'scope',
  ['scope_id', 'of'],
  'period',
  ['limit_usd', 'limit'],
  ['spent_usd', 'spent'],
  ['reserved_usd', 'reserved'],
  ['remaining_usd', 'left'],
  ['used_share', 'used'],
  ['on_exceeded', 'then'],
];

/** A row an account; a budget that has none yet has a row of its own. */
function rowsOf(budgets) {
  return budgets.flatMap(({ accounts = [], ...budget }) => {
    const whose = budget.scope_id || (budget.scope === 'org' ? '' : '*');
    if (accounts.length === 0) return [{ ...budget, scope_id: whose }];
    return accounts.map((account) => ({ ...budget, ...account, scope_id: account.subject || whose }));
  });
}

/** One line an account: whose it is, its limit, what is spent, reserved and left. */
export function budgetTable(budgets, options) {
  if (budgets.length === 0) return 'There are no budgets. npx costlane budgets set --help says how to make one.';
  const rows = rowsOf(budgets);
  const isKnown = (name) => rows.some((row) => row[name] !== undefined && row[name] !== null);
  return tableOf(
    columns.filter((column) => isKnown(Array.isArray(column) ? column[0] : column)),
    rows,
    options,
  );
}

const listOf = (data) => (Array.isArray(data) ? data : (data?.budgets ?? []));

function addSet(budgets, context) {
  const set = withUrl(budgets.command('set').description('make a budget, or change the one that is there'))
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--scope <scope>', `whose spending: ${scopes.join(', ')}`, 'org')
    .option('--id <name>', 'the team, user, key or feature; "*": each of them')
    .option('--period <period>', `${periods.join(', ')}, in UTC; a week begins on Monday`, 'month')
    .requiredOption('--limit <dollars>', 'how much may be spent')
    .option('--soft-limit <dollars>', 'tell of it from here on')
    .option('--on-exceeded <what>', `${whenExceeded.join(', ')} (default: block)`)
    .option('--on-unreachable <what>', `when it cannot be checked: ${whenUnreachable.join(', ')} (default: open)`);
  withExamples(
    set,
    'budgets set --tenant acme --limit 500',
    'budgets set --tenant acme --scope user --id "*" --period day --limit 10 --on-exceeded throttle',
  );
  set.action(async (options) => {
    const body = budgetRequest(options);
    const made = await callAdmin('POST', '/admin/budgets', { url: options.url, body }, context);
    console.log(options.json ? JSON.stringify(made) : budgetTable([made?.budget ?? made]));
  });
}

/** Adds `budgets set|list|remove` to the commander program. */
export function addBudgetsCommand(program, context) {
  const budgets = program.command('budgets').description('limits of spending: set, list, remove');
  addSet(budgets, context);
  const list = withUrl(budgets.command('list').description('all budgets, and how each stands'))
    .option('--tenant <id>', 'of one tenant')
    .option('--scope <scope>', `of one scope: ${scopes.join(', ')}`);
  list.action(async ({ url, json, tenant, scope }) => {
    const query = { tenant_id: tenant, scope: oneOf('--scope', scope, scopes) };
    const data = listOf(await callAdmin('GET', '/admin/budgets', { url, query }, context));
    console.log(json ? JSON.stringify(data) : budgetTable(data));
  });
  withUrl(budgets.command('remove <id>').description('take a budget away, at once')).action(
    async (id, { url, json }) => {
      const data = await callAdmin('DELETE', `/admin/budgets/${encodeURIComponent(id)}`, { url }, context);
      console.log(json ? JSON.stringify(data) : `Budget ${id} is removed.`);
    },
  );
}

// `costlane keys …`: API keys of the running system.
import { callAdmin } from './admin-client.mjs';
import { renderTable } from './terminal-table.mjs';

function parseLimit(text) {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new Error(`--rate-limit-per-minute must be a whole number above 0, not "${text}".`);
  return limit;
}

/** The body of `POST /admin/keys` from the command's options; what was not given is left out. */
export function keyRequest({ tenant, team, user, name, role, rateLimitPerMinute }) {
  const limit = rateLimitPerMinute === undefined ? undefined : parseLimit(rateLimitPerMinute);
  const body = { tenant_id: tenant, team_id: team, user_id: user, name, role, rate_limit_per_minute: limit };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

/** One line a key: id, prefix, tenant, role, name, and whether it was revoked. */
export function keyTable(keys) {
  if (keys.length === 0) return 'There are no keys.';
  const rows = keys.map((key) => [
    key.id,
    key.prefix,
    key.tenant_id ?? '',
    key.role ?? '',
    key.name ?? '',
    key.revoked_at ? `revoked ${key.revoked_at}` : '',
  ]);
  return renderTable(['id', 'prefix', 'tenant', 'role', 'name', ''], rows);
}

/** Adds `keys create|list|revoke` to the commander program. */
export function addKeysCommand(program, context) {
  const keys = program.command('keys').description('API keys: create, list, revoke (needs COSTLANE_ADMIN_KEY)');
  const withUrl = (command) =>
    command.option('--url <address>', "the gateway's address").option('--json', 'print JSON');

  withUrl(keys.command('create').description('make a key; it is shown once'))
    .requiredOption('--tenant <id>', 'the tenant that the key belongs to')
    .option('--team <id>', 'the team')
    .option('--user <id>', 'the user')
    .option('--name <text>', 'what the key is for')
    .option('--role <role>', 'what it may do: member (the default) or admin')
    .option('--rate-limit-per-minute <n>', 'requests per minute')
    .action(async (options) => {
      const made = await callAdmin('POST', '/admin/keys', { url: options.url, body: keyRequest(options) }, context);
      if (options.json) console.log(JSON.stringify(made));
      else
        console.log(
          `${made.key}\n\nid ${made.id}, prefix ${made.prefix}. This is the only time that the key is shown.`,
        );
    });

  withUrl(keys.command('list').description('all keys, without their secrets')).action(async (options) => {
    const data = await callAdmin('GET', '/admin/keys', { url: options.url }, context);
    const list = Array.isArray(data) ? data : (data?.keys ?? []);
    console.log(options.json ? JSON.stringify(list) : keyTable(list));
  });

  withUrl(keys.command('revoke <id>').description('take a key back, at once')).action(async (id, options) => {
    const data = await callAdmin('DELETE', `/admin/keys/${encodeURIComponent(id)}`, { url: options.url }, context);
    console.log(options.json ? JSON.stringify(data) : `Key ${id} is revoked.`);
  });
}

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Written by the launcher: the addresses of the Redis and Postgres that belong to this checkout. */
const envFile = path.join('.costlane', 'dev.env');
const alreadyTold = new Set<string>();

/** The Redis for tests, or undefined (said once on stderr) so that a spec can skip itself. */
export function redisUrlForTests(): string | undefined {
  return findUrl('REDIS_URL', 'Redis');
}

/** The Postgres for tests, or undefined (said once on stderr) so that a spec can skip itself. */
export function databaseUrlForTests(): string | undefined {
  return findUrl('DATABASE_URL', 'Postgres');
}

/** The KEY=VALUE lines of a text; comments and blank lines are skipped, quotes around a value are taken off. */
export function parseEnvLines(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) values[match[1]] = (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2');
  }
  return values;
}

function findUrl(variable: string, service: string): string | undefined {
  const fromEnvironment = process.env[variable];
  if (fromEnvironment) return fromEnvironment;
  const root = findCheckout(process.cwd());
  const file = root && path.join(root, envFile);
  const fromFile = file && existsSync(file) ? parseEnvLines(readFileSync(file, 'utf8'))[variable] : undefined;
  if (fromFile) return fromFile;
  if (!alreadyTold.has(variable)) {
    alreadyTold.add(variable);
    process.stderr.write(`no ${service} for tests: set ${variable}, or run "npm test", which starts one; skipping\n`);
  }
  return undefined;
}

function findCheckout(folder: string): string | undefined {
  if (existsSync(path.join(folder, 'nx.json'))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : findCheckout(parent);
}

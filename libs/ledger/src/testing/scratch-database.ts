import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database that nobody else uses, on a server that does exist. */
export interface ScratchDatabase {
  url: string;
  /** Ends whoever is still connected and removes it. */
  drop(): Promise<void>;
}

/** A name that no other database has. */
export const scratchName = (): string => `costlane_scratch_${randomBytes(8).toString('hex')}`;

/** Makes one beside the database of `serverUrl`, whose user has to be allowed to: empty, or a copy of `template`, which nobody may be connected to. */
export async function createScratchDatabase(
  serverUrl: string,
  { template }: { template?: string } = {},
): Promise<ScratchDatabase> {
  const name = scratchName();
  await execute(serverUrl, `CREATE DATABASE ${name}${template === undefined ? '' : ` TEMPLATE ${template}`}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

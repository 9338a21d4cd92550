import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** An empty database that nobody else uses, on a server that does exist. */
export interface ScratchDatabase {
  url: string;
  /** Ends whoever is still connected and removes it. */
  drop(): Promise<void>;
}

/** Makes one beside the database of `serverUrl`, whose user has to be allowed to. */
export async function createScratchDatabase(serverUrl: string): Promise<ScratchDatabase> {
  const name = `costlane_scratch_${randomBytes(8).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
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

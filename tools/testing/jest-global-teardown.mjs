// Once after a run of tests: the database that specs copied theirs from goes, where one was made.
import pg from 'pg';

export default async function tearDown() {
  const { DATABASE_URL: url, COSTLANE_TEST_TEMPLATE_DATABASE: template } = process.env;
  if (!url || !template) return;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    await client.query(`DROP DATABASE IF EXISTS ${template}`);
  } catch {
    // The server may be gone by now, and with it the database.
  } finally {
    await client.end().catch(() => undefined);
  }
}

// Stand-ins for the six services and the mock provider, so that the launcher can be tested without building anything.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const programs = ['gateway', 'cache', 'router', 'batcher', 'provider-worker', 'cost-attribution', 'mock-llm'];

/** A service in a few lines: ready at once, ends on SIGTERM, and crashes when asked by `POST /crash`. */
const source = (name) => `
import { createServer } from 'node:http';
const name = ${JSON.stringify(name)};
if (process.argv.includes('--migrate')) { console.log('migrated', process.env.DATABASE_URL); process.exit(0); }
const prefix = name.toUpperCase().replaceAll('-', '_');
const port = Number(name === 'mock-llm' ? process.env.MOCK_LLM_PORT : process.env[prefix + '_HTTP_PORT']);
if (process.env.FAKE_BROKEN === name) { console.error('broken on purpose'); process.exit(3); }
createServer((request, response) => {
  if (request.url === '/crash') process.exit(9);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ name, pid: process.pid, redis: process.env.REDIS_URL, mock: process.env.MOCK_LLM }));
}).listen(port, '127.0.0.1', () => console.log(name, 'listens on', port));
process.on('SIGTERM', () => process.exit(0));
`;

/** Writes the stand-ins as bundles into a new folder and returns it, for COSTLANE_DIST_DIR. */
export function writeFakeServices() {
  const folder = mkdtempSync(path.join(tmpdir(), 'costlane-fakes-'));
  for (const name of programs) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'main.mjs'), source(name));
  }
  return folder;
}

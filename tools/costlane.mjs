#!/usr/bin/env node
// `npx costlane …`: the operator's command line.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addDoctorCommand } from './lib/doctor.mjs';
import { loadEnv } from './lib/entry.mjs';
import { addKeysCommand } from './lib/keys-command.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main() {
  const { Command } = await import('commander').catch(() => {
    throw new Error('The packages are not installed yet: run npm ci (or npm start, which does).');
  });
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const context = { env: loadEnv(root), root };
  const program = new Command('costlane').description('Operate a Costlane system').version(version);
  addKeysCommand(program, context);
  addDoctorCommand(program, context);
  await program.parseAsync();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

#!/usr/bin/env node
// `npx costlane …`: the operator's command line.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addAlertsCommand, addAnomaliesCommand } from './lib/anomalies-command.mjs';
import { addBudgetsCommand } from './lib/budgets-command.mjs';
import { addDoctorCommand } from './lib/doctor.mjs';
import { loadEnv } from './lib/entry.mjs';
import { addKeysCommand } from './lib/keys-command.mjs';
import { addLedgerCommand, addRollupCommand } from './lib/ledger-command.mjs';
import { addReportCommand } from './lib/report-command.mjs';
import { addToolCommands } from './lib/tools-command.mjs';

const add = [
  addKeysCommand,
  addBudgetsCommand,
  addReportCommand,
  addLedgerCommand,
  addRollupCommand,
  addAnomaliesCommand,
  addAlertsCommand,
  addToolCommands,
  addDoctorCommand,
];

const root = fileURLToPath(new URL('..', import.meta.url));

async function main() {
  const { Command } = await import('commander').catch(() => {
    throw new Error('The packages are not installed yet: run npm ci (or npm start, which does).');
  });
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const context = { env: loadEnv(root), root };
  const program = new Command('costlane').description('Operate a Costlane system').version(version);
  for (const addCommand of add) addCommand(program, context);
  await program.parseAsync();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

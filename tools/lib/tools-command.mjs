// Commands that are programs of their own: `costlane seed`, `costlane cost-model`, `costlane replay routing|cache`.
import { spawn } from 'node:child_process';
import path from 'node:path';

const programs = [
  {
    name: 'seed',
    file: 'tools/seed/main.mjs',
    description: 'write demo data into the ledger, or take it away (--remove)',
  },
  { name: 'cost-model', file: 'tools/cost-model/main.mjs', description: 'recompute the cost model of docs/cost-model' },
];
const replays = [
  { name: 'routing', file: 'tools/eval/replay-routing.mjs', description: 'past traffic under another routing policy' },
  { name: 'cache', file: 'tools/cache-replay/main.mjs', description: 'a workload through all tiers of the cache' },
];

/** Runs a program in this terminal; its exit code becomes ours. A signal that ends us reaches it too: both are in the terminal's group. */
function run(file, argv, { root, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, file), ...argv], { stdio: 'inherit', env });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.exitCode = signal ? 1 : (code ?? 1);
      resolve();
    });
  });
}

/** All options go to the program as they are, `--help` too. */
const add = (parent, { name, file, description }, context) =>
  parent
    .command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .argument('[options...]', `see npx costlane ${parent.name() === 'replay' ? 'replay ' : ''}${name} --help`)
    .action((argv) => run(file, argv, context));

/** Adds them to the commander program. */
export function addToolCommands(program, context) {
  for (const each of programs) add(program, each, context);
  const replay = program.command('replay').description('what would have been: routing, cache');
  for (const each of replays) add(replay, each, context);
}

// The entry of the container image: `gateway`, `cost-attribution --migrate`, … runs that program in this very process, so that it is
// process 1 itself and gets the signals.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const programsDir = path.resolve(process.env.COSTLANE_DIST_DIR || 'dist/apps');
const [program, ...rest] = process.argv.slice(2);
const bundle = path.join(programsDir, program ?? '', 'main.mjs');

if (!program || program !== path.basename(program) || !existsSync(bundle)) {
  const known = existsSync(programsDir) ? readdirSync(programsDir).sort().join(', ') : 'none';
  console.error(
    `${program ? `There is no service "${program}".` : 'Say which service to run.'} This image has: ${known}.`,
  );
  process.exitCode = 64;
} else {
  // The kernel gives process 1 no default action for signals: without this, a stop in the first second would wait for the kill.
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(0);
    });
  }
  process.argv = [process.argv[0], bundle, ...rest];
  import(pathToFileURL(bundle).href).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

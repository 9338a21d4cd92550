// `npm start`: sets up whatever is missing and runs the whole system in the foreground until Ctrl-C.
import { fileURLToPath } from 'node:url';
import { unsupportedReason } from './lib/version.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const refusal = unsupportedReason(process.platform, process.version);

if (refusal) {
  console.error(refusal);
  process.exit(1);
} else {
  // Loaded after the check: older versions of Node could not even read these files.
  const { runForeground } = await import('./lib/foreground.mjs');
  await runForeground(root);
}

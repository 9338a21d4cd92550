// `npm run types`: the strict type check of all TypeScript in the repository.
import { fileURLToPath } from 'node:url';
import { checkTypes } from './lib/static-checks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { code, output } = await checkTypes(root, process.argv.slice(2));
process.stdout.write(output);
process.exitCode = code;

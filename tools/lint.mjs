// `npm run lint [-- path …]`: the project graph, then ESLint with the module boundaries.
import { fileURLToPath } from 'node:url';
import { checkLint } from './lib/static-checks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const paths = process.argv.slice(2);
const { code, output } = await checkLint(root, paths.length > 0 ? paths : ['.']);
process.stdout.write(output);
process.exitCode = code;

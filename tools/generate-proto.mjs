// Generates libs/contracts/src/gen from proto/ (needs no protoc). `--check` fails when the committed code is not what proto/ gives.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const committed = path.join(root, 'libs/contracts/src/gen');
const buf = path.join(root, 'node_modules/.bin/buf');

function generate(into) {
  const template = readFileSync(path.join(root, 'proto/buf.gen.yaml'), 'utf8').replace(
    '../libs/contracts/src/gen',
    into,
  );
  execFileSync(buf, ['generate', '--template', JSON.stringify(parseTemplate(template))], {
    cwd: path.join(root, 'proto'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

// buf takes an inline template as JSON only; the file's shape is ours and fixed.
function parseTemplate(text) {
  const local = path.join(root, 'node_modules/ts-proto/protoc-gen-ts_proto');
  const out = /out: (.+)/.exec(text)[1].trim();
  const opt = [...text.matchAll(/^ {6}- (.+)$/gm)].map((match) => match[1].trim());
  return { version: 'v2', plugins: [{ local, out, opt }] };
}

function files(directory, prefix = '') {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? files(path.join(directory, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  );
}

function check() {
  const fresh = mkdtempSync(path.join(os.tmpdir(), 'costlane-proto-'));
  try {
    generate(fresh);
    const names = new Set([...files(fresh), ...files(committed)]);
    const stale = [...names].filter((name) => {
      const [a, b] = [path.join(fresh, name), path.join(committed, name)];
      return !existsSync(a) || !existsSync(b) || readFileSync(a, 'utf8') !== readFileSync(b, 'utf8');
    });
    if (stale.length > 0) throw new Error(`generated code is stale, run \`npm run generate\`: ${stale.join(', ')}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

try {
  if (process.argv.includes('--check')) check();
  else {
    rmSync(committed, { recursive: true, force: true });
    generate(committed);
  }
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

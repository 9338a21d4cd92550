// Generates libs/contracts/src/gen from proto/ (needs no protoc). `--check` fails when the committed code is not what proto/ gives.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const committed = path.join(root, 'libs/contracts/src/gen');
const buf = path.join(root, 'node_modules/.bin/buf');

/**
 * Where messages are defined: ours, and the two standard services that every gRPC server of ours offers, whose definitions come with
 * gRPC's own packages.
 */
const sources = [
  { directory: path.join(root, 'proto') },
  { directory: path.join(root, 'node_modules/grpc-health-check/proto') },
  { directory: path.join(root, 'node_modules/@grpc/reflection/build/proto'), only: 'grpc/reflection/v1' },
];

function runBuf(source, args) {
  const only = source.only ? ['--path', source.only] : [];
  return execFileSync(buf, [...args, ...only], { cwd: source.directory, stdio: ['ignore', 'pipe', 'inherit'] });
}

function generate(into) {
  const text = readFileSync(path.join(root, 'proto/buf.gen.yaml'), 'utf8').replace('../libs/contracts/src/gen', into);
  const template = JSON.stringify(parseTemplate(text));
  for (const source of sources) runBuf(source, ['generate', '--template', template]);
  writeFileSync(path.join(into, 'descriptor-set.ts'), descriptorModule());
}

/** Descriptors of all sources as one FileDescriptorSet (sets can be joined end to end), for server reflection. */
function descriptorModule() {
  const set = Buffer.concat(
    sources.map((source) => runBuf(source, ['build', '--as-file-descriptor-set', '--exclude-source-info', '-o', '-'])),
  );
  return [
    '// Generated from proto/ by tools/generate-proto.mjs. Do not edit.',
    '',
    '/** A google.protobuf.FileDescriptorSet with every service, as base64. */',
    `export const descriptorSetBase64 =\n  '${set.toString('base64')}';`,
    '',
  ].join('\n');
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

// Compiles the embedded vector index's inner loops (AssemblyScript, libs/vector-index/src/embedded/kernel/*.as) into a TypeScript file
// that carries the WebAssembly as base64. `--check` fails when the committed file is not what the sources give.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../libs/vector-index/src/embedded/kernel/', import.meta.url));
const target = path.join(folder, 'kernel-wasm.ts');
const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory'];

/** The compiler wants names that end in .ts; the sources end otherwise, because they are not TypeScript to any other tool. */
function readSource(name) {
  const file = path.join(folder, path.basename(name).replace(/\.ts$/, '.as'));
  return name.endsWith('.ts') && existsSync(file) ? readFileSync(file, 'utf8') : null;
}

async function compile() {
  let binary;
  const { error, stderr } = await asc.main(['index.ts', '-o', 'kernel.wasm', ...options], {
    readFile: readSource,
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`${error?.message ?? 'no output'}\n${stderr.toString()}`);
  return Buffer.from(binary).toString('base64');
}

const moduleOf = (base64) =>
  [
    '// Generated from the .as files beside it by tools/generate-kernel.mjs. Do not edit.',
    '',
    '/** The kernel, a WebAssembly module with SIMD, as base64. */',
    `export const kernelBase64 =\n  '${base64}';`,
    '',
  ].join('\n');

try {
  const text = moduleOf(await compile());
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (!existsSync(target) || readFileSync(target, 'utf8') !== text)
    throw new Error('kernel-wasm.ts is stale, run `node tools/generate-kernel.mjs`');
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A module of the repository as the services have it: bundled. */
export async function loadBundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    tsconfig: path.join(root, 'tsconfig.base.json'),
  });
  const module = { exports: {} };
  const run = vm.runInThisContext(`(module, exports, require) => {${outputFiles[0].text}\n}`);
  run(module, module.exports, createRequire(import.meta.url));
  return module.exports;
}

import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Bundles TypeScript of this repository as the services are bundled, and imports it. */
export async function loadTypeScript(contents) {
  const folder = mkdtempSync(path.join(root, 'node_modules', '.vector-bench-'));
  const outfile = path.join(folder, 'bundle.mjs');
  try {
    await esbuild.build({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      tsconfig: path.join(root, 'tsconfig.base.json'),
      alias: {
        '@costlane/domain': path.join(root, 'libs/domain/src/index.ts'),
      },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// The product's TypeScript for tools and benchmarks, bundled by esbuild when they start: they work in a checkout with nothing built.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of this checkout; an entry's paths begin there. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Our libraries do nothing by being imported: with this plugin, what an entry does not use (gRPC, Redis, metrics) stays out of the bundle. */
export const withoutSideEffects = {
  name: 'without-side-effects',
  setup(build) {
    build.onResolve({ filter: /^(\.|@costlane\/)/ }, async ({ path: asked, pluginData, ...rest }) => {
      if (pluginData === 'resolved') return undefined;
      const found = await build.resolve(asked, { ...rest, pluginData: 'resolved' });
      return found.path.startsWith(path.join(root, 'libs')) ? { ...found, sideEffects: false } : found;
    });
  },
};

function bundleOptions({ contents, plugins, inject, external }) {
  return {
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    tsconfig: path.join(root, 'tsconfig.base.json'),
    loader: { '.lua': 'text', '.proto': 'text', '.html': 'text' },
    plugins,
    inject,
    ...(external === 'packages' ? { packages: 'external' } : { external }),
    // For the CommonJS packages within a bundle, which require what Node brings.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  };
}

/** Node looks for packages upwards from the bundle: one that asks for any lies in node_modules; no other needs a checkout that can be written to. */
const makeFolder = (external) =>
  mkdtempSync(
    external.length > 0
      ? path.join(root, 'node_modules/.costlane-sources-')
      : path.join(os.tmpdir(), 'costlane-sources-'),
  );

/**
 * The product's own code as it stands in the sources, as one module.
 * - `contents`: the entry in TypeScript, with paths such as `./libs/domain/src/index`; what it exports, the module exports
 * - `plugins`: esbuild plugins, such as `withoutSideEffects`
 * - `inject`: files whose exports stand in for globals of these names
 * - `external`: packages that are not bundled but imported at run time; 'packages' for all of them
 * - `keptAs`: a file, from `root` on, where the bundle stays, with its source map; without it the bundle is gone once it has been read
 *
 * Throws where the development packages are not installed, and esbuild's error where an entry does not build.
 */
export async function loadSources({ contents, plugins = [], inject = [], external = [], keptAs }) {
  const esbuild = await import('esbuild').catch(() => {
    throw new Error('The development packages are not installed: run npm ci.');
  });
  const options = bundleOptions({ contents, plugins, inject, external });
  if (keptAs !== undefined) {
    const outfile = path.join(root, keptAs);
    await esbuild.build({ ...options, outfile, sourcemap: true });
    return import(pathToFileURL(outfile).href);
  }
  const folder = makeFolder(external);
  const outfile = path.join(folder, 'sources.mjs');
  try {
    await esbuild.build({ ...options, outfile });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

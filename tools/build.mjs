// Bundles the services with esbuild: `node tools/build.mjs [app …]` (all when none is named), `--watch` is tools/dev.mjs' business.
// One file per service starts about a third faster than loading each module from node_modules, and ships without them.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every program that is built: its name and its entry file. */
export const programs = {
  gateway: 'apps/gateway/src/main.ts',
  cache: 'apps/cache/src/main.ts',
  router: 'apps/router/src/main.ts',
  batcher: 'apps/batcher/src/main.ts',
  'provider-worker': 'apps/provider-worker/src/main.ts',
  'cost-attribution': 'apps/cost-attribution/src/main.ts',
  'mock-llm': 'libs/testing/src/mock-llm/main.ts',
};

// Optional peers of Nest and TypeORM that Costlane does not use; a bundler would otherwise insist on them.
const optionalPeers = [
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/platform-express',
  'class-validator',
  'class-transformer',
  'class-transformer/*',
  '@fastify/static',
  '@fastify/view',
  '@fastify/multipart',
  'pg-native',
  'pg-query-stream',
  'mysql',
  'mysql2',
  'better-sqlite3',
  'sqlite3',
  'sql.js',
  'mssql',
  'oracledb',
  'mongodb',
  'redis',
  'typeorm-aurora-data-api-driver',
  '@google-cloud/spanner',
  '@sap/hana-client',
  '@sap/hana-client/*',
  'hdb-pool',
  'react-native-sqlite-storage',
  'expo-sqlite',
  'nativescript-sqlite',
  'cordova-sqlite-storage',
  'ts-node',
  'bufferutil',
  'utf-8-validate',
];

/** What /docs shows is served from files: the code alone is 1.7 MB, too much to keep in memory for a page that few look at. */
const swaggerFiles = ['swagger-ui-bundle.js', 'swagger-ui.css'].map((file) =>
  path.join(root, 'node_modules/@fastify/swagger-ui/static', file),
);

/** The semantic cache's models, which the cache service and the batcher read from beside their bundles. */
const modelFiles = ['libs/embedding/model/static-model.bin', 'libs/semantic-verifier/weights/verifier-weights.bin'].map(
  (file) => path.join(root, file),
);

/** The predictor's weights, for those who choose models. */
const predictorFiles = [path.join(root, 'libs/routing-predictor/weights/router-weights.bin')];

/** What a program reads at run time besides its bundle, by folder. */
const companions = {
  gateway: [
    { files: swaggerFiles, folder: 'swagger-ui' },
    { files: predictorFiles, folder: '.' },
  ],
  router: [{ files: predictorFiles, folder: '.' }],
  cache: [{ files: modelFiles, folder: '.' }],
  batcher: [{ files: modelFiles, folder: '.' }],
};

/** Copies files into a folder beside the bundle after each build. */
function besideBundle({ files, folder }) {
  return {
    name: 'beside-bundle',
    setup(hooks) {
      hooks.onEnd(() => {
        const target = path.join(path.dirname(hooks.initialOptions.outfile), folder);
        mkdirSync(target, { recursive: true });
        for (const file of files) copyFileSync(file, path.join(target, path.basename(file)));
      });
    },
  };
}

/** esbuild options of one program. */
export function buildOptions(name) {
  return {
    entryPoints: [path.join(root, programs[name])],
    outfile: path.join(root, 'dist/apps', name, 'main.mjs'),
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    // Not keepNames: it wraps every named closure where it is made, at about 1 µs each on the hot path.
    keepNames: false,
    // A smaller text is less memory in every process (8 MB each); names and short lines stay, so that stack traces can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200,
    logLevel: 'warning',
    tsconfig: path.join(root, 'tsconfig.base.json'),
    external: optionalPeers,
    loader: { '.lua': 'text', '.proto': 'text', '.html': 'text' },
    plugins: (companions[name] ?? []).map(besideBundle),
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; import { fileURLToPath as __toPath } from 'node:url'; import { dirname as __dirnameOf } from 'node:path'; const require = __createRequire(import.meta.url); const __filename = __toPath(import.meta.url); const __dirname = __dirnameOf(__filename);",
    },
  };
}

async function main(names) {
  const esbuild = await import('esbuild');
  const wanted = names.length > 0 ? names : Object.keys(programs);
  const unknown = wanted.filter((name) => !programs[name]);
  if (unknown.length > 0)
    throw new Error(`unknown program ${unknown.join(', ')}; known: ${Object.keys(programs).join(', ')}`);
  const present = wanted.filter((name) => existsSync(path.join(root, programs[name])));
  await Promise.all(present.map((name) => esbuild.build(buildOptions(name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}

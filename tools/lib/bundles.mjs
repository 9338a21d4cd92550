// The bundles in dist/: built when the sources are not those that the last build saw.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { step } from './log.mjs';
import { lastLines, run } from './run.mjs';

const sourceFolders = ['apps', 'libs', 'proto'];
const sourceFiles = ['tools/build.mjs', 'tsconfig.base.json', 'package-lock.json'];
const skippedFolders = new Set(['node_modules', 'dist', 'fixtures']);

function* filesBelow(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) yield* filesBelow(file);
    } else if (entry.isFile() && !/\.(spec\.ts|md)$/.test(entry.name)) {
      yield file;
    }
  }
}

/** A digest over the names and contents of everything that goes into a build; contents, because git sets times as it likes. */
export function sourceStamp(root) {
  const hash = createHash('sha256');
  const files = [...sourceFolders.flatMap((folder) => [...filesBelow(path.join(root, folder))])];
  for (const name of sourceFiles) if (existsSync(path.join(root, name))) files.push(path.join(root, name));
  for (const file of files) {
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function stampOf(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Builds every program whose entry file exists, unless nothing changed since the last build. Throws with esbuild's words. */
export async function ensureBuilt(root) {
  const stampFile = path.join(root, 'dist/.sources');
  const stamp = sourceStamp(root);
  if (stampOf(stampFile) === stamp) return;
  await step('Building the services', async () => {
    const { code, output } = await run(process.execPath, [path.join(root, 'tools/build.mjs')], { cwd: root });
    if (code !== 0) throw new Error(`the build failed:\n${lastLines(output, 30)}`);
    mkdirSync(path.dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, `${stamp}\n`);
  });
}

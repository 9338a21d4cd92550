// Keeps the bundles in step with their sources and tells which program changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { say } from './log.mjs';

function digestOf(file) {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
}

/**
 * Watches the sources of every program in `names` and calls `onChange(name)` when its bundle comes out different. `build` is
 * tools/build.mjs. A build that fails is reported by esbuild and changes nothing. Resolves with a function that ends the watching.
 */
export async function watchBundles({ root, names, build, onChange }) {
  const esbuild = createRequire(path.join(root, 'package.json'))('esbuild');
  // From here on the bundles follow the watcher, not the stamp: the next `npm start` looks for itself.
  rmSync(path.join(root, 'dist/.sources'), { force: true });
  const contexts = await Promise.all(
    names.map((name) => {
      const options = build.buildOptions(name);
      let digest = digestOf(options.outfile);
      const reporter = {
        name: 'report-change',
        setup(hooks) {
          hooks.onEnd(({ errors }) => {
            if (errors.length > 0) {
              say(`  ! ${name} does not build; the running one stays`);
              return;
            }
            const fresh = digestOf(options.outfile);
            if (fresh === digest) return;
            digest = fresh;
            onChange(name);
          });
        },
      };
      return esbuild.context({ ...options, plugins: [...(options.plugins ?? []), reporter] });
    }),
  );
  await Promise.all(contexts.map((context) => context.watch()));
  return async () => {
    await Promise.all(contexts.map((context) => context.dispose()));
  };
}

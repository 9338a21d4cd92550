// Proof that the boundaries are enforced: imports that must be refused are linted as if they stood in a file of the repository.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';

const boundaries = '@nx/enforce-module-boundaries';
const adapters = 'no-restricted-imports';

/** `rule` is what must be reported for `code` in `file`; null where nothing may be. */
const probes = [
  {
    name: 'domain may not import platform',
    file: 'libs/domain/src/probe.ts',
    imports: '@costlane/platform',
    rule: boundaries,
  },
  {
    name: 'a capability lib may not import another',
    file: 'libs/lanes/src/probe.ts',
    imports: '@costlane/ledger',
    rule: boundaries,
  },
  {
    name: 'a lib may not import an app',
    file: 'libs/pricing/src/probe.ts',
    imports: '../../../apps/router/src/main',
    rule: boundaries,
  },
  {
    name: 'an app may not import an app',
    file: 'apps/gateway/src/probe.ts',
    imports: '../../router/src/main',
    rule: boundaries,
  },
  {
    name: "a lib's insides may not be imported",
    file: 'apps/gateway/src/probe.ts',
    imports: '../../../libs/lanes/src/index',
    rule: boundaries,
  },
  { name: 'only platform imports ioredis', file: 'apps/gateway/src/probe.ts', imports: 'ioredis', rule: adapters },
  { name: 'only ledger imports pg', file: 'libs/lanes/src/probe.ts', imports: 'pg', rule: adapters },
  { name: 'an app may import a lib', file: 'apps/gateway/src/probe.ts', imports: '@costlane/domain', rule: null },
];

function judge(probe, messages) {
  const rules = messages.map(({ ruleId }) => ruleId);
  const isRight = probe.rule === null ? !rules.includes(boundaries) : rules.includes(probe.rule);
  if (isRight) return null;
  const found = messages.map(({ ruleId, message }) => `${ruleId}: ${message}`).join('; ') || 'no complaint';
  return `${probe.name}: expected ${probe.rule ?? 'no complaint'} for importing ${probe.imports} in ${probe.file}, got ${found}`;
}

/** Lints each probe; resolves with `{ passed, failures }`. The project graph must have been written before. */
export async function checkBoundaries(root) {
  // Resolved from the checkout: by the time these tools started, the package may not have been there.
  const { default: eslintPackage } = await import(
    pathToFileURL(createRequire(path.join(root, 'package.json')).resolve('eslint')).href
  );
  const eslint = new eslintPackage.ESLint({ cwd: root });
  const failures = [];
  for (const probe of probes) {
    const code = `import { something } from '${probe.imports}';\nexport const probe = something;\n`;
    const [result] = await eslint.lintText(code, { filePath: path.join(root, probe.file) });
    const failure = judge(probe, result.messages);
    if (failure) failures.push(failure);
  }
  return { passed: probes.length - failures.length, failures };
}

import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Capability libs stand beside one another: each may use the base libs below it and the few others listed here. */
const base = ['lib:domain', 'lib:contracts', 'lib:platform', 'lib:testing'];
const capability = (name, extra = []) => ({
  sourceTag: `lib:${name}`,
  onlyDependOnLibsWithTags: [...base, `lib:${name}`, ...extra],
});

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.costlane', '.nx', 'coverage', 'libs/contracts/src/gen'] },
  ...tseslint.configs.recommended,
  prettier,
  {
    files: ['**/*.ts', '**/*.mjs'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Export by name: `export *` closes import cycles unseen.' },
      ],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            { sourceTag: 'lib:domain', onlyDependOnLibsWithTags: ['lib:domain'] },
            { sourceTag: 'lib:contracts', onlyDependOnLibsWithTags: ['lib:domain', 'lib:contracts'] },
            {
              sourceTag: 'lib:platform',
              onlyDependOnLibsWithTags: ['lib:domain', 'lib:contracts', 'lib:platform', 'lib:testing'],
            },
            capability('response-store'),
            capability('data-policy'),
            capability('lanes'),
            capability('providers', ['lib:resilience']),
            capability('pricing'),
            capability('resilience'),
            capability('ledger'),
            // Jobs are run from the ledger's store of them, and wait between attempts as all others do.
            capability('jobs', ['lib:ledger', 'lib:resilience']),
            capability('routing-policy'),
            capability('routing-predictor'),
            capability('embedding'),
            capability('vector-index'),
            // The verifier reads words by the static model's vectors.
            capability('semantic-verifier', ['lib:embedding']),
            { sourceTag: 'lib:testing', onlyDependOnLibsWithTags: base },
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['lib:domain', 'lib:contracts', 'lib:testing'] },
          ],
        },
      ],
    },
  },
  {
    // Adapters have one home each, so that a change of client or driver touches one lib.
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'ioredis', message: 'Use createRedis from @costlane/platform.' },
            { name: 'typeorm', message: 'Use @costlane/ledger.' },
            { name: 'pg', message: 'Use @costlane/ledger.' },
            { name: 'bullmq', message: 'Use @costlane/jobs.' },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/platform/src/redis*.ts', 'libs/ledger/**/*.ts', 'libs/jobs/src/queue/*.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
);

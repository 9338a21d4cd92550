// swc compiles TypeScript to CommonJS for Jest; the packages named below are published as ESM only or import() at run time.
const esmOnlyPackages = [
  '@nestjs',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  'cookie',
  '@pydantic',
  '@opentelemetry/otlp-exporter-base',
];

/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  testEnvironment: 'node',
  globalSetup: '<rootDir>/tools/testing/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/tools/testing/jest-global-teardown.mjs',
  testMatch: ['<rootDir>/{apps,libs,tools,bench}/**/*.spec.ts', '<rootDir>/{tools,bench}/**/*.spec.mjs'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.costlane'],
  transform: {
    '\\.(lua|html)$': '<rootDir>/tools/jest-text.cjs',
    '^.+\\.(ts|mjs|js)$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnlyPackages.join('|')}))`],
  moduleNameMapper: { '^@costlane/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
  testTimeout: 60_000,
  maxWorkers: 2,
};

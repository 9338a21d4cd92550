import { parseTestArguments, stageNames } from './test-arguments.mjs';
import { testEnv } from './test-env.mjs';
import { readJestReport, report, total, totalLine } from './test-report.mjs';

describe('the arguments of npm test', () => {
  test('without any, every stage runs', () => {
    expect(parseTestArguments([])).toEqual({ stages: stageNames, patterns: [], jestOptions: [] });
  });

  test('--only chooses stages, in the order of the run', () => {
    expect(parseTestArguments(['--only', 'unit,lint']).stages).toEqual(['lint', 'unit']);
    expect(parseTestArguments(['--only=e2e', '--only=types']).stages).toEqual(['types', 'e2e']);
  });

  test('a pattern runs only the tests that it can match', () => {
    expect(parseTestArguments(['libs/domain'])).toMatchObject({ stages: ['unit'], patterns: ['libs/domain'] });
    expect(parseTestArguments(['apps/e2e/src/chat']).stages).toEqual(['e2e']);
    expect(parseTestArguments(['libs/lanes', 'apps/e2e']).stages).toEqual(['unit', 'e2e']);
  });

  test('options of Jest are passed on with their values', () => {
    expect(parseTestArguments(['-t', 'charges once', '--verbose']).jestOptions).toEqual([
      '-t',
      'charges once',
      '--verbose',
    ]);
  });

  test('an unknown stage is refused with the known ones', () => {
    expect(() => parseTestArguments(['--only', 'speed'])).toThrow(/no stage speed; the stages are format, lint/);
  });
});

describe('the environment of a test run', () => {
  test("keeps what the machine needs and lent servers, drops the developer's keys and settings", () => {
    const kept = {
      PATH: '/bin',
      HOME: '/home/u',
      HTTPS_PROXY: 'http://p',
      REDIS_URL: 'redis://r',
      DATABASE_URL: 'postgres://d',
      CI: '1',
    };
    const dropped = {
      OPENAI_API_KEY: 'k',
      COSTLANE_PORT_BASE: '1',
      AUTH_MODE: 'required',
      CACHE_TTL_SECONDS: '1',
      GATEWAY_HTTP_PORT: '1',
      MOCK_LLM: 'false',
      NODE_ENV: 'production',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'x',
      COSTLANE_ADMIN_KEY: 'x',
    };
    expect(testEnv({ ...kept, ...dropped })).toEqual(kept);
  });
});

describe('the report of a test run', () => {
  const stages = [
    { name: 'lint', durationMs: 1_200, passed: 1, failed: 0, skipped: 0 },
    { name: 'unit', durationMs: 30_000, passed: 10, failed: 1, skipped: 2, failures: ['money.spec.ts: adds up'] },
  ];

  test('ends with the totals alone on the last line, after the failures by name', () => {
    const lines = report(stages).split('\n');
    expect(lines.at(-1)).toBe('11 passed, 1 failed, 2 skipped');
    expect(lines).toContain('  ✗ unit: money.spec.ts: adds up');
  });

  test('does not speak of skipped tests where there are none', () => {
    expect(totalLine(total([stages[0]]))).toBe('1 passed, 0 failed');
  });

  test('a test file that does not load counts as a failure, and so does a Jest that left no report', () => {
    const json = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      numRuntimeErrorTestSuites: 1,
      testResults: [
        {
          name: 'a.spec.ts',
          status: 'failed',
          message: '',
          assertionResults: [{ status: 'failed', fullName: 'a fails' }, { status: 'passed' }],
        },
        { name: 'b.spec.ts', status: 'failed', message: 'Cannot find module\n  at x', assertionResults: [] },
      ],
    };
    expect(readJestReport(json)).toEqual({
      passed: 3,
      failed: 2,
      skipped: 2,
      failures: ['a.spec.ts: a fails', 'b.spec.ts: Cannot find module'],
    });
    expect(readJestReport(null)).toMatchObject({ passed: 0, failed: 1 });
  });
});

// Adds up what the stages of a test run found and says it.
import { seconds } from './log.mjs';

/** Totals over stages `{ passed, failed, skipped }`. */
export function total(stages) {
  const sum = (key) => stages.reduce((all, stage) => all + (stage[key] ?? 0), 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** `N passed, N failed`, with `, N skipped` where any were. */
export function totalLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The table of all stages, then every failure, then the line that counts, alone and last. */
export function report(stages) {
  const rows = stages.map((stage) => {
    const mark = stage.failed > 0 ? '✗' : '✓';
    return `  ${mark} ${stage.name.padEnd(14)} ${seconds(stage.durationMs).padStart(8)}   ${totalLine(total([stage]))}`;
  });
  const failures = stages.flatMap(({ name, failures = [] }) => failures.map((failure) => `  ✗ ${name}: ${failure}`));
  const list = failures.length > 0 ? ['', 'Failures', ...failures] : [];
  return ['', 'Summary', ...rows, ...list, '', totalLine(total(stages))].join('\n');
}

/** What Jest's JSON report says as `{ passed, failed, skipped, failures }`; a test file that did not even load is one failure. */
export function readJestReport(json) {
  if (!json) return { passed: 0, failed: 1, skipped: 0, failures: ['Jest ended without a report'] };
  const failures = json.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    if (failed.length > 0) return failed.map((name) => `${file.name}: ${name}`);
    return file.status === 'failed' ? [`${file.name}: ${file.message.trim().split('\n')[0]}`] : [];
  });
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests + json.numRuntimeErrorTestSuites,
    skipped: json.numPendingTests + json.numTodoTests,
    failures,
  };
}

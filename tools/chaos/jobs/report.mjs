// The verdict on a run of jobs.
import { countsOf } from '../report.mjs';
import { slowMs } from './books.mjs';

/** How the jobs ended, what the ledger says and how often the provider was asked. `isGood`: nothing lost, nothing charged twice, the books add up. */
export function summarize({ settings, batches, singles, books, calls, kills }) {
  const lines = batches.flatMap((batch) => batch.lines);
  const expected = batches.reduce((sum, { count }) => sum + count, 0);
  const succeeded = lines.filter(({ status }) => status === 'succeeded').length;
  const unanswered = singles.filter(({ isAnswered }) => !isAnswered);
  const distinct = new Set(lines.map((line) => line.custom_id)).size;
  const lost = expected - Math.min(succeeded, distinct) + unanswered.length;
  const latencies = singles.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const at = (share) =>
    Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0);
  const batched = lines.filter(({ data }) => (data?.savings_usd?.batching ?? 0) > 0).length;
  const isWhole = books.missing + books.twice + books.paidTwice + books.unbalanced + books.differing === 0;
  return {
    isGood: lost === 0 && isWhole,
    settings,
    kills,
    jobs: expected + singles.length,
    lost,
    batches: countsOf(batches.map(({ window, status }) => `${window} ${status}`)),
    unended: batches.flatMap(({ id, count, lines: ended }) => {
      const known = new Set(ended.map(({ index }) => index));
      return id
        ? Array.from({ length: count }, (_, at) => at)
            .filter((at) => !known.has(at))
            .map((at) => `${id}-${at}`)
        : [];
    }),
    items: countsOf(lines.map(({ status, error_code: code }) => (code ? `${status} ${code}` : status))),
    singles: {
      asked: singles.length,
      again: singles.filter(({ tries }) => tries > 1).length,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      maxMs: at(1),
    },
    slow: singles
      .filter(({ latencyMs }) => latencyMs > slowMs)
      .map(({ name, lane, atMs, tries, latencyMs }) => ({
        name,
        lane,
        atMs: Math.round(atMs),
        tries,
        latencyMs: Math.round(latencyMs),
      })),
    reasons: countsOf([...unanswered.map(({ why }) => why), ...batches.flatMap(({ error }) => (error ? [error] : []))]),
    books,
    provider: { calls, batched, doubled: Math.max(0, calls - (expected + singles.length - lost - batched)) },
  };
}

const listed = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} × ${name}`)
    .join(', ') || 'none';

/** The text for a terminal. */
export function renderText({
  settings,
  kills,
  jobs,
  lost,
  batches,
  items,
  singles,
  slow,
  reasons,
  books,
  provider,
  isGood,
}) {
  return [
    `${Math.round(settings.seconds)} s, ${jobs} jobs, ${settings.clients} clients, seed ${settings.seed}`,
    `killed: ${listed(kills)}`,
    `batches: ${listed(batches)}; items: ${listed(items)}`,
    `single requests: ${singles.asked}, of which ${singles.again} were asked more than once; ${singles.p50Ms} / ${singles.p95Ms} / ${singles.maxMs} ms (p50, p95, max), ${slow.length} above ${slowMs / 1_000} s`,
    `lost: ${lost}${lost > 0 ? ` (${listed(reasons)})` : ''}`,
    `ledger: ${books.records} records, ${books.missing} missing, ${books.twice} twice, ${books.paidTwice} jobs paid twice, ${books.unbalanced} that do not add up, ` +
      `${books.differing} with other costs than told; $${Number(books.paidNanoUsd) / 1e9} paid`,
    `provider: ${provider.calls} calls, and ${provider.batched} answers by its Batch API; ${provider.doubled} calls beyond one for each other job`,
    isGood ? 'Nothing was lost, and nothing charged twice.' : 'Something was LOST, or the books do not add up.',
  ].join('\n');
}

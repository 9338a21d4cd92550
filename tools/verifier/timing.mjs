// How long one decision takes: the median and the 99th percentile of single calls, after a warm-up.
const warmUpCalls = 2_000;

function quantiles(samples) {
  samples.sort();
  const at = (share) => Number(samples[Math.min(samples.length - 1, Math.floor(share * samples.length))].toFixed(1));
  return { median: at(0.5), p99: at(0.99) };
}

function sample(pairs, run) {
  for (let call = 0; call < warmUpCalls; call += 1) run(call % pairs.length);
  return quantiles(
    Float64Array.from(pairs, (_, index) => {
      const startedAt = performance.now();
      run(index);
      return (performance.now() - startedAt) * 1000;
    }),
  );
}

/** µs a decision, with both texts prepared beforehand, with only the kept one (a look-up), and with neither. */
export function timeDecisions(verifier, pairs, cosines) {
  const some = pairs.slice(0, 4_000);
  const prepared = some.map(({ a, b }) => [verifier.prepare(a), verifier.prepare(b)]);
  return {
    pairs: some.length,
    prepared: sample(some, (row) => verifier.judge(prepared[row][0], prepared[row][1], cosines?.[row])),
    onePrepared: sample(some, (row) => verifier.judge(verifier.prepare(some[row].a), prepared[row][1], cosines?.[row])),
    unprepared: sample(some, (row) =>
      verifier.judge(verifier.prepare(some[row].a), verifier.prepare(some[row].b), cosines?.[row]),
    ),
  };
}

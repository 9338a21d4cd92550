// Counters of a service, read from its /metrics.

/** All samples of counters and gauges: `name{labels}` to its value. */
export async function readSamples(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** How far the samples of one name, with all of `labels` (`kind="x"`), have come from `before` to `after`. */
export function growthOf(before, after, name, labels = []) {
  let growth = 0;
  for (const [sample, value] of after) {
    const isOf = sample === name || sample.startsWith(`${name}{`);
    if (isOf && labels.every((label) => sample.includes(label))) growth += value - (before.get(sample) ?? 0);
  }
  return growth;
}

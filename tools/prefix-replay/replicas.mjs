const windowMs = 300_000;
/** How finely the ends of requests are told apart. */
const stepMs = 100;

/** Hit rates and loads of ways to spread a trace over replicas, whose caches are simulated apart from what the ways believe. */
export function replayReplicas(domain, requests, { replicas, blocks, tokenMs }) {
  const names = Array.from({ length: replicas }, (_, i) => `http://replica-${i}:8000/v1`);
  const affine = (workers) => affinity(domain, names, blocks, workers);
  const unlimited = replay(domain, requests, () => oneForAll(), { replicas: 1, blocks: Infinity, tokenMs });
  const rows = [
    ['affinity', () => affine(1)],
    ['affinity, 2 workers', () => affine(2)],
    ['affinity, 4 workers', () => affine(4)],
    ['round robin', () => roundRobin(replicas)],
    ['random', () => random(replicas)],
  ].map(([policy, create]) => ({ policy, ...replay(domain, requests, create, { replicas, blocks, tokenMs }) }));
  return [...rows, { policy: 'unlimited', ...unlimited }].map(({ policy, hitRate, ...rest }) => ({
    policy,
    hitRate,
    ofUnlimited: round(hitRate / unlimited.hitRate),
    ...rest,
  }));
}

/** Several workers know only of their own requests, which come to them in turn. */
function affinity({ PrefixTracker, PrefixReplicas }, names, blocks, workers) {
  const each = Array.from({ length: workers }, () => {
    const tracker = new PrefixTracker();
    return { tracker, replicas: new PrefixReplicas({ names, tracker, blocksPerReplica: blocks }) };
  });
  return {
    record: (chain, nowMs, i) => each[i % workers].tracker.record(chain, nowMs),
    place: (chain, nowMs, i) => each[i % workers].replicas.place(chain, nowMs).replica,
    release: (replica, i) => each[i % workers].replicas.release(replica),
  };
}

const nothing = () => undefined;
const oneForAll = () => ({ record: nothing, place: () => 0, release: nothing });
const roundRobin = (count) => ({ record: nothing, place: (_chain, _nowMs, i) => i % count, release: nothing });

function random(count) {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  return { record: nothing, place: () => Math.floor(next() * count), release: nothing };
}

function replay({ ReplicaBlocks }, requests, create, { replicas, blocks, tokenMs }) {
  const caches = new ReplicaBlocks(replicas, blocks);
  const zeros = () => Array.from({ length: replicas }, () => 0);
  const counts = { requests: zeros(), blocks: zeros(), computed: zeros() };
  const windows = [];
  const placed = placeAll(requests, create(), tokenMs);
  requests.forEach(({ atMs, chain }, i) => {
    const replica = placed[i];
    const held = caches.find(chain.hashes);
    const hits = caches.leading(held)[replica];
    caches.use(chain.hashes, held, replica);
    counts.requests[replica]++;
    counts.blocks[replica] += chain.hashes.length;
    counts.computed[replica] += chain.hashes.length - hits;
    const window = Math.floor((atMs - requests[0].atMs) / windowMs);
    (windows[window] ??= zeros())[replica]++;
  });
  const total = sum(counts.blocks);
  return {
    hitRate: round(1 - sum(counts.computed) / total, 4),
    requestLoad: load(counts.requests),
    blockLoad: load(counts.blocks),
    computedLoad: load(counts.computed),
    // The last window is cut off, so that chance rules in it.
    worstWindowLoad: Math.max(...windows.slice(0, Math.max(1, windows.length - 1)).map(load)),
    ...costOf(requests, create),
  };
}

/** CPU µs a request, of keeping count of prefixes and of the decision: what runs with and without it come to, each the least of five. */
function costOf(requests, create) {
  const leastUs = (isPlacing) =>
    Math.min(...Array.from({ length: 5 }, () => cpuUs(requests, create(), isPlacing))) / requests.length;
  const recordUs = leastUs(false);
  return { recordCpuUs: round(recordUs, 1), decisionCpuUs: round(Math.max(0, leastUs(true) - recordUs), 1) };
}

function cpuUs(requests, policy, isPlacing) {
  const before = process.cpuUsage();
  requests.forEach(({ atMs, chain }, i) => {
    policy.record(chain, atMs, i);
    if (isPlacing) policy.release(policy.place(chain, atMs, i), i);
  });
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The replica of each request; one is at work on it for as long as its output takes. */
function placeAll(requests, policy, tokenMs) {
  const ends = new Map();
  let releasedMs = requests[0]?.atMs ?? 0;
  return requests.map(({ atMs, chain, outputTokens }, i) => {
    for (; releasedMs <= atMs; releasedMs += stepMs) {
      const step = Math.floor(releasedMs / stepMs);
      for (const [replica, which] of ends.get(step) ?? []) policy.release(replica, which);
      ends.delete(step);
    }
    policy.record(chain, atMs, i);
    const replica = policy.place(chain, atMs, i);
    const end = Math.floor(Math.max(atMs + outputTokens * tokenMs, releasedMs) / stepMs);
    if (!ends.has(end)) ends.set(end, []);
    ends.get(end).push([replica, i]);
    return replica;
  });
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const load = (values) => round((Math.max(...values) * values.length) / sum(values));
const round = (value, digits = 3) => Number(value.toFixed(digits));

// A month of a workload as whole numbers of requests that fared alike.

/** `count` divided by `share`, in whole requests. */
const partOf = (count, share) => Math.round(count * Math.min(1, Math.max(0, share)));

/**
 * The settings of one computation: the middle of every assumption, with what a scenario changes.
 * - `changes`: values by the names of assumptions
 * - `off`: levers that are switched off: cache, routing, prefix, batching
 */
export function settingsOf(assumptions, { changes = {}, off = [] } = {}) {
  const values = Object.fromEntries(
    Object.entries(assumptions)
      .filter(([, assumption]) => typeof assumption === 'object')
      .map(([name, { value }]) => [name, changes[name] ?? value]),
  );
  return { ...values, isOff: (lever) => off.includes(lever) };
}

/** How often a provider's cache has the prefix when a call comes: with our marks and order, or as it does by itself. */
export function warmShareOf(provider, settings) {
  const alone = settings[`prefix_warm_alone_${provider}`] ?? 0;
  return settings.isOff('prefix') ? alone : Math.max(alone, settings.prefix_warm_share);
}

/**
 * The requests of a month by how they fare: `{ requests, exactHits, semanticHits, audits, classes }`. Each class is
 * `{ count, isEasy, fate }`, `fate` one of hit, batch, warm, cold (the prefix is not in the provider's cache yet) and plain (there is no
 * prefix to find); the counts of all classes add up to `requests`. `isCacheable(isEasy)`: whether a class's model can find a prefix.
 */
export function classesOf(workload, settings, isCacheable) {
  const requests = workload.requests_per_day * settings.days_per_month;
  const usesCache = !settings.isOff('cache');
  const exactHits = usesCache ? partOf(requests, workload.repeat_share * settings.repeat_scale) : 0;
  const near = Math.min(
    requests - exactHits,
    partOf(requests, workload.near_repeat_share * settings.near_repeat_scale),
  );
  const semanticHits = usesCache ? partOf(near, settings.semantic_found_share) : 0;
  const hits = exactHits + semanticHits;
  const misses = requests - hits;
  const easyShare = settings.isOff('routing') ? 0 : workload.easy_share * settings.easy_scale;
  const batchShare = settings.isOff('batching') ? 0 : workload.deadline_share * settings.batch_share;
  const classes = [];
  const add = (count, isEasy, fate) => {
    if (count > 0) classes.push({ count, isEasy, fate });
  };
  const easyHits = partOf(hits, easyShare);
  add(easyHits, true, 'hit');
  add(hits - easyHits, false, 'hit');
  const easyMisses = partOf(misses, easyShare);
  for (const [count, isEasy] of [
    [easyMisses, true],
    [misses - easyMisses, false],
  ]) {
    const batch = partOf(count, batchShare);
    add(batch, isEasy, 'batch');
    const direct = count - batch;
    const { provider } = isEasy ? { provider: workload.easy_provider } : workload;
    const warm = isCacheable(isEasy) ? partOf(direct, warmShareOf(provider, settings)) : 0;
    add(warm, isEasy, 'warm');
    add(direct - warm, isEasy, isCacheable(isEasy) ? 'cold' : 'plain');
  }
  return { requests, exactHits, semanticHits, audits: partOf(semanticHits, settings.semantic_audit_share), classes };
}

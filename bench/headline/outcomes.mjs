// What came of the requests of a phase, as figures that can be sent from process to process.

export const hitTiers = ['memory', 'exact', 'semantic'];
const kept = 8;

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Percentiles in milliseconds; undefined for none. */
export function percentiles(values) {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return { count: 0 };
  return {
    count: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1),
  };
}

const topicPattern = /"content":"About ([a-z0-9-]+):/;

/** Which intent an answer of the mock is about; undefined where it does not say. */
export const topicOf = (body) => topicPattern.exec(body.toString('latin1', 0, 600))?.[1];

const add = (counts, name, by = 1) => (counts[name] = (counts[name] ?? 0) + by);

/** Gathers answers. `answered({ request, result, latencyMs, attempts })` once for each request that has come to its end. */
export function createOutcomes() {
  const latencies = {};
  const statuses = {};
  const models = {};
  const wrong = {};
  const wrongExamples = [];
  const errors = {};
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  let [answered, failed, unknownTopics] = [0, 0, 0];
  return {
    answered({ request, result, latencyMs }) {
      add(statuses, result.status);
      if (result.status !== 200) {
        failed += 1;
        add(errors, result.error ?? result.header('x-error-code') ?? `HTTP ${result.status}`);
        return;
      }
      answered += 1;
      const tier = result.header('x-cache') ?? 'none';
      (latencies[tier] ??= []).push(latencyMs);
      const model = result.header('x-model-used') ?? 'unknown';
      add((models[request.difficulty] ??= {}), model);
      const topic = topicOf(result.body);
      if (topic === undefined) unknownTopics += 1;
      else if (topic !== request.intent.id) {
        add(wrong, tier);
        if (wrongExamples.length < kept) wrongExamples.push({ tier, asked: request.text, answeredAbout: topic });
      }
    },
    /** Tokens that an answer says it used. */
    countUsage(body) {
      const text = body.toString('latin1', Math.max(0, body.length - 600));
      for (const [name, field] of [
        ['promptTokens', 'prompt_tokens'],
        ['cachedTokens', 'cached_tokens'],
        ['completionTokens', 'completion_tokens'],
      ])
        usage[name] += Number(new RegExp(`"${field}":(\\d+)`).exec(text)?.[1] ?? 0);
    },
    figures() {
      const of = (tiers) => percentiles(tiers.flatMap((tier) => latencies[tier] ?? []));
      const tiers = Object.keys(latencies);
      return {
        answered,
        failed,
        statuses,
        errors,
        models,
        wrong,
        wrongExamples,
        unknownTopics,
        usage,
        tiers: Object.fromEntries(tiers.map((tier) => [tier, latencies[tier].length])),
        byTier: Object.fromEntries(tiers.map((tier) => [tier, percentiles(latencies[tier])])),
        hits: of(hitTiers),
        misses: of(['miss']),
        all: of(tiers),
      };
    },
  };
}

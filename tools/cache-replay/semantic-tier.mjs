// The product's semantic tier in one process: its look-up service, neighbourhood, guard, index and verifier, with stand-ins for Redis alone.
const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const metrics = new Proxy({}, { get: () => nothing });

/** Nearest questions that are verified, as in the cache service. */
export const candidates = 3;
const maxEntries = 100_000;
const maxAgeMs = 86_400_000;

/** A Redis without audits of before, that holds whatever it is asked about. */
const redis = {
  hget: async () => null,
  lrange: async () => [],
  pipeline: () => ({ exists: nothing, set: nothing, exec: async () => [] }),
};

/**
 * `entryOf(fingerprint)`: the stored question of that name, if it is still there. Every look-up with something to compare says so
 * (`isAudited`); which of them are audited is for the caller to draw, so that runs can be repeated.
 */
export async function openSemanticTier(library, { models, limit, minSimilarity, entryOf, tenantId }) {
  const { embedder, verifier, createIndex } = models;
  const neighbourhood = library.createLocalNeighbourhood({
    index: createIndex({ modelId: embedder.modelId, dimension: embedder.dimension }),
    source: { read: async (_tenantId, fingerprints) => fingerprints.map(entryOf), scan: noEntries },
    embedder,
    prepare: (_tenantId, text) => verifier.prepare(text),
    maxEntries,
    policy: 'lru',
    limit: candidates,
    logger,
  });
  const guard = library.createFalseHitGuard({ redis, defaultLimit: limit, logger });
  const { lookUp } = library.createLookUpService({
    embedder,
    verifier,
    isDense: false,
    neighbourhood,
    guard,
    prepare: (_tenantId, text) => verifier.prepare(text),
    redis,
    metrics,
    logger,
    minSimilarity,
    maxAgeMs,
    minTimesAsked: 0,
    auditShare: 1,
    keepsPairs: false,
  });
  // Both read a tenant's history at the first question, and give nothing until they have.
  guard.limitOf(tenantId);
  await lookUp({ tenantId, requestId: '', model: '', contextHash: '', text: 'first', minSimilarity: 0 });
  await neighbourhood.idle();
  return {
    lookUp: (text, atLeast = 0) =>
      lookUp({ tenantId, requestId: '', model: 'replay', contextHash: '', text, minSimilarity: atLeast }),
    stored: (fingerprints) => neighbourhood.onFilled(tenantId, fingerprints),
    audited: (probability, isWrong) => guard.audited(tenantId, probability, isWrong),
    status: () => guard.statuses()[0].status,
    close: () => neighbourhood.close(),
  };
}

async function* noEntries() {}

/** Verdicts and vectors are the same whenever they are asked for: several replays of one workload work each out once. */
export function rememberingModels({ embedder, verifier, createIndex }) {
  const [vectors, prepared, verdicts] = [new Map(), new Map(), new Map()];
  const once = (map, key, make) => {
    if (!map.has(key)) map.set(key, make());
    return map.get(key);
  };
  return {
    createIndex,
    embedder: {
      modelId: embedder.modelId,
      dimension: embedder.dimension,
      embed: async (texts) => {
        const missing = texts.filter((text) => !vectors.has(text));
        const made = missing.length === 0 ? [] : await embedder.embed(missing);
        missing.forEach((text, at) => vectors.set(text, made[at]));
        return texts.map((text) => vectors.get(text));
      },
      close: async () => undefined,
    },
    verifier: {
      modelId: verifier.modelId,
      prepare: (text) => once(prepared, text, () => verifier.prepare(text)),
      judge: (asked, kept) =>
        once(
          once(verdicts, asked, () => new Map()),
          kept,
          () => verifier.judge(asked, kept),
        ),
      thresholdFor: (rate, isDense) => verifier.thresholdFor(rate, isDense),
    },
  };
}

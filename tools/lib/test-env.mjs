// The environment of a test run: what this machine needs to work (PATH, proxies, certificates), none of Costlane's own settings, so
// that a developer's keys and choices decide neither what is tested nor who pays for it.
const settings = [
  /^COSTLANE_(?!DATA_DIR$)/,
  /_(HTTP_PORT|GRPC_PORT|GRPC_ADDRESS|GRPC_ADDRESSES|API_KEY)$/,
  /^(OPENAI|ANTHROPIC|COHERE|GOOGLE|VLLM)_/,
  /^(API|MOCK_LLM|CACHE|BATCH|ROUTING|ROUTER|MODELS|OTEL|QDRANT|EMBEDDING|BUDGET|LIMIT|JOB|FILE|WEBHOOK|DEFER|ITEM|PROVIDER_BATCH|GATEWAY|BATCHER|PROVIDER_WORKER|COST|LEDGER|ROLLUP|FOCUS|ALERT|ANOMALY)_/,
  /^(MOCK_LLM|AUTH_MODE|LOG_LEVEL|ENABLE_TRACING|PRICES_FILE|NODE_ENV|PROMETHEUS_PORT)$/,
];

/** The given environment without Costlane's settings. REDIS_URL and DATABASE_URL stay: they are how a CI lends its servers. */
export function testEnv(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !settings.some((pattern) => pattern.test(name))));
}

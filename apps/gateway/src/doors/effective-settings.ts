import { autoModel, type RoutingPolicy } from '@costlane/domain';
import type { GatewayConfig } from '../config';

export type EffectiveSettings = ReturnType<typeof effectiveSettings>;

/** The settings in effect, grouped. Of secrets only whether they are set; addresses of other services are not for everybody either. */
export function effectiveSettings(config: GatewayConfig, policy: RoutingPolicy | undefined) {
  return {
    server: {
      http_port: config.API_PORT ?? config.GATEWAY_HTTP_PORT,
      grpc_port: config.GATEWAY_GRPC_PORT,
      body_limit_bytes: config.BODY_LIMIT_BYTES,
      request_timeout_ms: config.REQUEST_TIMEOUT_MS,
    },
    auth: {
      mode: config.AUTH_MODE,
      default_tenant_id: config.DEFAULT_TENANT_ID,
      rate_limit_per_minute: config.RATE_LIMIT_PER_MINUTE,
      admin_open_on_loopback: config.ADMIN_OPEN_ON_LOOPBACK,
      is_admin_key_set: config.COSTLANE_ADMIN_KEY !== undefined,
      is_key_secret_set: config.COSTLANE_KEY_SECRET !== undefined,
    },
    caching: {
      enabled: config.CACHE_ENABLED,
      semantic_enabled: config.CACHE_ENABLED && config.CACHE_SEMANTIC_ENABLED,
      semantic_timeout_ms: config.CACHE_SEMANTIC_TIMEOUT_MS,
      prefix_enabled: false,
      ttl_seconds: config.CACHE_TTL_SECONDS,
      memory_entries: config.CACHE_MEMORY_ENTRIES,
      memory_ttl_seconds: config.CACHE_MEMORY_TTL_SECONDS,
      max_memory_mb: config.CACHE_MAX_MEMORY_MB,
      max_entry_bytes: config.CACHE_MAX_ENTRY_BYTES,
      eviction_policy: config.CACHE_EVICTION_POLICY,
      normalize: config.CACHE_NORMALIZE,
    },
    batching: {
      strategy: 'first_come_first_served',
      max_wait_ms: 0,
    },
    routing: {
      strategy: policy?.settings.strategy ?? null,
      cost_weight: policy?.settings.costWeight ?? null,
      default_model: policy ? (policy.settings.isUnnamedRouted ? autoModel : policy.defaultModel) : null,
      auto_models: policy?.settings.autoModels ?? null,
      baseline_model: policy?.settings.baselineModel || null,
      policy_version: policy?.version ?? null,
      models: policy?.models.size ?? 0,
      complexity_weights: policy?.settings.complexityWeights ?? null,
      standard_from: policy?.settings.standardFrom ?? null,
      premium_from: policy?.settings.premiumFrom ?? null,
      raise_from: policy?.settings.raiseFrom ?? null,
      lower_below: policy?.settings.lowerBelow ?? null,
      rules: policy?.settings.rules ?? null,
      confidence_checked: policy?.settings.isConfidenceChecked ?? null,
      min_token_probability: policy?.settings.minTokenProbability ?? null,
      data_policy: policy?.settings.dataPolicy ?? null,
    },
    holdout: {
      share: config.HOLDOUT_SHARE,
      is_salt_set: config.HOLDOUT_SALT !== '',
    },
    budgets: {
      on_unreachable: config.BUDGET_ON_UNREACHABLE,
      open_per_minute: config.BUDGET_OPEN_PER_MINUTE,
      throttled_per_minute: config.BUDGET_THROTTLED_PER_MINUTE,
      unpriced: config.BUDGET_UNPRICED,
      unpriced_usd: config.BUDGET_UNPRICED_USD,
      default_output_tokens: config.BUDGET_DEFAULT_OUTPUT_TOKENS,
    },
    observability: {
      log_level: config.LOG_LEVEL,
      tracing_enabled: config.ENABLE_TRACING,
      trace_sample_ratio: config.TRACE_SAMPLE_RATIO,
      is_otlp_endpoint_set: config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
    },
  };
}

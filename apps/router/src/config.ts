import { autoModel } from '@costlane/domain';
import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';
import { catalogSettingsShape } from './catalog/catalog-settings';
import { routingSettingsOf, routingSettingsShape } from './routing-config';

const port = z.coerce.number().int().min(0).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

export const openAiBaseUrl = 'https://api.openai.com/v1';
export const anthropicBaseUrl = 'https://api.anthropic.com';
export const googleBaseUrl = 'https://generativelanguage.googleapis.com';
export const cohereBaseUrl = 'https://api.cohere.com';

/** Names of the providers that have deployments of their own; what these are is the workers' business. */
const deployedProviders = z
  .string()
  .default('')
  .transform((value, context): ReadonlySet<string> => {
    if (value.trim() === '') return new Set();
    try {
      return new Set(Object.keys(z.record(z.string(), z.unknown()).parse(JSON.parse(value))));
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON object of lists by provider' });
      return z.NEVER;
    }
  });

/** Of several keys with commas between them the first is enough to ask for the models. */
const firstKey = (keys: string | undefined): string | undefined => keys?.split(',')[0]?.trim();

const known = z.object({
  API_HOST: z.string().default('127.0.0.1'),
  ROUTER_HTTP_PORT: port.default(8002),
  ROUTER_GRPC_PORT: port.default(50_053),
  COST_ATTRIBUTION_GRPC_ADDRESS: z.string().trim().default('127.0.0.1:50056'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  MOCK_LLM: booleanSetting.optional(),
  OPENAI_API_KEY: z.string().trim().optional(),
  OPENAI_BASE_URL: httpUrl.default(openAiBaseUrl),
  // Of several servers (the workers spread requests over them) the first is asked for the models.
  ANTHROPIC_API_KEY: z.string().trim().optional(),
  ANTHROPIC_BASE_URL: httpUrl.default(anthropicBaseUrl),
  GOOGLE_API_KEY: z.string().trim().optional(),
  GOOGLE_BASE_URL: httpUrl.default(googleBaseUrl),
  COHERE_API_KEY: z.string().trim().optional(),
  COHERE_BASE_URL: httpUrl.default(cohereBaseUrl),
  VLLM_BASE_URL: z
    .string()
    .transform((list) => list.split(',')[0]?.trim() ?? '')
    .pipe(httpUrl)
    .optional(),
  VLLM_API_KEY: z.string().trim().optional(),
  PRICES_FILE: z.string().optional(),
  PROVIDER_DEPLOYMENTS: deployedProviders,
  ...routingSettingsShape,
  ...catalogSettingsShape,
});

const HOUR_MS = 3_600_000;

const switchPattern = /^MODELS_(.+)_ENABLED$/;

/** Settings of the router; the README lists them with their defaults. `MODELS_<NAME>_ENABLED` are gathered into `modelSwitches`. */
export const configSchema = known.loose().transform((env, context) => {
  const modelSwitches = new Map<string, boolean>();
  for (const [name, value] of Object.entries(env)) {
    const switchName = switchPattern.exec(name)?.[1];
    if (switchName === undefined) continue;
    const parsed = booleanSetting.safeParse(value);
    if (parsed.success) modelSwitches.set(switchName, parsed.data);
    else context.addIssue({ code: 'custom', path: [name], message: 'must be true or false' });
  }
  return {
    httpHost: env.API_HOST,
    httpPort: env.ROUTER_HTTP_PORT,
    grpcPort: env.ROUTER_GRPC_PORT,
    controlAddress: env.COST_ATTRIBUTION_GRPC_ADDRESS === 'none' ? undefined : env.COST_ATTRIBUTION_GRPC_ADDRESS,
    logLevel: env.LOG_LEVEL,
    isMockAsked: env.MOCK_LLM,
    openAiApiKey: firstKey(env.OPENAI_API_KEY),
    openAiBaseUrl: env.OPENAI_BASE_URL,
    anthropicApiKey: env.ANTHROPIC_API_KEY,
    anthropicBaseUrl: env.ANTHROPIC_BASE_URL,
    googleApiKey: env.GOOGLE_API_KEY,
    googleBaseUrl: env.GOOGLE_BASE_URL,
    cohereApiKey: env.COHERE_API_KEY,
    cohereBaseUrl: env.COHERE_BASE_URL,
    vllmBaseUrl: env.VLLM_BASE_URL,
    vllmApiKey: env.VLLM_API_KEY,
    deployedProviders: env.PROVIDER_DEPLOYMENTS,
    defaultModel: env.DEFAULT_MODEL === autoModel || env.DEFAULT_MODEL === '' ? undefined : env.DEFAULT_MODEL,
    routing: routingSettingsOf(env),
    secureModels: new Set(env.SECURE_MODELS),
    pricesFile: env.PRICES_FILE,
    dataDir: env.COSTLANE_DATA_DIR,
    priceListUrl: env.PRICE_LIST_URL,
    priceRefreshIntervalMs: env.PRICE_REFRESH_INTERVAL_HOURS * HOUR_MS,
    modelSwitches,
  };
});

export type RouterConfig = z.output<typeof configSchema>;

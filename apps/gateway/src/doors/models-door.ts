import {
  autoModel,
  autoPool,
  CostlaneError,
  type ModelCapabilities,
  type ModelPrice,
  type PolicyModel,
  type RoutingPolicy,
} from '@costlane/domain';
import type { FastifyInstance } from 'fastify';
import type { Admission } from './admission';
import { statusDocument } from './status-document';

export interface ModelsDoorDeps {
  policy: () => RoutingPolicy | undefined;
  admission: Admission;
}

/** `GET /v1/models` and `/v1/models/{model}` as OpenAI has them; `GET /models` with prices and health. */
export function registerModelsDoor(fastify: FastifyInstance, { policy, admission }: ModelsDoorDeps): void {
  const current = (): RoutingPolicy => {
    const known = policy();
    if (!known) throw new CostlaneError('not_ready', 'The gateway has no routing policy yet.', { retryAfterMs: 1_000 });
    return known;
  };
  fastify.get('/v1/models', async (request) => {
    await admission.admit(request.headers);
    const policy = current();
    return { object: 'list', data: [...autoEntry(policy), ...enabled(policy).map(openAiModel)] };
  });
  // Names of models may hold slashes.
  fastify.get<{ Params: { '*': string } }>('/v1/models/*', async (request) => {
    await admission.admit(request.headers);
    const name = request.params['*'];
    const [auto] = name === autoModel ? autoEntry(current()) : [];
    if (auto) return auto;
    const model = current().models.get(name);
    if (!model?.isEnabled) {
      const message = `The model "${name.slice(0, 100)}" is not known here. GET /v1/models lists the models that can be used.`;
      throw new CostlaneError('model_not_found', message, { field: 'model' });
    }
    return openAiModel(model);
  });
  fastify.get('/models', async (request) => {
    await admission.identify(request.headers);
    const policy = current();
    const { defaultModel, models, settings } = policy;
    const pool = new Set(autoPool(policy));
    return statusDocument({
      default_model: settings.isUnnamedRouted ? autoModel : defaultModel,
      models: [...models.values()].map((model) => ({ ...describe(model), auto: pool.has(model) })),
    });
  });
}

const enabled = ({ models }: RoutingPolicy): PolicyModel[] => [...models.values()].filter(({ isEnabled }) => isEnabled);

/** What leaves the choice, where there is something to choose from: so that it can be picked from a list. */
const autoEntry = (policy: RoutingPolicy) =>
  autoPool(policy).length > 0 ? [{ id: autoModel, object: 'model', created: 0, owned_by: 'costlane' }] : [];

/** `created` is not known for most models; clients insist on a number. */
const openAiModel = ({ name, provider }: PolicyModel) => ({
  id: name,
  object: 'model',
  created: 0,
  owned_by: provider,
});

const describe = (model: PolicyModel) => ({
  name: model.name,
  provider: model.provider,
  upstream_model: model.upstreamModel,
  kind: model.kind ?? 'chat',
  tier: model.tier,
  enabled: model.isEnabled,
  health: healthOf(model),
  circuit_breaker_open: model.isBreakerOpen,
  prices_usd_per_million_tokens: model.price ? pricesOf(model.price) : null,
  price_version: model.price?.priceVersion ?? null,
  context_tokens: model.contextTokens || null,
  max_output_tokens: model.maxOutputTokens || null,
  capabilities: model.capabilities ? capabilitiesOf(model.capabilities) : null,
  quality: model.quality ?? null,
});

/** Null for a model of which nothing is known: that is not the same as one that can do none of it. */
const capabilitiesOf = (able: ModelCapabilities) => ({
  tools: able.tools,
  vision: able.vision,
  audio: able.audio,
  json_mode: able.jsonMode,
  json_schema: able.jsonSchema,
  reasoning: able.reasoning,
  logprobs: able.logprobs,
});

function healthOf({ isEnabled, isBreakerOpen }: PolicyModel): 'healthy' | 'failing' | 'disabled' {
  if (!isEnabled) return 'disabled';
  return isBreakerOpen ? 'failing' : 'healthy';
}

const pricesOf = ({ perMillion }: ModelPrice) => ({
  input: usd(perMillion.freshInput),
  output: usd(perMillion.output),
  cache_read: usd(perMillion.cacheRead),
  cache_write: usd(perMillion.cacheWriteShort),
});

const usd = (decimal: string | undefined): number | null => (decimal === undefined ? null : Number(decimal));

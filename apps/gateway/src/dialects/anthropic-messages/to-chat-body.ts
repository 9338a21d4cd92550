import type { MessageRequest } from './parse-message';
import { given, isObject, objectAt, refuseField, textAt, type JsonObject } from './refuse-field';
import { toChatMessages } from './to-chat-messages';
import { toChatTools } from './to-chat-tools';

export type LimitField = 'max_tokens' | 'max_completion_tokens';

/** `cache_control` only concerns the price of a prompt at Anthropic: what serves the model here caches by its own rules. */
const translated = new Set(
  [
    'model messages max_tokens system stream stop_sequences temperature top_p top_k tools tool_choice thinking',
    'output_config output_format metadata service_tier cache_control',
  ].flatMap((names) => names.split(' ')),
);

/** Fields of Anthropic's that nothing but Claude can serve. */
const claudeOnly: Readonly<Record<string, string>> = {
  container: 'containers run at Anthropic only.',
  mcp_servers: 'Anthropic’s connector for MCP servers is its own; call them as tools of yours.',
  context_management: 'Anthropic’s editing of the context is its own; send the messages that are to be read.',
  inference_geo: 'where inference runs cannot be chosen at the provider of this model.',
  diagnostics: 'diagnostics are Anthropic’s own.',
  fallbacks: 'Anthropic’s fallbacks are its own; Costlane’s routing policy has some.',
  user_profile_id: 'profiles of users are kept at Anthropic only.',
  workspace_id: 'workspaces are Anthropic’s own.',
};

/**
 * A Messages API request as a chat completion request, for a model that is not Claude. Nothing is dropped that could change the answer: what
 * has no translation is refused with its reason.
 * @throws CostlaneError `invalid_request` naming the field
 */
export function toChatBody(request: MessageRequest, limitField: LimitField = 'max_tokens'): JsonObject {
  for (const [field, value] of Object.entries(request)) if (!translated.has(field)) refuseUntranslated(field, value);
  if (request.max_tokens < 1) refuseField('max_tokens', 'must be a whole number above 0 for this model.');
  const stops = request.stop_sequences ?? [];
  return {
    ...(request.model === undefined ? {} : { model: request.model }),
    messages: toChatMessages(request),
    [limitField]: request.max_tokens,
    ...sampling(request),
    ...(stops.length > 0 ? { stop: stops } : {}),
    ...toChatTools(request),
    ...reasoning(request),
    ...responseFormat(request),
    ...tier(request),
    ...user(request),
    // Without its usage nobody could say what a stream has cost.
    ...(request.stream === true ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}

function refuseUntranslated(field: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value) && value.length === 0) return;
  if (field === 'speed' && value === 'standard') return;
  const why = Object.hasOwn(claudeOnly, field) ? claudeOnly[field] : undefined;
  refuseField(field, why ?? 'has no translation for the provider of this model; leave it out, or ask a Claude model.');
}

/** `top_k` goes on as it is: vLLM and Google take it, and who does not says so. */
function sampling(request: MessageRequest): JsonObject {
  const chosen: JsonObject = {};
  for (const field of ['temperature', 'top_p', 'top_k']) {
    const value = given(request, field);
    if (value !== undefined) chosen[field] = value;
  }
  return chosen;
}

const efforts: Readonly<Record<string, string>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'xhigh',
};

/** Shares of the answer's limit up to which a budget for thinking counts as little or as a middling one. */
const LOW_SHARE = 0.35;
const MEDIUM_SHARE = 0.65;

/**
 * Thinking as OpenAI's effort. `adaptive` leaves it to the model, as no effort does; `disabled` wants no thinking in the answer, and none is
 * shown, while models that always reason still do.
 */
function reasoning(request: MessageRequest): JsonObject {
  const effort = given(objectAt(given(request, 'output_config') ?? {}, 'output_config'), 'effort');
  const thinking = given(request, 'thinking');
  const type = isObject(thinking) ? thinking['type'] : undefined;
  if (type !== undefined && type !== 'enabled' && type !== 'adaptive' && type !== 'disabled') {
    refuseField('thinking.type', 'must be enabled, adaptive or disabled for this model.');
  }
  if (effort !== undefined) {
    const known = typeof effort === 'string' && Object.hasOwn(efforts, effort) ? efforts[effort] : undefined;
    return {
      reasoning_effort: known ?? refuseField('output_config.effort', 'must be low, medium, high, xhigh or max.'),
    };
  }
  if (type !== 'enabled') return {};
  const budget = isObject(thinking) ? thinking['budget_tokens'] : undefined;
  if (typeof budget !== 'number' || budget <= 0) refuseField('thinking.budget_tokens', 'must be a number above 0.');
  const share = budget / request.max_tokens;
  return { reasoning_effort: share <= LOW_SHARE ? 'low' : share <= MEDIUM_SHARE ? 'medium' : 'high' };
}

const outputKeys = new Set(['effort', 'format']);

/** `output_config.format`, or `output_format` as it was called in the beta. */
function responseFormat(request: MessageRequest): JsonObject {
  const config = objectAt(given(request, 'output_config') ?? {}, 'output_config');
  const unknown = Object.keys(config).find((key) => !outputKeys.has(key) && given(config, key) !== undefined);
  if (unknown !== undefined)
    refuseField(`output_config.${unknown}`, 'has no translation for the provider of this model.');
  const format = given(config, 'format') ?? given(request, 'output_format');
  if (format === undefined) return {};
  const wanted = objectAt(format, 'output_config.format');
  if (wanted['type'] !== 'json_schema') refuseField('output_config.format.type', 'must be json_schema.');
  const schema = objectAt(wanted['schema'], 'output_config.format.schema');
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } };
}

function tier(request: MessageRequest): JsonObject {
  const value = given(request, 'service_tier');
  if (value === undefined || value === 'auto') return {};
  if (value === 'standard_only') return { service_tier: 'default' };
  return refuseField('service_tier', 'must be auto or standard_only.');
}

function user(request: MessageRequest): JsonObject {
  const id = given(objectAt(given(request, 'metadata') ?? {}, 'metadata'), 'user_id');
  return id === undefined ? {} : { user: textAt(id, 'metadata.user_id') };
}

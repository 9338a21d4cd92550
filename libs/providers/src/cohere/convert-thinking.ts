import type { JsonObject } from '../openai-compatible/json-object';
import { given, objectAt, refuse, refuseUnknown } from '../translation/refuse';
import type { CommandTraits } from './command-traits';

const thinkingKeys = new Set(['type', 'token_budget']);

/**
 * Budgets in tokens by effort, the same as for other models that are told in tokens; with `high` Cohere's models think as long
 * as they like, which is what they do when nothing is said ("Reasoning Capabilities").
 */
const budgets: Readonly<Record<string, number | null>> = { minimal: 1_024, low: 1_024, medium: 8_192, high: null };

/** `thinking` of a request, from `reasoning_effort` or from Cohere's own field; empty where nothing is asked for. */
export function convertThinking(body: JsonObject, traits: CommandTraits): JsonObject {
  const own = given(body, 'thinking');
  const effort = given(body, 'reasoning_effort');
  if (own !== undefined) {
    if (effort !== undefined) refuse('reasoning_effort', 'cannot be set beside thinking; set one of them.');
    return { thinking: ownThinking(objectAt(own, 'thinking')) };
  }
  if (effort === undefined) return {};
  if (effort === 'none') return traits.isReasoning ? { thinking: { type: 'disabled' } } : {};
  const budget = typeof effort === 'string' && Object.hasOwn(budgets, effort) ? budgets[effort] : undefined;
  if (budget === undefined) {
    refuse('reasoning_effort', `must be one of none, ${Object.keys(budgets).join(', ')} for Cohere.`);
  }
  if (!traits.isReasoning) refuse('reasoning_effort', 'this model does not reason; leave it out, or say none.');
  return { thinking: { type: 'enabled', ...(budget === null ? {} : { token_budget: budget }) } };
}

function ownThinking(thinking: JsonObject): JsonObject {
  refuseUnknown(thinking, thinkingKeys, 'thinking');
  const { type, token_budget: budget } = thinking;
  if (type !== 'enabled' && type !== 'disabled') refuse('thinking.type', 'must be enabled or disabled.');
  if (budget === undefined || budget === null) return { type };
  if (typeof budget === 'number' && Number.isInteger(budget) && budget > 0) return { type, token_budget: budget };
  return refuse('thinking.token_budget', 'must be a whole number above 0.');
}

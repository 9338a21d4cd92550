import type { JsonObject } from '../openai-compatible/json-object';
import type { ClaudeTraits } from './claude-traits';
import type { ClaudeMessage } from './convert-messages';
import { given, objectAt, refuse } from '../translation/refuse';

/** The least that Claude takes as a budget. */
const MIN_BUDGET_TOKENS = 1_024;

/** OpenAI's efforts, the two of its neighbours included, in Claude's words and as shares of the answer's limit. */
const efforts: Readonly<Record<string, { readonly effort: string; readonly share: number }>> = {
  minimal: { effort: 'low', share: 0.1 },
  low: { effort: 'low', share: 0.2 },
  medium: { effort: 'medium', share: 0.5 },
  high: { effort: 'high', share: 0.8 },
  xhigh: { effort: 'xhigh', share: 0.95 },
  max: { effort: 'max', share: 0.95 },
};

export interface Thinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/**
 * `reasoning_effort` as Claude's thinking. Where the model decides how long to think it is told the effort; older ones get
 * a number of tokens: a share of the answer's limit, of which, as at OpenAI, thinking is a part. `thinking`, Anthropic's own
 * field, is taken as it is.
 */
export function convertThinking(body: JsonObject, traits: ClaudeTraits, maxTokens: number): Thinking {
  const own = given(body, 'thinking');
  const asked = given(body, 'reasoning_effort');
  if (own !== undefined) {
    if (asked !== undefined) refuse('reasoning_effort', 'cannot be set beside thinking; leave one of them out.');
    return { thinking: objectAt(own, 'thinking') };
  }
  if (asked === undefined) return {};
  if (asked === 'none') return noThinking(traits);
  const wanted = typeof asked === 'string' && Object.hasOwn(efforts, asked) ? efforts[asked] : undefined;
  if (!wanted) refuse('reasoning_effort', `must be one of none, ${Object.keys(efforts).join(', ')}.`);
  if (traits.thinking === 'none') refuse('reasoning_effort', 'this model does not reason; leave it out, or say none.');
  if (traits.thinking === 'budget') return { thinking: budget(wanted.share, maxTokens) };
  if (!traits.efforts.includes(wanted.effort)) {
    refuse('reasoning_effort', `this model knows the efforts ${traits.efforts.join(', ')} only.`);
  }
  return { thinking: { type: 'adaptive' }, effort: wanted.effort };
}

function noThinking(traits: ClaudeTraits): Thinking {
  if (!traits.canStopThinking) refuse('reasoning_effort', 'this model always reasons; low is the least.');
  return traits.thinksUnasked ? { thinking: { type: 'disabled' } } : {};
}

function budget(share: number, maxTokens: number): JsonObject {
  if (maxTokens <= MIN_BUDGET_TOKENS) {
    refuse('max_completion_tokens', `must be more than ${MIN_BUDGET_TOKENS} for this model to reason within it.`);
  }
  return { type: 'enabled', budget_tokens: Math.max(MIN_BUDGET_TOKENS, Math.floor(maxTokens * share)) };
}

/** Refuses what Claude does not take together with thinking. */
export function refuseBesideThinking(
  thinking: JsonObject | undefined,
  body: JsonObject,
  messages: readonly ClaudeMessage[],
): void {
  const type = thinking?.['type'];
  if (type !== 'enabled' && type !== 'adaptive') return;
  const temperature = given(body, 'temperature');
  if (temperature !== undefined && temperature !== 1) {
    refuse('temperature', 'cannot be set when Claude reasons; leave it out, or say 1.');
  }
  // The rest holds for a number of tokens only ("Thinking in tool and multi-turn workflows").
  if (type === 'adaptive') return;
  const choice = given(body, 'tool_choice');
  if (choice !== undefined && choice !== 'auto' && choice !== 'none') {
    refuse('tool_choice', 'this model cannot be made to call a tool when it reasons; say auto.');
  }
  const content = messages.findLast(({ role }) => role === 'assistant')?.content ?? [];
  const first = content[0]?.['type'];
  const isThoughtMissing = first !== 'thinking' && first !== 'redacted_thinking';
  if (isThoughtMissing && content.some((block) => block['type'] === 'tool_use')) {
    const why =
      'to reason after a tool call this model wants the thinking before it: send the thinking_blocks of that answer back.';
    refuse('reasoning_effort', why);
  }
}

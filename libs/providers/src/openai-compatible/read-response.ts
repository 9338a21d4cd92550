import { usageFromOpenAi } from '@costlane/domain';
import { modelOf, type CompletionFacts, type ReadCompletion } from './extract-usage';
import { isObject, parseObject, textOf, type JsonObject } from './json-object';

/**
 * Reads a response object of OpenAI's Responses API from its bytes. As with chat completions the whole body is parsed, as Latin-1: lengths
 * of text are in UTF-8 bytes.
 */
export function readResponse(body: Buffer): ReadCompletion {
  const json = parseObject(body.toString('latin1'));
  if (!json) return { kind: 'malformed' };
  if (json['status'] === 'failed' || (isObject(json['error']) && !Array.isArray(json['output']))) {
    return { kind: isObject(json['error']) ? 'error' : 'malformed' };
  }
  const facts = responseFacts(json);
  return facts ? { kind: 'completion', facts } : { kind: 'malformed' };
}

/** Items that follow from the request alone. What a tool of the provider's found or did would not be so again: such answers are not kept. */
const repeatableItems = new Set(['message', 'reasoning', 'function_call', 'custom_tool_call']);

/** What has to be known of a response object; undefined when it is none. */
export function responseFacts(response: JsonObject): CompletionFacts | undefined {
  const { output } = response;
  if (!Array.isArray(output)) return undefined;
  let characters = 0;
  let isCall = false;
  let isRepeatable = true;
  for (const item of output as unknown[]) {
    if (!isObject(item)) continue;
    characters += charactersOf(item);
    isRepeatable &&= repeatableItems.has(textOf(item['type']) ?? '');
    isCall ||= item['type'] === 'function_call' || item['type'] === 'custom_tool_call';
  }
  const finishReason = finishReasonOf(response, isCall);
  return {
    usage: usageFromOpenAi(response['usage'])?.usage,
    modelUsed: modelOf(response),
    serviceTier: textOf(response['service_tier']),
    finishReason,
    characters,
    isWhole: isRepeatable && characters > 0 && (finishReason === 'stop' || finishReason === 'tool_calls'),
  };
}

/**
 * Why a response ended, in the words of chat completions, so that the ledger has one set of them. Undefined for one that has not ended
 * properly; a reason that has no word there stays as it is.
 */
function finishReasonOf({ status, incomplete_details: details }: JsonObject, isCall: boolean): string | undefined {
  if (status === 'completed') return isCall ? 'tool_calls' : 'stop';
  if (status !== 'incomplete') return undefined;
  const reason = isObject(details) ? textOf(details['reason']) : undefined;
  return reason === 'max_output_tokens' ? 'length' : (reason ?? 'incomplete');
}

function charactersOf(item: JsonObject): number {
  const { content, name, arguments: args, input } = item;
  let characters = lengthOf(args) + lengthOf(input) + (args === undefined && input === undefined ? 0 : lengthOf(name));
  if (!Array.isArray(content)) return characters;
  for (const part of content as unknown[]) {
    if (isObject(part)) characters += lengthOf(part['text']) + lengthOf(part['refusal']);
  }
  return characters;
}

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);

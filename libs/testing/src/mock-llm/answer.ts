import type { Behaviour } from './behaviour';
import type { ChatRequest, GenerationOptions } from './chat-request';
import { charsPerToken, countTokens } from './prompt-digest';
import { hashText } from './hash-text';
import type { PromptCache } from './prompt-cache';
import { writeJsonForSchema, writeJsonObject } from './write-json';
import { writeText } from './write-text';

export type FinishReason = 'stop' | 'length' | 'tool_calls';

export interface Choice {
  index: number;
  /** The content, or the arguments when a tool is called. */
  text: string;
  tool: { id: string; name: string } | undefined;
  finishReason: FinishReason;
}

export interface Usage {
  promptTokens: number;
  cachedTokens: number;
  cacheWriteTokens: number;
  completionTokens: number;
  reasoningTokens: number;
}

/** An answer in full, before it is put into one of the wire shapes. */
export interface Answer {
  id: string;
  createdAtSeconds: number;
  model: string;
  serviceTier: string;
  choices: Choice[];
  usage: Usage;
  wantsLogprobs: boolean;
}

/** Tells two calls apart even when their texts are equal: callers see whether an answer came from an earlier call. */
let callNumber = 0;

/** The id of a new answer. */
export function nextId(prefix: string, seed: number): string {
  callNumber += 1;
  return `${prefix}${(seed >>> 0).toString(16).padStart(8, '0')}${callNumber.toString(36).padStart(8, '0')}`;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/** Models of the `o` family and those named so think before they answer. */
export function isReasoningModel(model: string): boolean {
  return model.startsWith('o') || model.includes('reasoning');
}

/** Composes the answer to a chat request. The texts depend on model, messages, tools and `seed` only. */
export function composeChatAnswer(request: ChatRequest, behaviour: Behaviour, cache: PromptCache): Answer {
  const { seed } = request.prompt;
  const reasoningTokens = countReasoningTokens(request, behaviour, seed);
  const choices: Choice[] = [];
  for (let index = 0; index < request.options.choiceCount; index += 1) {
    const choiceSeed = seed + Math.imul(index, 0x9e3779b1);
    const full = writeContent(request, behaviour, choiceSeed);
    const asked = behaviour.answer === undefined ? request.tool : undefined;
    const tool = asked && { id: nextId('call_', choiceSeed), name: asked.name };
    choices.push(limitChoice(request.options, index, full, tool, reasoningTokens));
  }
  const promptTokens = behaviour.promptTokens ?? request.prompt.tokens;
  const { prefixHashes } = request.prompt;
  // A short prompt has no prefix worth remembering, which keeps the ordinary call away from the cache altogether.
  const foundTokens = prefixHashes.length > 0 ? cache.lookUpAndRemember(prefixHashes) : 0;
  return {
    id: nextId('chatcmpl-', seed),
    createdAtSeconds: nowSeconds(),
    model: request.options.model,
    serviceTier: behaviour.serviceTier ?? request.options.serviceTier,
    choices,
    usage: {
      promptTokens,
      cachedTokens: Math.min(behaviour.cachedTokens ?? foundTokens, promptTokens),
      cacheWriteTokens: behaviour.cacheWriteTokens ?? 0,
      completionTokens: countCompletionTokens(choices, reasoningTokens),
      reasoningTokens: reasoningTokens * choices.length,
    },
    wantsLogprobs: request.wantsLogprobs,
  };
}

/** Cuts a text at the first stop sequence or at the token limit and says why it ends. */
export function limitChoice(
  options: GenerationOptions,
  index: number,
  full: string,
  tool: Choice['tool'],
  reasoningTokens: number,
): Choice {
  let text = full;
  let finishReason: FinishReason = tool ? 'tool_calls' : 'stop';
  if (!tool) {
    for (const stop of options.stops) {
      const end = text.indexOf(stop);
      if (end >= 0) text = text.slice(0, end);
    }
  }
  const visibleLimit = options.maxTokens === undefined ? Infinity : Math.max(0, options.maxTokens - reasoningTokens);
  if (text.length > visibleLimit * charsPerToken) {
    text = text.slice(0, visibleLimit * charsPerToken);
    finishReason = 'length';
  }
  return { index, text, tool, finishReason };
}

/** The tokens of all choices, reasoning included. */
export function countCompletionTokens(choices: readonly Choice[], reasoningTokensPerChoice: number): number {
  let tokens = 0;
  for (const choice of choices) tokens += countTokens(choice.text) + reasoningTokensPerChoice;
  return tokens;
}

function countReasoningTokens(request: ChatRequest, behaviour: Behaviour, seed: number): number {
  const usual = isReasoningModel(request.options.model) ? 64 * (1 + ((seed >>> 3) % 8)) : 0;
  return Math.min(behaviour.reasoningTokens ?? usual, request.options.maxTokens ?? Infinity);
}

const refusal = "I'm sorry, but I can't help with that request.";

function writeContent(request: ChatRequest, behaviour: Behaviour, seed: number): string {
  if (behaviour.answer === 'parrot') return request.lastUserText;
  if (behaviour.answer !== undefined) return writeUnwanted(behaviour.answer, behaviour.outputTokens, seed);
  if (request.tool) return writeJsonForSchema(seed, request.tool.parameters);
  if (request.jsonWish?.kind === 'schema') return writeJsonForSchema(seed, request.jsonWish.schema);
  if (request.jsonWish) return writeJsonObject(seed, behaviour.outputTokens);
  return behaviour.topic === undefined
    ? writeText(seed, behaviour.outputTokens)
    : writeText(hashText(behaviour.topic) >>> 0, behaviour.outputTokens, `About ${behaviour.topic}: `);
}

function writeUnwanted(kind: Behaviour['answer'], outputTokens: number | undefined, seed: number): string {
  if (kind === 'empty') return '';
  if (kind === 'refusal') return refusal;
  return kind === 'prose' ? writeText(seed, outputTokens) : writeJsonObject(seed, outputTokens);
}

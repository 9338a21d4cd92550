import { hash } from 'node:crypto';
import { canonicalJson, normaliseText, structuredOutputFields, transportFields } from '../fingerprint';

/** A request that may be answered by the answer to a like question: the question's text, and a hash of all that must be equal beside it. */
export interface SemanticQuestion {
  text: string;
  /** SHA-256 (hex) over dialect, system prompt, parameters: everything but the question, the model and the tenant. */
  contextHash: string;
}

/** Longer questions carry documents or data of their own: two of them are never alike enough to share an answer, and comparing them costs. */
export const semanticMaxCharacters = 2_000;

/** Any of these makes an answer depend on more than the question's meaning, or asks for a form that a like answer need not have. */
const excludingFields = [
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'audio',
  'modalities',
  'prediction',
  'web_search_options',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  ...structuredOutputFields,
];
const instructionRoles = new Set(['system', 'developer']);

/**
 * What a chat request asks, when its answer may come from a like question's: a single turn of text after instructions only, one choice, no tools,
 * images or structured output. Undefined for all others. A conversation is never alike another: its answer rests on what was said before.
 */
export function semanticQuestion(
  dialect: string,
  { messages, model: _model, ...parameters }: Record<string, unknown>,
): SemanticQuestion | undefined {
  if (!Array.isArray(messages) || excludingFields.some((field) => isAsked(parameters[field]))) return undefined;
  const { n, response_format: format } = parameters;
  if (typeof n === 'number' && n > 1) return undefined;
  if (isAsked(format) && (format as { type?: unknown }).type !== 'text') return undefined;
  const instructions = (messages as unknown[]).slice(0, -1);
  if (!instructions.every((message) => instructionRoles.has(roleOf(message)))) return undefined;
  const question: unknown = messages.at(-1);
  if (roleOf(question) !== 'user') return undefined;
  const { content, ...rest } = question as Record<string, unknown>;
  const text = textOf(content);
  if (text === undefined || text === '' || text.length > semanticMaxCharacters) return undefined;
  const context = canonicalJson([dialect, instructions, rest, withoutTransport(parameters)]);
  return { text, contextHash: hash('sha256', context, 'hex') };
}

const isAsked = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);

const roleOf = (message: unknown): string =>
  typeof message === 'object' && message !== null && 'role' in message ? String(message.role) : '';

/** The text of a message's content; undefined where a part of it is no text. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return normaliseText(content);
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (typeof part !== 'object' || part === null || !('type' in part) || part.type !== 'text') return undefined;
    // A part with more than its text (a cache mark, an annotation) may mean more.
    if (!('text' in part) || typeof part.text !== 'string' || Object.keys(part).length > 2) return undefined;
    texts.push(part.text);
  }
  return normaliseText(texts.join('\n'));
}

function withoutTransport(parameters: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parameters)) if (!transportFields.has(name)) kept[name] = value;
  return kept;
}

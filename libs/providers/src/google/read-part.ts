import { randomUUID } from 'node:crypto';
import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import { signatureContent } from './thought-signature';

/** A part of an answer in OpenAI's terms. */
export type ReadPart =
  | { readonly kind: 'text'; readonly text: string; readonly signature?: string }
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCall }
  /** Something that has no translation. */
  | { readonly kind: 'other' };

export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: unknown; readonly arguments: string };
  readonly extra_content?: unknown;
}

/** Reads a part: text, a summary of thoughts, or a call, for which an id is made where Gemini gave it none. */
export function readPart(part: JsonObject): ReadPart {
  const signature = textOf(part['thoughtSignature']);
  const { functionCall: called } = part;
  if (isObject(called)) {
    return {
      kind: 'call',
      call: {
        id: textOf(called['id']) ?? `call_${randomUUID()}`,
        type: 'function',
        function: { name: called['name'], arguments: JSON.stringify(called['args'] ?? {}) },
        ...(signature === undefined ? {} : signatureContent(signature)),
      },
    };
  }
  const text = textOf(part['text']);
  if (text === undefined) return signature === undefined ? { kind: 'other' } : { kind: 'text', text: '', signature };
  return part['thought'] === true ? { kind: 'thought', text } : { kind: 'text', text, signature };
}

/** The parts of the one candidate, and why it ended; empty where there is none. */
export function readCandidate(answer: JsonObject): { parts: JsonObject[]; finishReason: string | undefined } {
  const candidates = Array.isArray(answer['candidates']) ? (answer['candidates'] as unknown[]) : [];
  const candidate = candidates.find(isObject) ?? {};
  const content = isObject(candidate['content']) ? candidate['content'] : {};
  const parts = Array.isArray(content['parts']) ? (content['parts'] as unknown[]).filter(isObject) : [];
  return { parts, finishReason: textOf(candidate['finishReason']) };
}

/** The prompt was blocked: there is no candidate, and will be none. */
export const isPromptBlocked = (answer: JsonObject): boolean =>
  isObject(answer['promptFeedback']) && textOf(answer['promptFeedback']['blockReason']) !== undefined;

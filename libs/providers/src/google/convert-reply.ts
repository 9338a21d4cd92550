import type { JsonObject } from '../openai-compatible/json-object';
import type { TranslatedReply } from '../translation/translator';
import { extractUsage } from './extract-usage';
import { BLOCKED_PROMPT, finishReasonOf, isWholeFinish } from './finish-reason';
import { isPromptBlocked, readCandidate, readPart, type ToolCall } from './read-part';
import { signatureContent } from './thought-signature';

interface Message {
  text: string;
  reasoning: string;
  signature: string | undefined;
  readonly calls: ToolCall[];
  isTranslated: boolean;
}

/**
 * An answer of generateContent as a chat completion; undefined when it is none. Texts are joined; summaries of thoughts come as
 * `reasoning_content`, as other servers send it.
 */
export function convertReply(
  answer: JsonObject,
  createdAtSeconds: number,
  headerTier?: string,
): TranslatedReply | undefined {
  const isBlocked = isPromptBlocked(answer);
  const { parts, finishReason = isBlocked ? BLOCKED_PROMPT : undefined } = readCandidate(answer);
  if (parts.length === 0 && finishReason === undefined) return undefined;
  const message = readMessage(parts);
  const usage = extractUsage(answer['usageMetadata'], headerTier);
  const finish = finishReasonOf(finishReason, message.calls.length > 0);
  return {
    body: {
      id: answer['responseId'],
      object: 'chat.completion',
      created: createdAtSeconds,
      model: answer['modelVersion'],
      choices: [{ index: 0, message: render(message), logprobs: null, finish_reason: finish }],
      ...(usage ? { usage: usage.openAi } : {}),
      ...(usage?.serviceTier === undefined ? {} : { service_tier: usage.serviceTier }),
    },
    usage,
    isWhole: message.isTranslated && isWholeFinish(finishReason),
    isOverflown: false,
  };
}

function readMessage(parts: readonly JsonObject[]): Message {
  const message: Message = { text: '', reasoning: '', signature: undefined, calls: [], isTranslated: true };
  for (const part of parts) {
    const read = readPart(part);
    if (read.kind === 'text') {
      message.text += read.text;
      message.signature = read.signature ?? message.signature;
    } else if (read.kind === 'thought') message.reasoning += read.text;
    else if (read.kind === 'call') message.calls.push(read.call);
    else message.isTranslated = false;
  }
  return message;
}

function render({ text, reasoning, signature, calls }: Message): JsonObject {
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...(signature === undefined ? {} : signatureContent(signature)),
  };
}

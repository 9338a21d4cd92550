import { isObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import type { TranslatedReply } from '../translation/translator';
import { argumentsOf } from './call-arguments';
import { convertLogprobs } from './convert-logprobs';
import { extractUsage } from './extract-usage';
import { finishReasonOf, isFailedFinish, isWholeFinish } from './finish-reason';

interface Said {
  text: string;
  thinking: string;
  isTranslated: boolean;
}

/**
 * An answer of Cohere's Chat API as a chat completion; undefined when it is none, or one that failed. Texts are joined; thoughts and
 * the plan of calls come as `reasoning_content`, as other servers send it.
 */
export function convertReply(answer: JsonObject, model: string, createdAtSeconds: number): TranslatedReply | undefined {
  const { message } = answer;
  const reason = textOf(answer['finish_reason']);
  if (!isObject(message) || isFailedFinish(reason)) return undefined;
  const said = readContent(message['content']);
  const calls = listOf(message['tool_calls']).map(convertCall);
  const usage = extractUsage(answer['usage']);
  const logprobs = convertLogprobs(answer['logprobs']) ?? null;
  return {
    body: {
      id: answer['id'],
      object: 'chat.completion',
      created: createdAtSeconds,
      model,
      choices: [
        {
          index: 0,
          message: render(said, message['tool_plan'], calls),
          logprobs,
          finish_reason: finishReasonOf(reason),
        },
      ],
      ...(usage ? { usage: usage.openAi } : {}),
    },
    usage,
    isWhole: said.isTranslated && isWholeFinish(reason),
    isOverflown: false,
  };
}

function readContent(content: unknown): Said {
  const said: Said = { text: '', thinking: '', isTranslated: true };
  // Some servers in Cohere's place answer with a plain text.
  if (typeof content === 'string') return { ...said, text: content };
  for (const block of listOf(content)) {
    if (block['type'] === 'thinking') said.thinking += textOf(block['thinking']) ?? '';
    else if (block['type'] === 'text') said.text += textOf(block['text']) ?? '';
    else said.isTranslated = false;
  }
  return said;
}

function convertCall(call: JsonObject): JsonObject {
  const called = isObject(call['function']) ? call['function'] : {};
  const text = argumentsOf(textOf(called['arguments']) ?? '');
  return { id: call['id'], type: 'function', function: { name: called['name'], arguments: text } };
}

function render({ text, thinking }: Said, toolPlan: unknown, calls: readonly JsonObject[]): JsonObject {
  const reasoning = thinking + (textOf(toolPlan) ?? '');
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as unknown[]).filter(isObject) : []);

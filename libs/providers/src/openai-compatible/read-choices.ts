import { isObject, textOf, type JsonObject } from './json-object';

/** What the choices of an answer, or of one event of a stream, come to. */
export interface ChoicesFacts {
  count: number;
  /** Characters of text: content, reasoning, refusal and arguments of tool calls. */
  characters: number;
  /** One for each choice that has ended. */
  finishReasons: string[];
}

/**
 * Reasons after which an answer is whole and may be given again. Not `length` (it was cut off: asked again it may fit), not
 * `content_filter`, nor anything unknown.
 */
const wholeReasons = new Set(['stop', 'tool_calls', 'function_call']);

export const isWhole = (finishReasons: readonly string[]): boolean =>
  finishReasons.length > 0 && finishReasons.every((reason) => wholeReasons.has(reason));

/** Reads `choices` of a completion (`part` is `message`) or of an event (`delta`); undefined when it is no list. */
export function readChoices(json: JsonObject, part: 'message' | 'delta'): ChoicesFacts | undefined {
  const { choices } = json;
  if (!Array.isArray(choices)) return undefined;
  const facts: ChoicesFacts = { count: choices.length, characters: 0, finishReasons: [] };
  for (const choice of choices) {
    if (!isObject(choice)) continue;
    const reason = textOf(choice['finish_reason']);
    if (reason !== undefined) facts.finishReasons.push(reason);
    const said = choice[part];
    if (isObject(said)) facts.characters += charactersOf(said);
  }
  return facts;
}

function charactersOf(said: JsonObject): number {
  let characters =
    contentLength(said['content']) +
    lengthOf(said['reasoning_content'] ?? said['reasoning']) +
    lengthOf(said['refusal']) +
    callLength(said['function_call']);
  const calls = said['tool_calls'];
  if (Array.isArray(calls)) {
    for (const call of calls) if (isObject(call)) characters += callLength(call['function'] ?? call['custom']);
  }
  const audio = said['audio'];
  if (isObject(audio)) characters += lengthOf(audio['transcript']);
  return characters;
}

/** Content is a text, or a list of parts as some compatible servers send it. */
function contentLength(content: unknown): number {
  if (!Array.isArray(content)) return lengthOf(content);
  return content.reduce((sum: number, part) => sum + (isObject(part) ? lengthOf(part['text']) : 0), 0);
}

const callLength = (call: unknown): number =>
  isObject(call) ? lengthOf(call['name']) + lengthOf(call['arguments'] ?? call['input']) : 0;

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);

import { isObject, type JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';

const toolKeys = new Set(['type', 'function']);
const functionKeys = new Set(['name', 'description', 'parameters', 'strict']);
const choiceKeys = new Set(['type', 'function']);
const namedKeys = new Set(['name']);

/** `tools`, and how they are to be called; empty where the request has no tools. */
export function convertTools(body: JsonObject): JsonObject {
  const list = given(body, 'tools');
  const asked = (list === undefined ? [] : listAt(list, 'tools')).map((tool, i) => objectAt(tool, `tools[${i}]`));
  const tools = asked.map((tool, i) => convertTool(tool, `tools[${i}]`));
  const choice = choiceOf(given(body, 'tool_choice'));
  if (tools.length === 0) {
    if (choice.mode === 'REQUIRED') refuse('tool_choice', 'asks for a call, but the request has no tools.');
    return {};
  }
  if (given(body, 'parallel_tool_calls') === false) {
    refuse('parallel_tool_calls', 'Cohere may always make several calls at once; leave it out, or say true.');
  }
  // A call of one tool by name: Cohere can be made to call, and is then offered no other.
  const offered = choice.name === undefined ? tools : tools.filter(({ function: { name } }) => name === choice.name);
  if (offered.length === 0) refuse('tool_choice.function.name', 'is not the name of one of the tools.');
  return {
    tools: offered,
    ...(asked.some(isStrict) ? { strict_tools: true } : {}),
    ...(choice.mode === undefined ? {} : { tool_choice: choice.mode }),
    // Results of calls would be cited; an answer in this dialect has no place for that.
    citation_options: { mode: 'OFF' },
  };
}

interface ConvertedTool {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description?: unknown; readonly parameters: JsonObject };
}

function convertTool(tool: JsonObject, at: string): ConvertedTool {
  if (tool['type'] !== 'function') refuse(`${at}.type`, 'Cohere is offered tools of the type function only.');
  refuseUnknown(tool, toolKeys, at);
  const definition = objectAt(tool['function'], `${at}.function`);
  refuseUnknown(definition, functionKeys, `${at}.function`);
  const parameters = given(definition, 'parameters');
  const description = given(definition, 'description');
  return {
    type: 'function',
    function: {
      name: textAt(definition['name'], `${at}.function.name`),
      ...(description === undefined ? {} : { description }),
      // Cohere wants a schema of every function.
      parameters: parameters === undefined ? emptySchema : objectAt(parameters, `${at}.function.parameters`),
    },
  };
}

const emptySchema: JsonObject = { type: 'object', properties: {} };

const isStrict = (tool: JsonObject): boolean => isObject(tool['function']) && tool['function']['strict'] === true;

interface Choice {
  readonly mode?: 'REQUIRED' | 'NONE';
  /** The one tool that is to be called. */
  readonly name?: string;
}

function choiceOf(choice: unknown): Choice {
  if (choice === undefined || choice === 'auto') return {};
  if (choice === 'none') return { mode: 'NONE' };
  if (choice === 'required') return { mode: 'REQUIRED' };
  const named = objectAt(choice, 'tool_choice');
  if (named['type'] !== 'function') {
    refuse('tool_choice', 'must be auto, none, required or one function by name for Cohere.');
  }
  refuseUnknown(named, choiceKeys, 'tool_choice');
  const wanted = objectAt(named['function'], 'tool_choice.function');
  refuseUnknown(wanted, namedKeys, 'tool_choice.function');
  return { mode: 'REQUIRED', name: textAt(wanted['name'], 'tool_choice.function.name') };
}

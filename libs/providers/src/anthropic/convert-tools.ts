import type { JsonObject } from '../openai-compatible/json-object';
import type { ClaudeTraits } from './claude-traits';
import { marked } from './convert-content';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';

const toolKeys = new Set(['type', 'function', 'cache_control']);
const functionKeys = new Set(['name', 'description', 'parameters', 'strict']);
const choiceKeys = new Set(['type', 'function']);
const namedKeys = new Set(['name']);
const anyInput = { type: 'object', properties: {} };

/** `tools` and `tool_choice` of a Messages API request; empty where the request has no tools. */
export function convertTools(body: JsonObject, traits: ClaudeTraits): JsonObject {
  const list = given(body, 'tools');
  const tools = list === undefined ? [] : listAt(list, 'tools');
  const choice = convertChoice(body, tools.length > 0);
  if (tools.length === 0) return {};
  return {
    tools: tools.map((tool, i) => convertTool(objectAt(tool, `tools[${i}]`), `tools[${i}]`, traits)),
    ...(choice ? { tool_choice: choice } : {}),
  };
}

function convertTool(tool: JsonObject, at: string, traits: ClaudeTraits): JsonObject {
  if (tool['type'] !== 'function') refuse(`${at}.type`, 'Claude takes tools of the type function only.');
  refuseUnknown(tool, toolKeys, at);
  const definition = objectAt(tool['function'], `${at}.function`);
  refuseUnknown(definition, functionKeys, `${at}.function`);
  const isStrict = definition['strict'] === true;
  if (isStrict && !traits.hasStructuredOutputs) {
    refuse(`${at}.function.strict`, 'this model cannot be held to a schema; Claude 4.5 and later can.');
  }
  const parameters = given(definition, 'parameters');
  const description = given(definition, 'description');
  const schema = parameters === undefined ? anyInput : objectAt(parameters, `${at}.function.parameters`);
  return marked(
    {
      name: textAt(definition['name'], `${at}.function.name`),
      ...(description === undefined ? {} : { description }),
      // Claude wants the type of the root to be named.
      input_schema: schema['type'] === undefined ? { type: 'object', ...schema } : schema,
      ...(isStrict ? { strict: true } : {}),
    },
    tool,
  );
}

function convertChoice(body: JsonObject, hasTools: boolean): JsonObject | undefined {
  const choice = given(body, 'tool_choice');
  const isSerial = given(body, 'parallel_tool_calls') === false;
  const kind = choiceOf(choice);
  if (!hasTools && (kind['type'] === 'any' || kind['type'] === 'tool')) {
    refuse('tool_choice', 'asks for a call, but the request has no tools.');
  }
  if (kind['type'] === 'none' || !isSerial) return choice === undefined ? undefined : kind;
  return { ...kind, disable_parallel_tool_use: true };
}

function choiceOf(choice: unknown): JsonObject {
  if (choice === undefined || choice === 'auto') return { type: 'auto' };
  if (choice === 'none') return { type: 'none' };
  if (choice === 'required') return { type: 'any' };
  const named = objectAt(choice, 'tool_choice');
  if (named['type'] !== 'function') {
    refuse('tool_choice', 'must be auto, none, required or one function by name; Claude has no other choice.');
  }
  refuseUnknown(named, choiceKeys, 'tool_choice');
  const wanted = objectAt(named['function'], 'tool_choice.function');
  refuseUnknown(wanted, namedKeys, 'tool_choice.function');
  return { type: 'tool', name: textAt(wanted['name'], 'tool_choice.function.name') };
}

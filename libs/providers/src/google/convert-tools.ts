import type { JsonObject } from '../openai-compatible/json-object';
import { given, listAt, objectAt, refuse, refuseUnknown, textAt } from '../translation/refuse';

const toolKeys = new Set(['type', 'function']);
const functionKeys = new Set(['name', 'description', 'parameters', 'strict']);
const choiceKeys = new Set(['type', 'function']);
const namedKeys = new Set(['name']);

/** `tools` and `toolConfig` of a generateContent request; empty where the request has no tools. */
export function convertTools(body: JsonObject): JsonObject {
  const list = given(body, 'tools');
  const tools = (list === undefined ? [] : listAt(list, 'tools')).map((tool, i) => objectAt(tool, `tools[${i}]`));
  const declarations = tools.map((tool, i) => convertTool(tool, `tools[${i}]`));
  const config = choiceOf(given(body, 'tool_choice'), tools.some(isStrict));
  if (tools.length === 0) {
    if (config?.['mode'] === 'ANY') refuse('tool_choice', 'asks for a call, but the request has no tools.');
    return {};
  }
  if (given(body, 'parallel_tool_calls') === false) {
    refuse('parallel_tool_calls', 'Gemini may always make several calls at once; leave it out, or say true.');
  }
  return {
    tools: [{ functionDeclarations: declarations }],
    ...(config ? { toolConfig: { functionCallingConfig: config } } : {}),
  };
}

function convertTool(tool: JsonObject, at: string): JsonObject {
  if (tool['type'] !== 'function') refuse(`${at}.type`, 'Gemini is offered tools of the type function only.');
  refuseUnknown(tool, toolKeys, at);
  const definition = objectAt(tool['function'], `${at}.function`);
  refuseUnknown(definition, functionKeys, `${at}.function`);
  const parameters = given(definition, 'parameters');
  const description = given(definition, 'description');
  return {
    name: textAt(definition['name'], `${at}.function.name`),
    ...(description === undefined ? {} : { description }),
    // `parameters` would be a subset of OpenAPI's schemas; this field takes JSON Schema as it is.
    ...(parameters === undefined ? {} : { parametersJsonSchema: objectAt(parameters, `${at}.function.parameters`) }),
  };
}

const isStrict = (tool: JsonObject): boolean => {
  const definition = tool['function'];
  return typeof definition === 'object' && definition !== null && 'strict' in definition && definition.strict === true;
};

/** Calls that are forced follow their schemas anyway; free ones do when the mode says so (`VALIDATED`). */
function choiceOf(choice: unknown, hasStrictTools: boolean): JsonObject | undefined {
  if (choice === undefined || choice === 'auto') return hasStrictTools ? { mode: 'VALIDATED' } : undefined;
  if (choice === 'none') return { mode: 'NONE' };
  if (choice === 'required') return { mode: 'ANY' };
  const named = objectAt(choice, 'tool_choice');
  if (named['type'] !== 'function') {
    refuse('tool_choice', 'must be auto, none, required or one function by name for Gemini.');
  }
  refuseUnknown(named, choiceKeys, 'tool_choice');
  const wanted = objectAt(named['function'], 'tool_choice.function');
  refuseUnknown(wanted, namedKeys, 'tool_choice.function');
  return { mode: 'ANY', allowedFunctionNames: [textAt(wanted['name'], 'tool_choice.function.name')] };
}

import type { MessageRequest } from './parse-message';
import { given, objectAt, refuseField, refuseUnknown, textAt, type JsonObject } from './refuse-field';

/** `eager_input_streaming` is about when pieces of a call come, not about what is in it. */
const toolKeys = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
  'eager_input_streaming',
]);
const choiceKeys = new Set(['type', 'name', 'disable_parallel_tool_use']);

/** `tools`, `tool_choice` and `parallel_tool_calls` of a chat completion request. */
export function toChatTools(request: MessageRequest): JsonObject {
  const tools = (request.tools ?? []).map((tool, i) => toFunction(tool, `tools[${i}]`));
  const choice = given(request, 'tool_choice');
  const wanted = choice === undefined ? undefined : objectAt(choice, 'tool_choice');
  if (wanted) refuseUnknown(wanted, choiceKeys, 'tool_choice');
  const kind = wanted ? toChoice(wanted) : undefined;
  if (tools.length === 0) {
    if (kind !== undefined && kind !== 'auto' && kind !== 'none')
      refuseField('tool_choice', 'asks for a call, but the request has no tools.');
    return {};
  }
  return {
    tools,
    ...(kind === undefined ? {} : { tool_choice: kind }),
    ...(wanted?.['disable_parallel_tool_use'] === true ? { parallel_tool_calls: false } : {}),
  };
}

function toFunction(tool: JsonObject, at: string): JsonObject {
  const type = given(tool, 'type');
  if (type !== undefined && type !== 'custom') {
    refuseField(
      `${at}.type`,
      'Anthropic’s own tools are for Claude models only; describe a tool of yours by name and input_schema.',
    );
  }
  if (given(tool, 'defer_loading') === false) return toFunction({ ...tool, defer_loading: undefined }, at);
  refuseUnknown(tool, toolKeys, at);
  const description = given(tool, 'description');
  return {
    type: 'function',
    function: {
      name: textAt(tool['name'], `${at}.name`),
      ...(description === undefined ? {} : { description }),
      parameters: objectAt(tool['input_schema'], `${at}.input_schema`),
      ...(tool['strict'] === true ? { strict: true } : {}),
    },
  };
}

function toChoice(choice: JsonObject): string | JsonObject {
  switch (choice['type']) {
    case 'auto':
    case 'none':
      return choice['type'];
    case 'any':
      return 'required';
    case 'tool':
      return { type: 'function', function: { name: textAt(choice['name'], 'tool_choice.name') } };
    default:
      return refuseField('tool_choice.type', 'must be auto, any, tool or none.');
  }
}

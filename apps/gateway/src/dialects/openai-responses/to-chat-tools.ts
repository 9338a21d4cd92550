import { isGiven, listAt, objectAt, refuseField, textAt, type JsonObject } from '../openai-answers/refuse-field';

/** Tools of a response as those of a chat: functions only, for the others are run by OpenAI itself. */
export function toChatTools(tools: readonly JsonObject[]): JsonObject[] {
  return tools.map((tool, i) => {
    const at = `tools[${i}]`;
    if (tool['type'] !== 'function') {
      const why = 'is a tool that only models of OpenAI have; this model can be given tools of the type "function".';
      refuseField(at, `"${String(tool['type'])}" ${why}`);
    }
    const { type, name, description, parameters, strict, ...rest } = tool;
    for (const [field, value] of Object.entries(rest)) {
      if (isGiven(value) && value !== false) refuseField(`${at}.${field}`, 'cannot be translated for this model.');
    }
    return {
      type,
      function: {
        name: textAt(name, `${at}.name`),
        ...(isGiven(description) ? { description } : {}),
        ...(isGiven(parameters) ? { parameters } : {}),
        ...(isGiven(strict) ? { strict } : {}),
      },
    };
  });
}

/** Which tool is to be called. */
export function toToolChoice(choice: unknown): unknown {
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice;
  const { type, name, mode, tools } = objectAt(choice, 'tool_choice');
  if (type === 'function') return { type, function: { name: textAt(name, 'tool_choice.name') } };
  if (type === 'allowed_tools') {
    const allowed = listAt(tools, 'tool_choice.tools').map((tool, i) => toToolChoice(namedTool(tool, i)));
    return { type, allowed_tools: { mode, tools: allowed } };
  }
  return refuseField('tool_choice', `"${String(type)}" is a tool that this model does not have.`);
}

function namedTool(tool: unknown, i: number): JsonObject {
  const at = `tool_choice.tools[${i}]`;
  const named = objectAt(tool, at);
  return named['type'] === 'function' ? named : refuseField(at, 'has to be a function.');
}

/** The form of the answer; undefined for plain text. */
export function toResponseFormat(format: unknown): JsonObject | undefined {
  if (!isGiven(format)) return undefined;
  const { type, ...schema } = objectAt(format, 'text.format');
  if (type === 'text') return undefined;
  if (type === 'json_object') return { type };
  if (type === 'json_schema') return { type, json_schema: schema };
  return refuseField('text.format.type', 'has to be text, json_object or json_schema.');
}

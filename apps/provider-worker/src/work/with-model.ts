/** OpenAI's reasoning models refuse `max_tokens` (API reference of chat completions: "not compatible with o-series models"). */
const reasoningModel = /^(o\d|gpt-5)/;

/**
 * A request body for another model: every field as it was but the model's name, and the limit of tokens under the name that the model
 * takes. Undefined for a body that is no JSON object. Parsed only here, where a second model is asked.
 */
export function withModel(body: Buffer, upstreamModel: string): Buffer | undefined {
  const request = parsedObject(body);
  if (!request) return undefined;
  request['model'] = upstreamModel;
  if (reasoningModel.test(upstreamModel) && 'max_tokens' in request && !('max_completion_tokens' in request)) {
    request['max_completion_tokens'] = request['max_tokens'];
    delete request['max_tokens'];
  }
  return Buffer.from(JSON.stringify(request));
}

function parsedObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

import type { JsonObject } from '../openai-compatible/json-object';

/** The error that OpenAI's clients know for a prompt that is too long. */
export const overflowError = (theirWords: string): JsonObject => ({
  message: `This model's maximum context length is exceeded: ${theirWords}`,
  type: 'invalid_request_error',
  param: 'messages',
  code: 'context_length_exceeded',
});

import { limitFieldFor } from '../costlane/chat-body';
import type { JsonObject } from '../openai-answers/refuse-field';
import type { CompletionsRequest } from './parse-request';

/** What the API's reference has for `max_tokens` where it is not given. */
const USUAL_MAX_TOKENS = 16;

/** A request to the old completions API as a chat: the prompt is what the user says. The body names no model. */
export function toChatBody(request: CompletionsRequest, upstreamModel = ''): JsonObject {
  const {
    model: _model,
    prompt,
    max_tokens: limit,
    echo: _echo,
    best_of: _bestOf,
    stream_options: streamed,
    ...same
  } = request;
  return {
    ...same,
    messages: [{ role: 'user', content: prompt }],
    [limitFieldFor(upstreamModel)]: limit ?? USUAL_MAX_TOKENS,
    ...(request.stream ? { stream_options: { ...streamed, include_usage: true } } : {}),
  };
}

import { composeChatAnswer } from '../answer';
import type { ApiError } from '../api-error';
import type { Behaviour } from '../behaviour';
import type { JsonObject } from '../chat-request';
import type { Delivery } from '../deliver';
import type { MockState } from '../mock-state';
import { readCohereRequest } from './read-chat';
import { renderCohereChat, renderCohereEvents } from './render-chat';

const usualChunks = 20;
/** What thinking costs where the behaviour does not say. */
const usualThinkingTokens = 64;

/** Where Cohere's Chat API is. */
export const cohereChatPath = '/v2/chat';

export interface CohereChatPlan {
  directiveText: string;
  compose: (behaviour: Behaviour, echo: string | undefined) => Delivery;
}

/** Reads a request of Cohere's Chat API and says how to answer it, once the behaviour is known. */
export function planCohereChat(body: JsonObject, state: MockState): CohereChatPlan | ApiError {
  const read = readCohereRequest(body);
  if (!read.ok) return read.error;
  const { chat, isThinking } = read.value;
  const compose = (behaviour: Behaviour, echo: string | undefined): Delivery => {
    const reasoningTokens = isThinking ? (behaviour.reasoningTokens ?? usualThinkingTokens) : 0;
    // Cohere's cache needs no marks, as OpenAI's.
    const answer = composeChatAnswer(chat, { ...behaviour, reasoningTokens }, state.promptCache);
    if (!chat.options.isStream) return { kind: 'json', body: renderCohereChat(answer, echo) };
    return { kind: 'events', events: renderCohereEvents(answer, { chunks: behaviour.chunks ?? usualChunks, echo }) };
  };
  return { directiveText: chat.lastUserText, compose };
}

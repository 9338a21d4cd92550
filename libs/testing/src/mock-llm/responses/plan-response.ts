import { composeChatAnswer } from '../answer';
import type { ApiError } from '../api-error';
import type { Behaviour } from '../behaviour';
import type { JsonObject } from '../chat-request';
import type { Delivery } from '../deliver';
import type { MockState } from '../mock-state';
import { readResponsesRequest } from './read-responses';
import { newResponseId, renderResponse, renderResponseEvents } from './render-response';

export const responsesPath = '/v1/responses';
const usualChunks = 20;

export interface ResponsePlan {
  directiveText: string;
  compose: (behaviour: Behaviour, echo: string | undefined) => Delivery;
}

/** Reads a request to the Responses API and says how to answer it, once the behaviour is known. */
export function planResponse(body: JsonObject, state: MockState): ResponsePlan | ApiError {
  const read = readResponsesRequest(body);
  if (!read.ok) return read.error;
  const { chat, echoed } = read.value;
  const compose = (behaviour: Behaviour, echo: string | undefined): Delivery => {
    const answer = composeChatAnswer(chat, behaviour, state.promptCache);
    const response = { id: newResponseId(chat.prompt.seed), answer, echoed, echo };
    if (!chat.options.isStream) return { kind: 'json', body: renderResponse(response) };
    return { kind: 'events', events: renderResponseEvents(response, behaviour.chunks ?? usualChunks) };
  };
  return { directiveText: chat.lastUserText, compose };
}

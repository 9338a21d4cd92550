import { composeChatAnswer } from '../answer';
import type { ApiError } from '../api-error';
import type { Behaviour } from '../behaviour';
import type { JsonObject } from '../chat-request';
import type { Delivery } from '../deliver';
import type { MockState } from '../mock-state';
import { readGenerateRequest, type GenerateCall } from './read-generate';
import { renderGenerate, renderGenerateEvents } from './render-generate';

const usualChunks = 20;
/** What thinking costs where the behaviour does not say. */
const usualThinkingTokens = 64;

export interface GeneratePlan {
  directiveText: string;
  compose: (behaviour: Behaviour, echo: string | undefined) => Delivery;
}

/** Reads a generateContent request and says how to answer it, once the behaviour is known. */
export function planGenerate(call: GenerateCall, body: JsonObject, state: MockState): GeneratePlan | ApiError {
  const read = readGenerateRequest(call, body);
  if (!read.ok) return read.error;
  const { chat, isThinking, includesThoughts } = read.value;
  const compose = (behaviour: Behaviour, echo: string | undefined): Delivery => {
    const reasoningTokens = behaviour.reasoningTokens ?? (isThinking ? usualThinkingTokens : 0);
    // Gemini's implicit cache needs no marks, as OpenAI's.
    const answer = composeChatAnswer(chat, { ...behaviour, reasoningTokens }, state.promptCache);
    const generated = { answer, includesThoughts };
    if (!call.isStream) return { kind: 'json', body: renderGenerate(generated, echo) };
    const events = renderGenerateEvents(generated, { chunks: behaviour.chunks ?? usualChunks, echo });
    return { kind: 'events', events };
  };
  return { directiveText: chat.lastUserText, compose };
}

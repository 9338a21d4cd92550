import { composeChatAnswer, nextId } from '../answer';
import type { ApiError } from '../api-error';
import type { Behaviour } from '../behaviour';
import type { JsonObject } from '../chat-request';
import type { Delivery } from '../deliver';
import type { MockState } from '../mock-state';
import { PromptCache } from '../prompt-cache';
import type { CacheUse } from './marked-cache';
import { readMessagesRequest, type MessagesRequest } from './read-messages';
import { renderMessage, renderMessageEvents, type MessageAnswer } from './render-message';

const usualChunks = 20;
/** What thinking costs where the behaviour does not say. */
const usualThinkingTokens = 64;

export interface MessagePlan {
  directiveText: string;
  compose: (behaviour: Behaviour, echo: string | undefined) => Delivery;
}

/** Reads a Messages API request and says how to answer it, once the behaviour is known. */
export function planMessage(body: JsonObject, state: MockState): MessagePlan | ApiError {
  const read = readMessagesRequest(body);
  if (!read.ok) return read.error;
  const request = read.value;
  const compose = (behaviour: Behaviour, echo: string | undefined): Delivery => {
    const message = composeMessage(request, behaviour, state);
    if (!request.chat.options.isStream) return { kind: 'json', body: renderMessage(message, echo) };
    const events = renderMessageEvents(message, { chunks: behaviour.chunks ?? usualChunks, echo });
    return { kind: 'events', events };
  };
  return { directiveText: request.chat.lastUserText, compose };
}

function composeMessage(request: MessagesRequest, behaviour: Behaviour, state: MockState): MessageAnswer {
  const { chat, blocks, isThinking } = request;
  const reasoningTokens = isThinking ? (behaviour.reasoningTokens ?? usualThinkingTokens) : 0;
  // OpenAI's cache, which needs no marks, is not Anthropic's: this one is thrown away.
  const answer = composeChatAnswer(chat, { ...behaviour, reasoningTokens }, new PromptCache(1));
  const cache = state.markedCache.use(blocks, Date.now());
  return {
    id: nextId('msg_', chat.prompt.seed),
    answer,
    cache: overridden(cache, behaviour),
    stopSequence: findStop(request, behaviour, answer.choices[0]?.text ?? ''),
  };
}

function overridden(cache: CacheUse, { cachedTokens, cacheWriteTokens }: Behaviour): CacheUse {
  return {
    ...cache,
    readTokens: cachedTokens ?? cache.readTokens,
    shortWriteTokens: cacheWriteTokens ?? cache.shortWriteTokens,
  };
}

/** The stop sequence at which the answer was cut, when it was: the text without stops goes on with it. */
function findStop({ chat }: MessagesRequest, behaviour: Behaviour, text: string): string | undefined {
  const { stops } = chat.options;
  if (stops.length === 0 || chat.tool) return undefined;
  const unstopped = { ...chat, options: { ...chat.options, stops: [] } };
  const full = composeChatAnswer(unstopped, behaviour, new PromptCache(1)).choices[0]?.text ?? '';
  return stops.find((stop) => full.startsWith(text + stop));
}

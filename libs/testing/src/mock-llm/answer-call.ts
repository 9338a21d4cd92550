import { composeChatAnswer } from './answer';
import { planMessage } from './anthropic/plan-message';
import { invalidRequest, type ApiError } from './api-error';
import { findDirective, parseDirective, type Behaviour, type ParsedBehaviour } from './behaviour';
import { isObject, readChatRequest, type JsonObject } from './chat-request';
import { cohereChatPath, planCohereChat } from './cohere/plan-chat';
import { deliver, type Delivery } from './deliver';
import { readEmbeddingRequest, renderEmbeddings } from './embedding';
import type { Exchange } from './exchange';
import { planGenerate } from './google/plan-generate';
import { generateCallOf, type GeneratePath } from './google/read-generate';
import type { MockState } from './mock-state';
import { renderChat, renderChatEvents } from './render-chat';
import { planResponse, responsesPath } from './responses/plan-response';
import { composeCompletion, readCompletionRequest, renderCompletion, renderCompletionEvents } from './text-completion';

const usualChunks = 20;

export const modelPaths = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/messages',
  cohereChatPath,
  responsesPath,
] as const;
export type ModelPath = (typeof modelPaths)[number] | GeneratePath;

/** A request that was read: where a directive may stand, and how to make the answer once the behaviour is known. */
export interface Plan {
  directiveText: string;
  /** A directive beside the prompt, of which nobody on the way takes it for a part. */
  metadataDirective?: string;
  compose: (behaviour: Behaviour, echo: string | undefined) => Delivery;
}

export interface Call {
  exchange: Exchange;
  path: ModelPath;
  bodyText: string;
  /** The `x-mock` header. */
  mockHeader: string | undefined;
  /** The `x-mock-echo` header. */
  wantsEcho: boolean;
}

/** Answers one call to a model: reads the body, settles the behaviour, waits, and sends the answer or the failure. */
export function answerCall(call: Call, state: MockState): void {
  const { exchange, bodyText } = call;
  const body = parseJson(bodyText);
  if (!isObject(body)) {
    const message = 'We could not parse the JSON body of your request. The API expects a JSON object.';
    exchange.sendError(invalidRequest(message, null));
    return;
  }
  const plan = planAnswer(call.path, body, state);
  if (!('compose' in plan)) {
    exchange.sendError(plan);
    return;
  }
  const settled = settleBehaviour(call, plan, modelOf(call.path, body), state);
  if (!settled.ok) {
    exchange.sendError(invalidRequest(`x-mock: ${settled.message}`, null, 'invalid_mock_directive'));
    return;
  }
  const behaviour = settled.value;
  const { failure, latencyMs } = state.drawCourse(behaviour, exchange.bodyHash);
  if (failure?.kind === 'hang') return;
  exchange.after(latencyMs, () => {
    if (failure?.kind === 'status') exchange.sendError(failure.error, failure.retryAfterSeconds);
    else deliver(exchange, plan.compose(behaviour, behaviour.echo ? bodyText : undefined), behaviour, failure);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The model that a call is for: Google's have it in their path. */
const modelOf = (path: ModelPath, { model }: JsonObject): string =>
  typeof model === 'string' ? model : (generateCallOf(path)?.model ?? '');

function settleBehaviour(call: Call, plan: Plan, model: string, state: MockState): ParsedBehaviour {
  const directive = findDirective(plan.directiveText);
  const { metadataDirective } = plan;
  if (call.mockHeader === undefined && metadataDirective === undefined && directive === undefined && !call.wantsEcho) {
    return { ok: true, value: state.usualBehaviourOf(model) };
  }
  const fromHeader = parseDirective(call.mockHeader ?? '');
  if (!fromHeader.ok) return fromHeader;
  const fromMetadata = parseDirective(metadataDirective ?? '');
  if (!fromMetadata.ok) return fromMetadata;
  const fromBody = parseDirective(directive ?? '');
  if (!fromBody.ok) return fromBody;
  const echo: Behaviour = call.wantsEcho ? { echo: true } : {};
  return { ok: true, value: state.behaviourFor(model, [fromHeader.value, fromMetadata.value, fromBody.value, echo]) };
}

/** Reads a request to a model. */
export function planAnswer(path: ModelPath, body: JsonObject, state: MockState): Plan | ApiError {
  if (path === '/v1/chat/completions') return planChat(body, state);
  if (path === '/v1/messages') return planMessage(body, state);
  if (path === responsesPath) return planResponse(body, state);
  if (path === cohereChatPath) return planCohereChat(body, state);
  const generateCall = generateCallOf(path);
  if (generateCall) return planGenerate(generateCall, body, state);
  return path === '/v1/completions' ? planCompletion(body) : planEmbedding(body);
}

function planChat(body: JsonObject, state: MockState): Plan | ApiError {
  const read = readChatRequest(body);
  if (!read.ok) return read.error;
  const request = read.value;
  const compose = (behaviour: Behaviour, echo: string | undefined): Delivery => {
    const answer = composeChatAnswer(request, behaviour, state.promptCache);
    if (!request.options.isStream) return { kind: 'json', body: renderChat(answer, echo) };
    const options = { chunks: behaviour.chunks ?? usualChunks, includeUsage: request.options.includeUsage, echo };
    return { kind: 'events', events: renderChatEvents(answer, options) };
  };
  return { directiveText: request.lastUserText, metadataDirective: metadataDirectiveOf(body), compose };
}

/** OpenAI's `metadata` says nothing to a model: caches and routers may pass it on, and do not go by it. */
function metadataDirectiveOf({ metadata }: JsonObject): string | undefined {
  const directive = isObject(metadata) ? metadata['mock'] : undefined;
  return typeof directive === 'string' ? directive : undefined;
}

function planCompletion(body: JsonObject): Plan | ApiError {
  const read = readCompletionRequest(body);
  if (!read.ok) return read.error;
  const request = read.value;
  const compose = (behaviour: Behaviour, echo: string | undefined): Delivery => {
    const answer = composeCompletion(request, behaviour);
    if (!request.options.isStream) return { kind: 'json', body: renderCompletion(answer, echo) };
    const options = { chunks: behaviour.chunks ?? usualChunks, includeUsage: request.options.includeUsage, echo };
    return { kind: 'events', events: renderCompletionEvents(answer, options) };
  };
  return { directiveText: request.prompts.at(-1) ?? '', compose };
}

function planEmbedding(body: JsonObject): Plan | ApiError {
  const read = readEmbeddingRequest(body);
  if (!read.ok) return read.error;
  const compose = (behaviour: Behaviour, echo: string | undefined): Delivery => {
    return { kind: 'json', body: renderEmbeddings(read.value, behaviour.promptTokens, echo) };
  };
  return { directiveText: read.value.inputs.at(-1) ?? '', compose };
}

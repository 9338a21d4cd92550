import type { IncomingHttpHeaders } from 'node:http';
import { redactChat, type Redactor } from '@costlane/data-policy';
import type { NormalizationMode } from '@costlane/domain';
import type { AnswerEnd } from '../core/answer';
import type { Inference } from '../core/inference';
import type { Caller, InferenceRequest } from '../core/inference-request';
import { restoringListener } from '../core/routing/restoring-listener';
import type { RoutePlanner } from '../core/routing/route-planner';
import { chatBody, limitFieldFor } from '../dialects/costlane/chat-body';
import { ReplyListener, type ReplySink } from '../dialects/costlane/reply-listener';
import type { InferenceInput } from '../dialects/costlane/request-schema';
import { answerNeeds } from '../dialects/openai-chat/answer-needs';
import { createBodyIndex } from '../dialects/openai-chat/body-index';
import { upstreamBody } from '../dialects/openai-chat/upstream-body';
import type { RequestObserver } from '../observe/request-observer';
import { buildRequest } from './build-request';
import { chatInspector } from './chat-door';
import { requireKind } from './model-door';
import { controlsFromHeaders, requireAwaitable, traceparentOf, type RequestControls } from './request-controls';
import { withClaims } from './tenant-of';

export interface AskDeps {
  inference: Inference;
  observer: RequestObserver;
  defaults: RequestControls;
  isKeyRequired: boolean;
  planner: RoutePlanner;
  /** Which differences between prompts count for nothing. */
  normalize?: NormalizationMode;
}

/** A request of our own contract, whichever door it came in by. */
export interface Question {
  requestId: string;
  /** The door, for records and metrics. */
  endpoint: string;
  caller: Caller;
  /** HTTP headers or gRPC metadata: they steer what the fields leave open. */
  headers: IncomingHttpHeaders;
  input: InferenceInput;
  isStreamed: boolean;
  /** The transport's own deadline, epoch milliseconds, where it has one. */
  deadlineAtMs?: number;
}

/** Asks, and gives how to leave before the answer is complete. Throws what is wrong with the question. */
export type Ask = (question: Question, sink: (request: InferenceRequest) => ReplySink) => () => void;

/** The way of our own doors into the gateway: the question goes on as a chat completion and shares the cache with that door. */
export function createAsk({ inference, observer, defaults, isKeyRequired, normalize, planner }: AskDeps): Ask {
  const indexBody = createBodyIndex(normalize);
  return (question, sinkFor) => {
    const { input, headers, isStreamed } = question;
    const caller = withClaims(question.caller, input.metadata, isKeyRequired);
    const controls = controlsOf(input, controlsFromHeaders(headers, defaults));
    const untilMs = question.deadlineAtMs === undefined ? Infinity : question.deadlineAtMs - Date.now();
    requireAwaitable(Math.min(controls.deadlineMs, untilMs), isStreamed);
    const { tenantId } = caller;
    const asked = chatBody(input, isStreamed);
    const bodyAsked = indexBody(tenantId, asked);
    const sensitive = planner.guard.check(tenantId, bodyAsked.bodyHash, asked, chatInspector);
    const redaction = sensitive?.action === 'redact' ? redactInput(input) : undefined;
    const sent = redaction?.input ?? input;
    const raw = redaction ? chatBody(sent, isStreamed) : asked;
    const body = redaction ? indexBody(tenantId, raw) : bodyAsked;
    const features = planner.featuresOf({
      controls,
      caller,
      modelAsked: input.preferred_model,
      bodyHash: body.bodyHash,
      sensitive,
      chatForm: () => raw,
    });
    const decision = inference.route(features);
    requireKind(decision.model, 'chat');
    const request = buildRequest({
      requestId: question.requestId,
      caller,
      endpoint: question.endpoint,
      dialect: 'openai.chat',
      modelAsked: input.preferred_model ?? '',
      stream: isStreamed,
      fingerprint: body.fingerprintFor(decision.cacheModel),
      upstreamBody: (upstreamModel) =>
        upstreamBody(chatBody(sent, isStreamed, limitFieldFor(upstreamModel)), body, upstreamModel),
      needs: () => answerNeeds(raw),
      createdAtMs: Date.now(),
      deadlineAtMs: question.deadlineAtMs,
      controls,
      bodyHash: bodyAsked.bodyHash,
      sensitive,
      isRedacted: redaction !== undefined,
      features,
      decision,
      planner,
    });
    const observed = observer.begin(request, decision, traceparentOf(headers));
    let isDone = false;
    const onDone = (end: AnswerEnd): void => {
      isDone = true;
      observed.end(end);
    };
    let leave: () => void;
    try {
      const rendering = new ReplyListener(request, decision, sinkFor(request), onDone);
      leave = inference.answer(
        request,
        decision,
        redaction ? restoringListener(rendering, redaction.redactor) : rendering,
      );
    } catch (error) {
      observed.broke(error);
      throw error;
    }
    return () => {
      if (isDone) return;
      isDone = true;
      leave();
      observed.left();
    };
  };
}

/** What the request's fields say goes before what its headers say. */
export function controlsOf(input: InferenceInput, fromHeaders: RequestControls): RequestControls {
  const { metadata } = input;
  return {
    ...fromHeaders,
    // A deployment or a header that forbids the cache is not overruled.
    useCache: fromHeaders.useCache && input.use_cache !== false,
    useSemanticCache: fromHeaders.useSemanticCache && input.semantic_cache !== false,
    minSimilarity: input.min_similarity ?? fromHeaders.minSimilarity,
    cacheTtlSeconds: input.cache_ttl_seconds ?? fromHeaders.cacheTtlSeconds,
    priority: input.priority ?? fromHeaders.priority,
    isDeadlineExplicit: fromHeaders.isDeadlineExplicit === true || input.deadline_ms !== undefined,
    deadlineMs: input.deadline_ms ?? fromHeaders.deadlineMs,
    idempotencyKey: input.idempotency_key ?? fromHeaders.idempotencyKey,
    featureName: metadata?.feature_name ?? fromHeaders.featureName,
    experimentId: metadata?.experiment_id ?? fromHeaders.experimentId,
    quality: input.quality ?? fromHeaders.quality,
    taskType: input.task_type ?? fromHeaders.taskType,
  };
}

/** The question without the values that must not get out: its prompt or its messages, which are in the form of chat completions. */
function redactInput(input: InferenceInput): { input: InferenceInput; redactor: Redactor } {
  const { prompt, messages, ...rest } = input;
  const { body, redactor } = redactChat(messages ? { messages } : { messages: [{ role: 'user', content: prompt }] });
  return { input: { ...rest, messages: body.messages as InferenceInput['messages'] }, redactor };
}

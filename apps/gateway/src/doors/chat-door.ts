import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { NormalizationMode } from '@costlane/domain';
import { toOpenAiError } from '@costlane/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Inference } from '../core/inference';
import type { Caller, InferenceRequest } from '../core/inference-request';
import { answerNeeds } from '../dialects/openai-chat/answer-needs';
import { createBodyIndex } from '../dialects/openai-chat/body-index';
import { ChatHttpListener } from '../dialects/openai-chat/http-listener';
import { upstreamBody } from '../dialects/openai-chat/upstream-body';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import { controlsFromHeaders, traceparentOf, type RequestControls } from './request-controls';

export interface ChatDoorDeps {
  inference: Inference;
  admission: Admission;
  defaults: RequestControls;
  observer: RequestObserver;
  bodyLimitBytes: number;
  /** Which differences between prompts count for nothing. */
  normalize?: NormalizationMode;
}

const ENDPOINT = '/v1/chat/completions';
const EMPTY = Buffer.alloc(0);

/**
 * OpenAI's chat completions. The hot route: registered on Fastify itself, the body stays bytes, and the answer is written to the raw
 * response.
 */
export function registerChatDoor(fastify: FastifyInstance, deps: ChatDoorDeps): void {
  const indexBody = createBodyIndex(deps.normalize);

  const handle = (caller: Caller, request: FastifyRequest, response: ServerResponse): void => {
    // A request without a body and its type comes here without one.
    const raw = (request.body as Buffer | undefined) ?? EMPTY;
    const createdAtMs = Date.now();
    const body = indexBody(caller.tenantId, raw);
    const controls = controlsFromHeaders(request.headers, deps.defaults);
    const decision = deps.inference.route({ modelAsked: body.model });
    const inferenceRequest: InferenceRequest = {
      requestId: newRequestId(),
      caller:
        controls.userId !== undefined && caller.userId === undefined ? { ...caller, userId: controls.userId } : caller,
      endpoint: ENDPOINT,
      dialect: 'openai.chat',
      modelAsked: body.model ?? '',
      stream: body.stream,
      fingerprint: body.fingerprintFor(decision.model.name),
      upstreamBody: (upstreamModel) => upstreamBody(raw, body, upstreamModel),
      useCache: controls.useCache,
      needs: () => answerNeeds(raw),
      useSemanticCache: controls.useSemanticCache,
      minSimilarity: controls.minSimilarity,
      cacheTtlSeconds: controls.cacheTtlSeconds,
      cacheTag: controls.cacheTag,
      priority: controls.priority,
      createdAtMs,
      deadlineAtMs: createdAtMs + controls.deadlineMs,
      idempotency:
        controls.idempotencyKey === undefined
          ? undefined
          : { keyHash: sha256(controls.idempotencyKey), bodyHash: body.bodyHash },
      featureName: controls.featureName,
      experimentId: controls.experimentId,
      traceparent: undefined,
    };
    const observed = deps.observer.begin(inferenceRequest, decision, traceparentOf(request.headers));
    const listener = new ChatHttpListener(response, inferenceRequest, body.includeUsage, observed.end);
    let leave: () => void;
    try {
      leave = deps.inference.answer(inferenceRequest, decision, listener);
    } catch (error) {
      observed.broke(error);
      throw error;
    }
    if (!response.writableEnded) {
      response.on('close', () => {
        if (response.writableFinished) return;
        leave();
        observed.left();
      });
    }
  };

  fastify.route({
    method: 'POST',
    url: ENDPOINT,
    bodyLimit: deps.bodyLimitBytes,
    handler(request: FastifyRequest, reply: FastifyReply) {
      reply.hijack();
      const response = reply.raw;
      try {
        const caller = deps.admission.admit(request.headers);
        if (caller instanceof Promise) {
          caller
            .then((admitted) => handle(admitted, request, response))
            .catch((error: unknown) => refuse(deps, request, response, error));
        } else handle(caller, request, response);
      } catch (error) {
        refuse(deps, request, response, error);
      }
    },
  });
}

/** Answers a request that did not get as far as being asked, in OpenAI's shape. */
function refuse(
  deps: ChatDoorDeps,
  { headers: asked }: FastifyRequest,
  response: ServerResponse,
  error: unknown,
): void {
  const { status, headers, body } = toOpenAiError(error);
  deps.observer.refused(ENDPOINT, body.error.code, error, traceparentOf(asked));
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  const all = [
    'x-request-id',
    newRequestId(),
    'content-type',
    'application/json',
    'content-length',
    String(bytes.length),
  ];
  for (const [name, value] of Object.entries(headers)) all.push(name, value);
  response.writeHead(status, all);
  response.end(bytes);
}

export const newRequestId = (): string => `req_${randomUUID()}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

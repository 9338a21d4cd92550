import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { CostlaneError, type NormalizationMode, type PolicyModel, type RouteDecision } from '@costlane/domain';
import { newRequestId } from '@costlane/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerEnd, AnswerListener } from '../core/answer';
import type { Inference } from '../core/inference';
import type { Redactor } from '@costlane/data-policy';
import type { BodyInspector } from '../core/routing/data-guard';
import { restoringListener } from '../core/routing/restoring-listener';
import type { RoutePlanner } from '../core/routing/route-planner';
import type { Caller, InferenceRequest } from '../core/inference-request';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import { buildRequest } from './build-request';
import type { Deferral } from './defer-call';
import { controlsFromHeaders, requireAwaitable, traceparentOf, type RequestControls } from './request-controls';

export type ModelKind = NonNullable<PolicyModel['kind']>;

export interface ModelDoorDeps {
  inference: Inference;
  admission: Admission;
  defaults: RequestControls;
  observer: RequestObserver;
  bodyLimitBytes: number;
  planner: RoutePlanner;
  /** Absent: every call is made while its caller waits. */
  deferral?: Deferral;
  /** How requests are called; absent: each gets a name of its own. */
  requestIdOf?: (request: FastifyRequest) => string;
  /** Which differences between prompts count for nothing. */
  normalize?: NormalizationMode;
}

/** What every door has to know of a body, whatever its dialect. */
export interface DoorBody {
  /** As written; undefined when absent. */
  model: string | undefined;
  stream: boolean;
  /** Of the bytes as they came: one idempotency key stands for one body. */
  bodyHash: string;
}

/** What a dialect makes of a body once its model is known. */
export type DoorQuestion = Pick<InferenceRequest, 'dialect' | 'fingerprint' | 'upstreamBody' | 'needs'> & {
  /** False: only the answer to the very same request will do. Absent: as the caller steers it. */
  mayUseSemanticCache?: boolean;
};

/** An error in a dialect's own words. */
export interface DoorRefusal {
  status: number;
  headers: Record<string, string>;
  body: object;
  /** For metrics. */
  code: string;
}

/** A wire dialect that is asked by `POST` and has its answer written to the raw response. */
export interface DoorDialect<B extends DoorBody> {
  endpoint: string;
  /** Which of the policy's models it asks. */
  modelKind: ModelKind;
  /** How personal data and secrets are found in a body of it. */
  inspector: BodyInspector;
  /** The body as a chat request, for the choice of a model; undefined for a dialect that is no chat. */
  chatForm?(body: B, raw: Buffer): Buffer;
  /** Absent: every model of the kind takes every body. */
  canServe?(body: B, raw: Buffer, model: PolicyModel): boolean;
  /** Reads and checks a body, which is empty where none came. Throws what is wrong with it. */
  read(tenantId: string, raw: Buffer, headers: IncomingHttpHeaders): B;
  /**
   * Throws what the chosen model cannot be asked. `mustTranslate`: the answer has to come in the chat dialect, for values are put back into it.
   */
  question(body: B, raw: Buffer, decision: RouteDecision, mustTranslate: boolean): DoorQuestion;
  /** Writes the answer. `onDone` has to be called once, with the end of the answer as it was told. */
  listener(
    response: ServerResponse,
    request: InferenceRequest,
    body: B,
    onDone: (end: AnswerEnd) => void,
  ): AnswerListener;
  refusal(error: unknown, requestId: string): DoorRefusal;
}

interface Asking<B> {
  request: FastifyRequest;
  response: ServerResponse;
  body: B;
  redactor: Redactor | undefined;
}

const EMPTY = Buffer.alloc(0);

/**
 * What all doors of model dialects have in common: admission, the headers that steer a request, the route, the record of what was asked,
 * refusals, and the client that leaves. A hot route: registered on Fastify itself, the body stays bytes, and the answer is
 * written to the raw response.
 */
export function registerModelDoor<B extends DoorBody>(
  fastify: FastifyInstance,
  deps: ModelDoorDeps,
  dialect: DoorDialect<B>,
): void {
  const { requestIdOf = newRequestId } = deps;
  const handle = (caller: Caller, request: FastifyRequest, response: ServerResponse): void => {
    // A request without a body and its type comes here without one.
    const asked = (request.body as Buffer | undefined) ?? EMPTY;
    const createdAtMs = Date.now();
    const controls = controlsFromHeaders(request.headers, deps.defaults);
    const { tenantId } = caller;
    const bodyAsked = dialect.read(tenantId, asked, request.headers);
    const sensitive = deps.planner.guard.check(tenantId, bodyAsked.bodyHash, asked, dialect.inspector);
    const { raw, redactor } = sensitive?.action === 'redact' ? redacted(asked, dialect.inspector) : { raw: asked };
    const body = redactor ? dialect.read(tenantId, raw, request.headers) : bodyAsked;
    const features = deps.planner.featuresOf({
      controls,
      caller,
      modelAsked: body.model,
      bodyHash: body.bodyHash,
      sensitive,
      chatForm: dialect.chatForm && (() => dialect.chatForm?.(body, raw) ?? raw),
      canServe: dialect.canServe && ((model) => dialect.canServe?.(body, raw, model) ?? true),
    });
    const decision = deps.inference.route(features);
    requireKind(decision.model, dialect.modelKind);
    const question = dialect.question(body, raw, decision, redactor !== undefined);
    const inferenceRequest = buildRequest({
      requestId: requestIdOf(request),
      caller,
      endpoint: dialect.endpoint,
      dialect: question.dialect,
      modelAsked: body.model ?? '',
      stream: body.stream,
      fingerprint: question.fingerprint,
      upstreamBody: question.upstreamBody,
      needs: question.needs,
      mayUseSemanticCache: question.mayUseSemanticCache,
      createdAtMs,
      controls,
      bodyHash: bodyAsked.bodyHash,
      sensitive,
      isRedacted: redactor !== undefined,
      features,
      decision,
      planner: deps.planner,
    });
    const askNow = (): void => {
      requireAwaitable(controls.deadlineMs, body.stream);
      ask(inferenceRequest, decision, { request, response, body, redactor });
    };
    const { deferral } = deps;
    if (controls.isDeadlineExplicit && deferral) {
      const { headers } = request;
      const refused = (error: unknown): void => refuse(request, response, error);
      const call = { caller, endpoint: dialect.endpoint, headers, body: asked, controls, isStreamed: body.stream };
      if (deferral.take({ ...call, response, askNow, refuse: refused })) return;
    }
    askNow();
  };

  const ask = (
    inferenceRequest: InferenceRequest,
    decision: RouteDecision,
    { request, response, body, redactor }: Asking<B>,
  ): void => {
    const observed = deps.observer.begin(inferenceRequest, decision, traceparentOf(request.headers));
    const rendering = dialect.listener(response, inferenceRequest, body, observed.end);
    const listener = redactor ? restoringListener(rendering, redactor) : rendering;
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

  /** Answers a request that did not get as far as being asked. */
  const refuse = (request: FastifyRequest, response: ServerResponse, error: unknown): void => {
    const requestId = requestIdOf(request);
    const { status, headers, body, code } = dialect.refusal(error, requestId);
    deps.observer.refused(dialect.endpoint, code, error, traceparentOf(request.headers));
    if (response.headersSent || response.destroyed) return;
    const bytes = Buffer.from(JSON.stringify(body));
    const all = ['x-request-id', requestId, 'content-type', 'application/json'];
    all.push('content-length', String(bytes.length));
    for (const [name, value] of Object.entries(headers)) all.push(name, value);
    response.writeHead(status, all);
    response.end(bytes);
  };

  fastify.route({
    method: 'POST',
    url: dialect.endpoint,
    bodyLimit: deps.bodyLimitBytes,
    handler(request: FastifyRequest, reply: FastifyReply) {
      reply.hijack();
      const response = reply.raw;
      try {
        const caller = deps.admission.admit(request.headers);
        if (caller instanceof Promise) {
          caller
            .then((admitted) => handle(admitted, request, response))
            .catch((error: unknown) => refuse(request, response, error));
        } else handle(caller, request, response);
      } catch (error) {
        refuse(request, response, error);
      }
    },
  });
}

/** A body without the values that must not get out, and what puts them back into the answer. */
function redacted(asked: Buffer, { redact }: BodyInspector): { raw: Buffer; redactor: Redactor } {
  const { body, redactor } = redact(JSON.parse(asked.toString('utf8')) as object);
  return { raw: Buffer.from(JSON.stringify(body)), redactor };
}

const kindNames = { chat: 'a chat model', embedding: 'an embedding model' } as const;
const kindDoors = {
  chat: '/v1/chat/completions, /v1/responses or /v1/messages',
  embedding: '/v1/embeddings',
} as const;

/** @throws CostlaneError `invalid_request` when the chosen model does something else than what it is asked for. */
export function requireKind({ name, kind = 'chat' }: PolicyModel, wanted: ModelKind): void {
  if (kind === wanted) return;
  const message =
    `The model "${name}" is ${kindNames[kind]}, to be asked at ${kindDoors[kind]}; name ${kindNames[wanted]} here. ` +
    'GET /v1/models lists the models that can be used.';
  throw new CostlaneError('invalid_request', message, { field: 'model' });
}

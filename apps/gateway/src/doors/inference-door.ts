import type { ServerResponse } from 'node:http';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller, InferenceRequest } from '../core/inference-request';
import { readInference } from '../dialects/costlane/read-request';
import type { InferenceInput } from '../dialects/costlane/request-schema';
import type { ReplySink } from '../dialects/costlane/reply-listener';
import { parseJson } from '../dialects/openai-chat/parse-request';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import { answerHeaders, budgetHeader, openingHeaders, requestHeaders } from './answer-headers';
import { controlsOf, type Ask } from './ask';
import type { Deferral } from './defer-call';
import { errorEvent } from './error-event';
import { controlsFromHeaders, traceparentOf, type RequestControls } from './request-controls';
import { SseSink } from './sse-sink';
import { withClaims } from './tenant-of';
import { writeJson, writeRefusal } from './write-reply';

export interface InferenceDoorDeps {
  ask: Ask;
  admission: Admission;
  observer: RequestObserver;
  bodyLimitBytes: number;
  defaults: RequestControls;
  isKeyRequired: boolean;
  /** Absent: every call is made while its caller waits. */
  deferral?: Deferral;
}

const ROUTES = ['/v1/inference', '/chat'] as const;
const EMPTY = Buffer.alloc(0);

/** `POST /v1/inference` and `POST /chat`: one contract, answered in the envelope, or with `stream` as server-sent events. */
export function registerInferenceDoor(fastify: FastifyInstance, deps: InferenceDoorDeps): void {
  for (const url of ROUTES) {
    fastify.route({
      method: 'POST',
      url,
      bodyLimit: deps.bodyLimitBytes,
      handler(request, reply) {
        reply.hijack();
        void answer(deps, url, request, reply.raw);
      },
    });
  }
}

async function answer(
  deps: InferenceDoorDeps,
  endpoint: string,
  request: FastifyRequest,
  response: ServerResponse,
): Promise<void> {
  const requestId = request.id;
  try {
    const caller: Caller = await deps.admission.admit(request.headers);
    const input = readInference(parseJson((request.body as Buffer | undefined) ?? EMPTY));
    const isStreamed = input.stream === true;
    const { headers } = request;
    const askNow = (): void => {
      const leave = deps.ask({ requestId, endpoint, caller, headers, input, isStreamed }, (asked) =>
        isStreamed ? new SseSink(response, asked) : documentSink(response, asked),
      );
      // A client may have gone while its key was looked up; then no event comes any more.
      if (response.destroyed) leave();
      else response.on('close', leave);
    };
    if (!defer(deps, { endpoint, caller, request, response, input, askNow })) askNow();
  } catch (error) {
    refuse(deps, endpoint, request, response, error);
  }
}

function refuse(
  { observer }: InferenceDoorDeps,
  endpoint: string,
  { id, headers }: FastifyRequest,
  response: ServerResponse,
  error: unknown,
): void {
  observer.refused(endpoint, errorEvent(error).code, error, traceparentOf(headers));
  writeRefusal(response, ['x-request-id', id], error);
}

/** True: the caller has time, and the call is on its way with others. */
function defer(
  deps: InferenceDoorDeps,
  asked: {
    endpoint: string;
    caller: Caller;
    request: FastifyRequest;
    response: ServerResponse;
    input: InferenceInput;
    askNow: () => void;
  },
): boolean {
  const { endpoint, caller, request, response, input, askNow } = asked;
  const { headers } = request;
  const isTimed = input.deadline_ms !== undefined || headers['x-costlane-deadline-ms'] !== undefined;
  if (!deps.deferral || !isTimed) return false;
  const { deadline_ms: _deadline, idempotency_key: _key, ...rest } = input;
  return deps.deferral.take({
    caller: withClaims(caller, input.metadata, deps.isKeyRequired),
    endpoint,
    headers,
    body: Buffer.from(JSON.stringify(rest)),
    controls: controlsOf(input, controlsFromHeaders(headers, deps.defaults)),
    isStreamed: input.stream === true,
    response,
    askNow,
    refuse: (error) => refuse(deps, endpoint, request, response, error),
  });
}

/** One document in the envelope, whatever form the answer came in. */
function documentSink(response: ServerResponse, request: InferenceRequest): ReplySink {
  const { requestId } = request;
  return {
    begin: () => undefined,
    delta: () => undefined,
    done: (reply, end) => {
      const headers = [...answerHeaders(requestId, end), ...requestHeaders(request)];
      writeJson(response, 200, headers, successEnvelope(reply));
    },
    fail(error, end) {
      const headers = openingHeaders(requestId, end.tier, end.header, end.decision);
      writeRefusal(response, [...headers, ...budgetHeader(request)], error);
    },
  };
}

import type { ServerResponse } from 'node:http';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller, InferenceRequest } from '../core/inference-request';
import { readInference } from '../dialects/costlane/read-request';
import type { ReplySink } from '../dialects/costlane/reply-listener';
import { parseJson } from '../dialects/openai-chat/parse-request';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import { answerHeaders, cacheKeyHeader, openingHeaders } from './answer-headers';
import type { Ask } from './ask';
import { errorEvent } from './error-event';
import { traceparentOf } from './request-controls';
import { SseSink } from './sse-sink';
import { writeJson, writeRefusal } from './write-reply';

export interface InferenceDoorDeps {
  ask: Ask;
  admission: Admission;
  observer: RequestObserver;
  bodyLimitBytes: number;
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
    const leave = deps.ask({ requestId, endpoint, caller, headers, input, isStreamed }, (asked) =>
      isStreamed ? new SseSink(response, asked) : documentSink(response, asked),
    );
    // A client may have gone while its key was looked up; then no event comes any more.
    if (response.destroyed) leave();
    else response.on('close', leave);
  } catch (error) {
    deps.observer.refused(endpoint, errorEvent(error).code, error, traceparentOf(request.headers));
    writeRefusal(response, ['x-request-id', requestId], error);
  }
}

/** One document in the envelope, whatever form the answer came in. */
function documentSink(response: ServerResponse, request: InferenceRequest): ReplySink {
  const { requestId } = request;
  return {
    begin: () => undefined,
    delta: () => undefined,
    done: (reply, end) => {
      const headers = [...answerHeaders(requestId, end), ...cacheKeyHeader(request)];
      writeJson(response, 200, headers, successEnvelope(reply));
    },
    fail: (error, end) => writeRefusal(response, openingHeaders(requestId, end.tier, end.header, end.decision), error),
  };
}

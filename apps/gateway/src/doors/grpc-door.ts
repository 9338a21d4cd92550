import type { CompleteReply, CompleteRequest, InferenceServiceServer, StreamEvent } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { grpcError, newRequestId } from '@costlane/platform';
import { Metadata, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import type { AnswerEnd } from '../core/answer';
import type { InferenceRequest } from '../core/inference-request';
import type { ReplySink } from '../dialects/costlane/reply-listener';
import type { RequestObserver } from '../observe/request-observer';
import type { Admission } from './admission';
import { answerHeaders, budgetHeader } from './answer-headers';
import type { Ask } from './ask';
import { errorEvent } from './error-event';
import { callFailure, headersOf } from './grpc-call';
import { readCompleteRequest, toCompleteReply } from './grpc-convert';
import { createGrpcJobsDoor, type GrpcJobDeps } from './grpc-jobs-door';
import { traceparentOf } from './request-controls';

export interface GrpcDoorDeps extends GrpcJobDeps {
  ask: Ask;
  admission: Admission;
  observer: RequestObserver;
}

type Call = ServerUnaryCall<CompleteRequest, CompleteReply> | ServerWritableStream<CompleteRequest, StreamEvent>;
/** Events waiting for a client that reads slower than this far behind: it is cut off. */
const SLOW_CLIENT_MAX_EVENTS = 16_384;

/**
 * `costlane.v1.InferenceService`. The key comes as `authorization` or `x-api-key` in the metadata; the call's own deadline holds beside
 * `deadline_ms`; a cancelled call leaves. What HTTP says in headers comes as trailing metadata.
 */
export function createGrpcDoor(deps: GrpcDoorDeps): InferenceServiceServer {
  return {
    ...createGrpcJobsDoor(deps),
    complete(call, callback) {
      const requestId = newRequestId();
      const sinkFor = (request: InferenceRequest): ReplySink => ({
        begin: () => undefined,
        delta: () => undefined,
        done: (reply, end) => callback(null, toCompleteReply(reply), trailersOf(request, end)),
        fail: (error, end) => callback(callFailure(error, trailersOf(request, end))),
      });
      void serve(deps, 'grpc:Complete', call, requestId, false, sinkFor, (error) => callback(error));
    },
    streamComplete(call) {
      const requestId = newRequestId();
      // grpc-js ends a server stream with the status of the error that is emitted on it.
      const fail = (error: Error): boolean => !call.writableEnded && call.emit('error', error);
      const write = (event: StreamEvent): void => {
        if (call.cancelled || call.writableEnded) return;
        call.write(event);
        if (call.writableLength > SLOW_CLIENT_MAX_EVENTS)
          fail(grpcError(new CostlaneError('cancelled', 'The client reads too slowly.')));
      };
      const sinkFor = (request: InferenceRequest): ReplySink => ({
        begin: () => undefined,
        delta: (text) => write({ event: { $case: 'delta', value: text } }),
        done: (reply, end) => {
          write({ event: { $case: 'done', value: toCompleteReply(reply) } });
          if (!call.writableEnded) call.end(trailersOf(request, end));
        },
        fail: (error, end) => fail(callFailure(error, trailersOf(request, end))),
      });
      void serve(deps, 'grpc:StreamComplete', call, requestId, true, sinkFor, fail);
    },
  };
}

async function serve(
  deps: GrpcDoorDeps,
  endpoint: string,
  call: Call,
  requestId: string,
  isStreamed: boolean,
  sinkFor: (request: InferenceRequest) => ReplySink,
  refuse: (error: Error) => void,
): Promise<void> {
  const headers = headersOf(call.metadata);
  try {
    const caller = await deps.admission.admit(headers);
    const input = readCompleteRequest(call.request);
    const deadlineAtMs = deadlineOf(call.getDeadline());
    const question = { requestId, endpoint, caller, headers, input, isStreamed, deadlineAtMs };
    const leave = deps.ask(question, sinkFor);
    if (call.cancelled) leave();
    else call.on('cancelled', leave);
  } catch (error) {
    deps.observer.refused(endpoint, errorEvent(error).code, error, traceparentOf(headers));
    const trailers = new Metadata();
    trailers.set('x-request-id', requestId);
    refuse(callFailure(error, trailers));
  }
}

function trailersOf(request: InferenceRequest, end: AnswerEnd): Metadata {
  const metadata = new Metadata();
  const headers = [...answerHeaders(request.requestId, end), ...budgetHeader(request)];
  for (let i = 0; i + 1 < headers.length; i += 2) metadata.set(headers[i] ?? '', headers[i + 1] ?? '');
  return metadata;
}

function deadlineOf(deadline: Date | number): number | undefined {
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return Number.isFinite(atMs) ? atMs : undefined;
}

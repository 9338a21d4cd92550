import { CostlaneError, type NormalizationMode } from '@costlane/domain';
import type { Logger } from '@costlane/platform';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Inference } from '../core/inference';
import type { Caller } from '../core/inference-request';
import type { RoutePlanner } from '../core/routing/route-planner';
import type { Admission } from '../doors/admission';
import { createAsk, type Ask } from '../doors/ask';
import { createErrorHandler } from '../doors/error-shape';
import { methodsOf } from '../doors/register-doors';
import { registerModelDoors } from '../doors/register-model-doors';
import type { RequestControls } from '../doors/request-controls';
import type { RequestObserver } from '../observe/request-observer';
import { failedItem, itemAnswer } from './item-answer';
import type { ItemRun, ItemRuns } from './item-runs';

/** The doors of the gateway as items come to them, in one of the modes. */
export interface ItemDoors {
  /** Puts an item to its door. What comes of it goes to {@link ItemRun.settle}; nothing does where the door is kept from answering. */
  put(run: ItemRun): void;
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface ItemDoorsDeps {
  runs: ItemRuns;
  inference: Inference;
  planner: RoutePlanner;
  observer: RequestObserver;
  /** As other requests have them, but for the priority. */
  defaults: RequestControls;
  isKeyRequired: boolean;
  bodyLimitBytes: number;
  normalize?: NormalizationMode;
  logger: Logger;
}

/** By which the doors know the item; it never leaves the process. */
const ITEM_HEADER = 'x-costlane-item';
/** The caller is known, the deadline is the job's, and a job asks each of its items once: none of these is for the door. */
const keptBack: ReadonlySet<string> = new Set([
  ITEM_HEADER,
  'authorization',
  'x-api-key',
  'idempotency-key',
  'x-costlane-deadline-ms',
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'expect',
]);

/** The doors that clients use, on an instance that does not listen: an item is asked as its caller would ask it, without key and rate limit. */
export function createItemDoors(deps: ItemDoorsDeps): ItemDoors {
  const { runs, inference, planner, observer, isKeyRequired, bodyLimitBytes, normalize, logger } = deps;
  const defaults: RequestControls = { ...deps.defaults, priority: 'batch' };
  const fastify = Fastify({
    bodyLimit: bodyLimitBytes,
    genReqId: ({ headers }) => String(headers[ITEM_HEADER]),
    return503OnClosing: false,
  });
  answerErrors(fastify, logger);
  const admission = admissionOf(runs);
  const asks = createAsk({ inference, observer, defaults, isKeyRequired, planner, normalize });
  const ask: Ask = (question, sink) => {
    const run = runs.get(question.requestId);
    if (!run) throw gone();
    runs.enter(run);
    const { deadline_ms: _deadlineMs, idempotency_key: _key, ...input } = question.input;
    return asks({ ...question, input }, sink);
  };
  registerModelDoors(fastify, {
    inference,
    ask,
    planner,
    admission,
    observer,
    defaults,
    bodyLimitBytes,
    normalize,
    isKeyRequired,
    requestIdOf: (request) => request.id,
  });
  return {
    put(run) {
      const { item } = run.task;
      const headers: Record<string, string> = { 'content-type': 'application/json', [ITEM_HEADER]: run.requestId };
      for (const [name, value] of Object.entries(item.headers)) if (!keptBack.has(name)) headers[name] = value;
      const request = { method: 'POST', url: item.endpoint, headers, payload: item.body } as const;
      fastify.inject(request, (error, response) => {
        if (response) return run.settle(itemAnswer(run, response));
        logger.error({ err: error, requestId: run.requestId }, 'an item could not be put to its door');
        run.settle(failedItem('internal', 500, 'The item could not be put to its door.'));
      });
    },
    ready: async () => void (await fastify.ready()),
    close: () => fastify.close(),
  };
}

/** The caller as the item names it. The rate limit was for handing in the job. */
function admissionOf(runs: ItemRuns): Admission {
  const admit: Admission['admit'] = (headers): Caller => {
    const run = runs.get(String(headers[ITEM_HEADER]));
    if (!run) throw gone();
    runs.enter(run);
    return { ...run.task.item.caller, rateLimitPerMinute: 0 };
  };
  return { admit, identify: admit };
}

function answerErrors(fastify: FastifyInstance, logger: Logger): void {
  const errorHandler = createErrorHandler(logger, methodsOf(fastify));
  fastify.setErrorHandler(errorHandler);
  fastify.setNotFoundHandler((request, reply) =>
    errorHandler(Object.assign(new Error('Not Found'), { statusCode: 404 }), request, reply),
  );
}

const gone = (): CostlaneError => new CostlaneError('cancelled', 'Nobody waits for this item any more.');

import { decodeReply, type ItemRendering } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { WholeAnswer } from '../core/answer';
import type { Inference } from '../core/inference';
import type { SensitiveData } from '../core/routing/data-guard';
import type { RoutePlanner } from '../core/routing/route-planner';
import type { RequestObserver } from '../observe/request-observer';
import { notingListener, type ItemRun, type ItemRuns } from './item-runs';

const nothing = (): void => undefined;

/** Gives a door the answer that has come already. Nothing is looked up, asked or recorded. */
export function createRenderInference(runs: ItemRuns): Inference {
  return {
    route: () => renderingOf(runs.current()).plan.decision,
    answer(request, _decision, listener) {
      const run = runs.get(request.requestId);
      if (run) notingListener(run, listener).whole(wholeOf(renderingOf(run)));
      return nothing;
    },
    inFlight: () => 0,
  };
}

/** Rules hold when a request is asked. This one was: it is looked at as it was then, so that what was taken out of it finds its way back. */
export const renderPlanner = (planner: RoutePlanner, runs: ItemRuns): RoutePlanner => ({
  ...planner,
  guard: {
    // As the guard itself put it on record.
    check: () => renderingOf(runs.current()).plan.header.route?.sensitive as SensitiveData | undefined,
  },
  sent: nothing,
  answered: nothing,
});

/** It was counted where it was asked. */
export const renderObserver = (observer: RequestObserver): RequestObserver => ({
  ...observer,
  begin: () => ({ end: nothing, left: nothing, broke: nothing }),
  refused: nothing,
});

function wholeOf({ plan, reply }: ItemRendering): WholeAnswer {
  const { header, body } = decodeReply(reply);
  return {
    header,
    tier: 'miss',
    paidNanoUsd: header.paidNanoUsd,
    savedNanoUsd: header.baselineNanoUsd - header.paidNanoUsd,
    ageSeconds: 0,
    decision: plan.decision,
    form: header.contentType.startsWith('text/event-stream') ? 'sse' : 'json',
    body,
  };
}

function renderingOf({ task }: ItemRun): ItemRendering {
  if (!task.rendering) throw new CostlaneError('invalid_request', 'There is no answer to render.');
  return task.rendering;
}

import type { ItemTask } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Inference } from '../core/inference';
import { notingListener, type ItemRuns } from './item-runs';

/**
 * The road of a request as items take it: under the job's deadline, whole, and without an idempotency key of their own.
 * @param deadlineOf epoch milliseconds
 */
export function itemInference(inner: Inference, runs: ItemRuns, deadlineOf: (task: ItemTask) => number): Inference {
  return {
    route: (features) => inner.route(features),
    answer(request, decision, listener) {
      const run = runs.get(request.requestId);
      if (!run) throw new CostlaneError('cancelled', 'Nobody waits for this item any more.');
      if (request.stream) throw streamed();
      const { task, callId, requestId } = run;
      const { recordedAtMs } = task;
      const asked = { ...request, idempotency: undefined, recordedAtMs, deadlineAtMs: deadlineOf(task) };
      const called = callId === undefined ? asked : { ...asked, requestId: callId, recordId: requestId };
      run.leave = inner.answer(called, decision, notingListener(run, listener));
      return run.leave;
    },
    inFlight: () => inner.inFlight(),
  };
}

const streamed = (): CostlaneError => {
  const message = 'Field "stream": an item of a job is answered as a whole; leave it out or set it to false.';
  return new CostlaneError('invalid_request', message, { field: 'stream' });
};

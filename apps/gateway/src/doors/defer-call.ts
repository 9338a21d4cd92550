import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { CostlaneError, formatUsd, isErrorCode, nanoUsd } from '@costlane/domain';
import type { StoredItem } from '@costlane/ledger';
import type { Metrics } from '@costlane/platform';
import type { Caller } from '../core/inference-request';
import type { DeferredCall, DeferredCalls } from '../jobs/deferred-calls';
import { MAX_DEADLINE_MS, steeringHeaders, type RequestControls } from './request-controls';
import { writeJson } from './write-reply';

/** A call that a door has read and found good. */
export interface CallToDefer {
  caller: Caller;
  endpoint: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  controls: RequestControls;
  isStreamed: boolean;
  response: ServerResponse;
  /** Answers with an error in the door's words. */
  refuse: (error: unknown) => void;
  /** Asks at once, as if it had not been deferred. */
  askNow: () => void;
}

export interface Deferral {
  /** True: it is seen to. False: the call is none to be deferred. */
  take(call: CallToDefer): boolean;
}

/**
 * Sends calls with a long deadline the way of batches, at half the price. The caller waits for the answer, or with `Prefer: respond-async` or
 * `X-Costlane-Webhook-Url` gets the id of a job at once. While no more jobs can be kept, a call that can be made in the usual time is.
 */
export function createDeferral(deps: { calls: DeferredCalls; metrics: Pick<Metrics, 'fallback'> }): Deferral {
  const { calls, metrics } = deps;

  const serve = async (call: CallToDefer): Promise<void> => {
    const { caller, endpoint, headers, body, controls } = call;
    const webhookUrl = textOf(headers['x-costlane-webhook-url']);
    let taken: DeferredCall;
    try {
      const { tenantId, teamId, userId = controls.userId, keyId, role } = caller;
      taken = await calls.take({
        tenantId,
        deadlineMs: controls.deadlineMs,
        webhookUrl,
        request: {
          isShared: controls.useCache,
          request: {
            v: 1,
            endpoint,
            caller: { tenantId, teamId, userId, keyId, role },
            headers: steeringHeaders(headers),
            body,
          },
        },
      });
    } catch (error) {
      const isAway = error instanceof CostlaneError && (error.code === 'unavailable' || error.code === 'overloaded');
      if (!isAway || controls.deadlineMs > MAX_DEADLINE_MS || webhookUrl !== undefined) throw error;
      metrics.fallback('deferral_skipped');
      call.askNow();
      return;
    }
    if (webhookUrl !== undefined || /\brespond-async\b/.test(textOf(headers.prefer) ?? '')) accepted(call, taken);
    else await awaited(call, taken);
  };

  const awaited = async ({ response, refuse }: CallToDefer, taken: DeferredCall): Promise<void> => {
    const leaving = new AbortController();
    const onClose = (): void => {
      if (response.writableFinished) return;
      leaving.abort();
      calls.leave(taken).catch(() => undefined);
    };
    if (response.destroyed) return onClose();
    response.on('close', onClose);
    const item = await calls.answer(taken, leaving.signal);
    if (item.result) writeItem(response, taken, item, item.result);
    else refuse(failureOf(item));
  };

  return {
    take(call) {
      const { controls, isStreamed, refuse } = call;
      if (!controls.isDeadlineExplicit || isStreamed || !calls.wants(controls.deadlineMs)) return false;
      serve(call).catch(refuse);
      return true;
    },
  };
}

const nameOf = ({ jobId, index }: DeferredCall): string => `${jobId}.${index}`;

/** 202: where the answer will be found. */
function accepted({ response }: CallToDefer, taken: DeferredCall): void {
  const id = nameOf(taken);
  const headers = ['location', `/v1/jobs/${id}`, 'preference-applied', 'respond-async', 'x-costlane-job-id', id];
  const data = { job_id: id, status: 'queued', deadline_at: new Date(taken.deadlineAtMs).toISOString() };
  writeJson(response, 202, headers, { success: true, data, error: null });
}

function writeItem(response: ServerResponse, taken: DeferredCall, item: StoredItem, body: Buffer): void {
  if (response.headersSent || response.destroyed) return;
  const headers = ['x-request-id', `${taken.jobId}-${taken.index}`, 'x-costlane-job-id', nameOf(taken)];
  headers.push('x-cost-usd', formatUsd(nanoUsd(item.costNanoUsd)));
  if (item.errorCode !== undefined) headers.push('x-error-code', item.errorCode);
  headers.push('content-type', 'application/json', 'content-length', String(body.length));
  response.writeHead(item.status ?? 200, headers);
  response.end(body);
}

function failureOf({ state, errorCode }: StoredItem): CostlaneError {
  if (state === 'expired')
    return new CostlaneError('deadline_exceeded', 'The deadline passed before the answer was there.');
  if (state === 'cancelled') return new CostlaneError('cancelled', 'The job of this call was cancelled.');
  const code = errorCode !== undefined && isErrorCode(errorCode) ? errorCode : 'internal';
  return new CostlaneError(code, 'The call could not be answered.');
}

const textOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value;

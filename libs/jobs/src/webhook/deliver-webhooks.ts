import type { BatchJob, JobStore, WebhookVerdict } from '@costlane/ledger';
import { jitteredDelayMs } from '@costlane/resilience';
import type { AddressRules, Resolve } from './public-address';
import { sendWebhook, type SendOutcome } from './send-webhook';

export interface WebhookDeliveryOptions extends AddressRules {
  store: Pick<JobStore, 'claimWebhooks' | 'settleWebhook'>;
  /** The secret of a tenant, or of a name of his. Undefined: there is none, and nothing is sent unsigned. */
  secretOf: (tenantId: string, secretRef?: string) => Promise<string | undefined>;
  /** What is posted; default {@link webhookBody}. */
  bodyOf?: (job: BatchJob) => Buffer;
  now?: () => number;
  /** Of one attempt; default 10,000. */
  timeoutMs?: number;
  /** First wait; doubles up to `retryMaxMs`. Default 5,000 and an hour. */
  retryBaseMs?: number;
  retryMaxMs?: number;
  /** After the end of the job no more attempts are made; default a day. */
  deadlineMs?: number;
  /** At a time; default 8. */
  concurrency?: number;
  onOutcome?: (outcome: SendOutcome) => void;
  resolve?: Resolve;
}

const HOUR_MS = 3_600_000;

/** A job without what its requests and answers say. */
export function webhookBody(job: BatchJob): Buffer {
  const { jobId, kind, state, counts, costNanoUsd, metadata, createdAtMs, finishedAtMs, error } = job;
  const type = eventOf(job);
  return Buffer.from(
    JSON.stringify({
      type,
      data: {
        id: jobId,
        kind,
        state,
        counts,
        cost_nano_usd: costNanoUsd,
        metadata,
        created_at_ms: createdAtMs,
        finished_at_ms: finishedAtMs,
        error,
      },
    }),
  );
}

const eventOf = ({ state }: BatchJob): string => `batch.${state}`;

/**
 * Sends the webhooks of ended jobs whose time has come, and resolves with how many attempts were made. To be called again and again; any
 * number of processes may. A receiver gets an event at least once, and knows repetitions by its id.
 */
export async function deliverWebhooks(options: WebhookDeliveryOptions): Promise<number> {
  const { store, concurrency = 8, timeoutMs = 10_000 } = options;
  let count = 0;
  for (;;) {
    // The lease outlasts the attempt, so that no second sender begins while the first one waits.
    const due = await store.claimWebhooks(concurrency, timeoutMs * 2 + 5_000);
    if (due.length === 0) return count;
    count += due.length;
    await Promise.all(
      due.map(async ({ job, attempt }) => {
        const outcome = await attemptAt(options, job, timeoutMs);
        options.onOutcome?.(outcome);
        await store.settleWebhook(job, attempt, verdictOf(options, job, attempt, outcome));
      }),
    );
  }
}

async function attemptAt(options: WebhookDeliveryOptions, job: BatchJob, timeoutMs: number): Promise<SendOutcome> {
  const { secretOf, bodyOf = webhookBody, now = Date.now } = options;
  const { url, secretRef } = job.webhook ?? { url: '' };
  const secret = await secretOf(job.tenantId, secretRef).catch(() => undefined);
  if (secret === undefined) return { ok: false, reason: 'its secret is not at hand', isFinal: false };
  const message = { url, secret, id: `${job.jobId}.${job.finishedAtMs ?? 0}`, event: eventOf(job), body: bodyOf(job) };
  const { isLoopbackAllowed, allowedHosts, resolve } = options;
  return sendWebhook(message, { isLoopbackAllowed, allowedHosts, resolve, timeoutMs, now });
}

function verdictOf(
  options: WebhookDeliveryOptions,
  job: BatchJob,
  attempt: number,
  outcome: SendOutcome,
): WebhookVerdict {
  if (outcome.ok) return { state: 'delivered' };
  const { retryBaseMs = 5_000, retryMaxMs = HOUR_MS, deadlineMs = 24 * HOUR_MS, now = Date.now } = options;
  const { reason, isFinal, retryAfterMs = 0 } = outcome;
  const delayMs = Math.max(jitteredDelayMs(attempt, retryBaseMs, retryMaxMs), Math.min(retryAfterMs, retryMaxMs));
  const isLate = now() + delayMs > (job.finishedAtMs ?? now()) + deadlineMs;
  return isFinal || isLate ? { state: 'abandoned', reason } : { state: 'pending', reason, delayMs };
}

import type { AlertStore, OutboxMessage, OutboxVerdict } from '@costlane/ledger';
import type { SendOutcome } from '@costlane/jobs';
import type { AlertMessage, AlertNotice } from './alert-types';
import type { AlertSink } from './sinks/alert-sinks';

/** Messages of a sink in one run, once a minute: what is more waits. */
const RATE = 20;
const LEASE_MS = 60_000;
const RETRY_BASE_MS = 5_000;
const MAX_RETRY_MS = 900_000;
const GIVE_UP_MS = 86_400_000;

export interface DeliverOptions {
  store: Pick<AlertStore, 'claim' | 'settle' | 'overtaken'>;
  sinks: readonly AlertSink[];
  /** `reason`: what went wrong, without addresses or keys. */
  onOutcome: (sink: string, result: OutboxVerdict['state'], reason?: string) => void;
  random?: () => number;
}

/** Sends what is due to all sinks at once, one message after another to each. A sink that is away holds up no other; what it is not told now it is told later, for a day. */
export async function deliverAlerts(options: DeliverOptions, signal?: AbortSignal): Promise<void> {
  await Promise.all(options.sinks.map((sink) => deliverTo(sink, options, signal)));
}

async function deliverTo(sink: AlertSink, options: DeliverOptions, signal?: AbortSignal): Promise<void> {
  const { store, onOutcome, random = Math.random } = options;
  for (let sent = 0; sent < RATE && signal?.aborted !== true; sent++) {
    // One at a time: its lease covers one attempt.
    const [claimed] = await store.claim(sink.name, 1, LEASE_MS);
    if (!claimed) return;
    const notices = await current(store, claimed);
    const outcome = notices.length === 0 ? nothingToTell : await sink.send({ id: `alert-${claimed.number}`, notices });
    const verdict = verdictOf(outcome, claimed, random);
    await store.settle(claimed, verdict);
    onOutcome(sink.name, verdict.state, verdict.state === 'sent' ? undefined : verdict.reason);
    // It is away, or wants less: others are in no hurry either.
    if (verdict.state === 'pending') return;
  }
}

const nothingToTell = { ok: true, status: 204 } as const;

/** What a message still has to tell: one that had to wait may have been overtaken, and what is over must not begin anew. */
async function current(store: DeliverOptions['store'], claimed: OutboxMessage): Promise<readonly AlertNotice[]> {
  const { notices } = claimed.message as Pick<AlertMessage, 'notices'>;
  if (claimed.attempts === 1) return notices;
  const overtaken = await store.overtaken(
    claimed,
    notices.map(({ key }) => key),
  );
  return notices.filter(({ key }) => !overtaken.has(key));
}

/** 400 and 404 may be a setting that is being put right: only what is final, or a day old, is given up. */
export function verdictOf(
  outcome: SendOutcome,
  { attempts, ageMs }: Pick<OutboxMessage, 'attempts' | 'ageMs'>,
  random: () => number,
): OutboxVerdict {
  if (outcome.ok) return { state: 'sent' };
  const { reason, isFinal, retryAfterMs } = outcome;
  if (isFinal || ageMs > GIVE_UP_MS) return { state: 'abandoned', reason };
  const backoff = Math.min(MAX_RETRY_MS, RETRY_BASE_MS * 2 ** Math.min(attempts - 1, 10)) * (0.5 + random() / 2);
  return { state: 'pending', reason, delayMs: Math.min(MAX_RETRY_MS, Math.max(retryAfterMs ?? 0, backoff)) };
}

import type { AlertStore, OutboxMessage, OutboxVerdict } from '@costlane/ledger';
import type { SendOutcome } from '@costlane/jobs';
import type { AlertMessage } from './alert-types';
import type { AlertSink } from './sinks/alert-sinks';

/** Messages of a sink in one run, once a minute: what is more waits. */
const RATE = 20;
const LEASE_MS = 60_000;
const RETRY_BASE_MS = 5_000;
const MAX_RETRY_MS = 900_000;
const GIVE_UP_MS = 86_400_000;

export interface DeliverOptions {
  store: Pick<AlertStore, 'claim' | 'settle'>;
  sinks: readonly AlertSink[];
  onOutcome: (sink: string, result: OutboxVerdict['state']) => void;
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
    const outcome = await sink.send({ ...(claimed.message as AlertMessage), id: `alert-${claimed.number}` });
    const verdict = verdictOf(outcome, claimed, random);
    await store.settle(claimed, verdict);
    onOutcome(sink.name, verdict.state);
    // It is away, or wants less: others are in no hurry either.
    if (verdict.state === 'pending') return;
  }
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

import type { Priority, StreamNames } from '@costlane/contracts';
import type { Logger, Redis } from '@costlane/platform';
import { createTickQueue } from './tick-queue';

/**
 * What gateways say to one another about a call that one of them leads and another follows. `relay` is the follower's name for it: the
 * `attempt` of the reply parts in which the leader passes the answer on, under the follower's own request id.
 */
export type GatewayNote =
  /** Pass on to me the answer to this request of yours. Tenant, form and fingerprint are said again, to be compared. */
  | {
      kind: 'join';
      from: string;
      relay: string;
      requestId: string;
      leaderRequestId: string;
      tenantId: string;
      form: string;
      fingerprint: string;
      deadlineAtMs: number;
      priority: Priority;
    }
  /** I do. */
  | { kind: 'joined'; from: string; relay: string }
  /** I do not, or no longer: there is no such call, or it has lost parts. */
  | { kind: 'gone'; from: string; relay: string }
  /** These I am still passing on to you, also where there is nothing to say yet. */
  | { kind: 'alive'; from: string; relays: string[] }
  /** Nobody here waits for it any more. */
  | { kind: 'leave'; from: string; relay: string };

const FORMAT_VERSION = 1;
/** Notes in one message: more go in the next one. */
const MAX_BATCH = 256;

export interface NotePublisher {
  /** Hints, lost without harm: every note that matters is waited for with a bound. */
  say(to: string, note: GatewayNote): void;
  /** Resolves when all that was said is with Redis, or lost. */
  idle(): Promise<void>;
}

/** Says notes over pub/sub, those of one tick to one gateway in one message. */
export function createNotePublisher({ redis, names }: { redis: Redis; names: StreamNames }): NotePublisher {
  const queue = createTickQueue<{ to: string; note: GatewayNote }>(async (batch) => {
    const byGateway = new Map<string, GatewayNote[]>();
    for (const { to, note } of batch) {
      const notes = byGateway.get(to);
      if (notes) notes.push(note);
      else byGateway.set(to, [note]);
    }
    const messages = [...byGateway].map(([to, notes]) =>
      redis.publish(names.notesChannel(to), JSON.stringify({ v: FORMAT_VERSION, notes })).catch(() => undefined),
    );
    await Promise.all(messages);
  }, MAX_BATCH);
  return { say: (to, note) => queue.push({ to, note }), idle: () => queue.idle() };
}

/** Hears the notes to one gateway, on a connection that may have other subscriptions, and again after each reconnect. */
export function subscribeNotes(options: {
  redis: Redis;
  names: StreamNames;
  gatewayId: string;
  logger: Logger;
  onNote: (note: GatewayNote) => void;
}): void {
  const { redis, logger, onNote } = options;
  const channel = options.names.notesChannel(options.gatewayId);
  const subscribe = (): void =>
    void redis
      .subscribe(channel)
      .catch((err: unknown) => logger.debug({ err }, 'subscribing failed; the next reconnect tries again'));
  redis.on('message', (heard: string, text: string) => {
    if (heard !== channel) return;
    for (const note of readNotes(text, logger)) {
      try {
        onNote(note);
      } catch (err) {
        logger.error({ err, kind: note.kind }, 'a note of another gateway could not be acted on');
      }
    }
  });
  redis.on('ready', subscribe);
  if (redis.status === 'ready') subscribe();
}

/** Empty for what another version wrote or what is damaged. */
function readNotes(text: string, logger: Logger): GatewayNote[] {
  try {
    const { v, notes } = JSON.parse(text) as { v: number; notes: GatewayNote[] };
    if (v === FORMAT_VERSION) return notes;
    logger.warn({ v }, 'notes of another version are passed over');
  } catch (err) {
    logger.warn({ err }, 'notes cannot be read and are passed over');
  }
  return [];
}

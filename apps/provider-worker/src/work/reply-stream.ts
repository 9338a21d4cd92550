import { encodeReply, replyField, type Job, type ReplyHeader, type RouteTarget } from '@costlane/contracts';
import type { RouteStep } from '@costlane/domain';
import type { ProviderSink } from '@costlane/providers';
import { holdMaxMs, type StreamGate } from '../confidence/stream-gate';

/** Larger answers are passed on but not stored. */
export const MAX_STORED_BYTES = 1024 * 1024;

/** The way of a streamed answer to the client; of several models that are tried one at the most gets through. */
export interface ReplyStream {
  /** Where a model's events go; with a gate they are held back until it opens. */
  sinkFor(target: RouteTarget, steps: readonly RouteStep[], gate?: StreamGate): TargetSink;
  /** The client has been sent the head of a stream. */
  readonly hasHead: boolean;
  partsSent(): number;
  passedBytes(): number;
  /** What the client was sent; undefined when it was more than is stored. */
  collected(): Buffer | undefined;
}

/** One model's way to the client. */
export interface TargetSink extends ProviderSink {
  /** Lets go of what was held back, and of all that follows. */
  release(): void;
  /** The stream has ended, and what was held back waits for word whether it is given. */
  keep(): void;
  /** Drops what was held back: another model's answer is given. */
  abandon(): void;
  /** What has not been shown to the client; empty once it was let go. */
  held(): Buffer;
}

interface StreamDeps {
  attempt: string;
  emit(kind: 'h' | 'c', field: string, value: Buffer): boolean;
  onResume(callback: () => void): void;
}

/** Numbers the parts of a job's stream, and keeps its bytes for the cache. */
export function createReplyStream({ header: { requestId } }: Job, deps: StreamDeps): ReplyStream {
  let seq = 0;
  let chunks: Buffer[] = [];
  let collectedBytes = 0;
  const emit = (kind: 'h' | 'c', value: Buffer): boolean =>
    deps.emit(kind, replyField(kind, deps.attempt, seq++, requestId), value);
  const pass = (bytes: Buffer): boolean => {
    // Kept for the cache; an answer over the bound will not be stored, so its bytes need not be kept either.
    collectedBytes += bytes.length;
    if (collectedBytes <= MAX_STORED_BYTES) chunks.push(bytes);
    else chunks = [];
    return emit('c', bytes);
  };
  const begin = (target: RouteTarget, steps: readonly RouteStep[], head: { status: number; contentType: string }) => {
    const { provider, upstreamModel: modelUsed } = target;
    const routeSteps = steps.length > 0 ? [...steps] : undefined;
    const reply: Partial<ReplyHeader> = { ...head, provider, modelUsed, routeSteps };
    emit('h', encodeReply(reply as ReplyHeader));
  };
  return {
    sinkFor(target, steps, gate) {
      const onResume = (callback: () => void): void => deps.onResume(callback);
      const open = (head: { status: number; contentType: string }): void => begin(target, steps, head);
      if (gate) return heldSink({ gate, open, pass, onResume });
      return {
        head: open,
        chunk: pass,
        onResume,
        release: nothing,
        keep: nothing,
        abandon: nothing,
        held: () => EMPTY,
      };
    },
    get hasHead() {
      return seq > 0;
    },
    partsSent: () => seq,
    passedBytes: () => collectedBytes,
    collected: () => (collectedBytes <= MAX_STORED_BYTES ? Buffer.concat(chunks) : undefined),
  };
}

const EMPTY = Buffer.alloc(0);
const nothing = (): void => undefined;

interface HeldSinkDeps {
  gate: StreamGate;
  open(head: { status: number; contentType: string }): void;
  pass(bytes: Buffer): boolean;
  onResume(callback: () => void): void;
}

function heldSink({ gate, open, pass, onResume }: HeldSinkDeps): TargetSink {
  let state: 'held' | 'open' | 'abandoned' = 'held';
  let head: { status: number; contentType: string } | undefined;
  let waiting: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = (): boolean => {
    clearTimeout(timer);
    if (state !== 'held' || !head) return true;
    state = 'open';
    const bytes = waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting);
    waiting = [];
    open(head);
    return bytes.length === 0 || pass(bytes);
  };
  return {
    head(given) {
      head = given;
      timer = setTimeout(release, holdMaxMs);
    },
    chunk(bytes) {
      if (state === 'open') return pass(bytes);
      if (state === 'abandoned') return true;
      waiting.push(bytes);
      return gate.push(bytes) === 'hold' || release();
    },
    onResume,
    release: () => void release(),
    keep: () => clearTimeout(timer),
    abandon() {
      clearTimeout(timer);
      if (state === 'held') state = 'abandoned';
      waiting = [];
    },
    held: () => Buffer.concat(waiting),
  };
}

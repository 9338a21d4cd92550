import { decodeReply, type StreamNames } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Redis, RedisBreaker } from '@costlane/platform';
import type { WholeAnswer } from './answer';
import type { Call } from './call';

export type Claim =
  | { kind: 'ours' }
  | { kind: 'replay'; answer: Omit<WholeAnswer, 'decision'> }
  | { kind: 'refused'; error: CostlaneError };

export interface IdempotencyGuard {
  /** The first request of a key is ours to run; a later one gets the first one's result, also from another gateway. */
  claim(call: Call): Promise<Claim>;
  /** Gives a claim back that nobody will run. */
  release(call: Call): void;
}

const POLL_INTERVAL_MS = 50;
const RELEASE_INTERVAL_MS = 250;
/** Deletes a key only where it still holds this value: somebody else's claim or a result stays. */
const RELEASE_SCRIPT = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
const NEW_LINE = 0x0a;

interface Mark {
  state: 'running' | 'done' | 'failed';
  /** Request that holds a running claim. */
  owner?: string;
  bodyHash?: string;
}

/** Idempotency keys of clients, in Redis: who comes first runs, the worker writes the result over the claim in the step that ends the job. */
export function createIdempotencyGuard(options: {
  redis: Redis;
  breaker: RedisBreaker;
  names: StreamNames;
}): IdempotencyGuard {
  const { redis, breaker, names } = options;

  const once = async (call: Call): Promise<Claim | 'running'> => {
    const { leader } = call;
    const { keyHash, bodyHash } = leader.idempotency ?? { keyHash: '', bodyHash: '' };
    const key = names.idempotency(leader.caller.tenantId, keyHash);
    const mark = runningMark(call);
    // The claim ends with the request's deadline: one whose gateway died must not block the key for longer.
    const lifetimeMs = Math.max(1_000, leader.deadlineAtMs - Date.now());
    const claimed = await breaker.run(() => redis.set(key, mark, 'PX', lifetimeMs, 'NX'));
    if (!claimed.ok) {
      // No answer does not mean no claim: it may land when Redis is back, with nobody to run it.
      void giveBack(call);
      return { kind: 'refused', error: cannotGuarantee() };
    }
    if (claimed.value === 'OK') return { kind: 'ours' };
    const kept = await breaker.run(() => redis.getBuffer(key));
    if (!kept.ok) return { kind: 'refused', error: cannotGuarantee() };
    return kept.value ? readMark(kept.value, bodyHash) : 'running';
  };

  const giveBack = async (call: Call): Promise<void> => {
    const key = names.idempotency(call.leader.caller.tenantId, call.leader.idempotency?.keyHash ?? '');
    while (Date.now() < call.leader.deadlineAtMs) {
      const released = await breaker.run(() => redis.eval(RELEASE_SCRIPT, 1, key, runningMark(call)));
      if (released.ok) return;
      await new Promise((resolve) => setTimeout(resolve, RELEASE_INTERVAL_MS));
    }
  };

  return {
    release: (call) => void giveBack(call),
    async claim(call) {
      while (!call.isSettled) {
        const claim = await once(call);
        if (claim !== 'running') return claim;
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      }
      return {
        kind: 'refused',
        error: new CostlaneError('deadline_exceeded', 'The first request of this idempotency key is still running.'),
      };
    },
  };
}

const runningMark = ({ leader }: Call): string =>
  `${JSON.stringify({ state: 'running', bodyHash: leader.idempotency?.bodyHash, owner: leader.requestId } satisfies Mark)}\n`;

function readMark(kept: Buffer, bodyHash: string): Claim | 'running' {
  const end = kept.indexOf(NEW_LINE);
  const mark = JSON.parse(kept.toString('utf8', 0, end)) as Mark;
  if (mark.bodyHash !== undefined && mark.bodyHash !== bodyHash) {
    const message = 'This idempotency key was used with another request body; use a new key for a new request.';
    return {
      kind: 'refused',
      error: new CostlaneError('idempotency_key_reused', message, { field: 'idempotency_key' }),
    };
  }
  if (mark.state !== 'done') return 'running';
  const { header, body } = decodeReply(kept.subarray(end + 1));
  const isStream = header.contentType.startsWith('text/event-stream');
  return {
    kind: 'replay',
    answer: {
      header,
      body,
      form: isStream ? 'sse' : 'json',
      tier: 'coalesced',
      paidNanoUsd: 0,
      savedNanoUsd: header.baselineNanoUsd,
      ageSeconds: 0,
      isReplayed: true,
    },
  };
}

const cannotGuarantee = (): CostlaneError =>
  new CostlaneError(
    'unavailable',
    'An idempotency key cannot be honoured while Redis is away; try again, or send without a key.',
    {
      retryAfterMs: 1_000,
    },
  );

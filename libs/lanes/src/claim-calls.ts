import { bindScript, type Redis } from '@costlane/platform';
import source from './claim-calls.lua';

export interface CallClaim {
  /** Where the answer would be in the exact tier: what is there need not be asked for. */
  exactKey: string;
  /** As `inFlightKey` of the contracts makes it. */
  key: string;
  /** Who claims. No claim has the value '' or '*'. */
  value: string;
  lifetimeMs: number;
  /** Value of a claim that this one may take the place of: one's own, to renew it, or one whose holder is gone. */
  replaces?: string;
}

/** `ours`: nobody else asks. `answered`: the exact tier has the answer. `held`: by the claim of this value. */
export type ClaimAnswer = { kind: 'ours' } | { kind: 'answered' } | { kind: 'held'; by: string };

export interface CallClaims {
  /** Rejects when Redis does not answer, which does not prove that it has no claim. */
  claim(claim: CallClaim): Promise<ClaimAnswer>;
  /** Gives a claim back unless somebody else has it by now. Lost without harm: claims run out. */
  release(key: string, value: string): void;
}

type Waiting = CallClaim & { resolve: (answer: ClaimAnswer) => void; reject: (error: unknown) => void };

/** A script call blocks Redis for everybody: more go in the next one. */
const MAX_BATCH = 256;
const OURS: ClaimAnswer = { kind: 'ours' };
const ANSWERED: ClaimAnswer = { kind: 'answered' };

/**
 * Claims on questions in Redis, all of one tick in one script call. A call does not wait for the one before: claims travel beside the
 * look-ups of their tick and are answered along with them.
 */
export function createCallClaims(options: {
  redis: Redis;
  /** Runs each call to Redis, to end those that take too long. */
  guard?: (call: () => Promise<unknown>) => Promise<unknown>;
}): CallClaims {
  const { guard = (call) => call() } = options;
  const run = bindScript(options.redis, source);
  let claims: Waiting[] = [];
  let released: { key: string; value: string }[] = [];
  let isScheduled = false;

  const send = (batch: Waiting[], givenBack: typeof released): void => {
    const keys: string[] = [];
    const args: (string | number)[] = [batch.length];
    for (const { exactKey, key, value, lifetimeMs, replaces } of batch) {
      keys.push(exactKey, key);
      args.push(value, Math.max(1, Math.ceil(lifetimeMs)), replaces ?? '');
    }
    for (const { key, value } of givenBack) {
      keys.push(key);
      args.push(value);
    }
    guard(() => run(keys, args)).then(
      (replies) => batch.forEach((waiting, index) => waiting.resolve(answerOf((replies as string[])[index] ?? ''))),
      (error: unknown) => batch.forEach((waiting) => waiting.reject(error)),
    );
  };
  const flush = (): void => {
    isScheduled = false;
    const [allClaims, allReleased] = [claims, released];
    claims = [];
    released = [];
    const end = Math.max(allClaims.length, allReleased.length);
    for (let start = 0; start < end; start += MAX_BATCH)
      send(allClaims.slice(start, start + MAX_BATCH), allReleased.slice(start, start + MAX_BATCH));
  };
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  };

  return {
    claim: (claim) =>
      new Promise((resolve, reject) => {
        claims.push({ ...claim, resolve, reject });
        schedule();
      }),
    release(key, value) {
      released.push({ key, value });
      schedule();
    },
  };
}

function answerOf(reply: string): ClaimAnswer {
  if (reply === '') return OURS;
  return reply === '*' ? ANSWERED : { kind: 'held', by: reply };
}

import { bindScript, type Redis } from '@costlane/platform';
import source from './claim-calls.lua';

/** `ours`: nobody else asks. `answered`: the exact tier has the answer. `held`: by the claim of this value. */
export type ClaimAnswer = { kind: 'ours' } | { kind: 'answered' } | { kind: 'held'; by: string };

export interface CallClaims {
  /**
   * Claims a question for a request of this gateway. Rejects when Redis does not answer, which does not prove that it has no claim.
   *
   * @param exactKey where the answer would be in the exact tier: what is there need not be asked for
   * @param key as `inFlightKey` of the contracts makes it
   * @param replaces value of a claim that this one may take the place of: one's own, to renew it, or one whose holder is gone
   */
  claim(exactKey: string, key: string, requestId: string, replaces?: string): Promise<ClaimAnswer>;
  /** Gives a claim back unless somebody else has it by now. Lost without harm: claims run out. */
  release(key: string, requestId: string): void;
}

/** A claim's value: who holds it. */
export const claimValue = (gatewayId: string, requestId: string): string => `${gatewayId} ${requestId}`;

interface Waiting {
  exactKey: string;
  key: string;
  requestId: string;
  replaces: string | undefined;
  resolve: (answer: ClaimAnswer) => void;
  reject: (error: unknown) => void;
}
interface Released {
  key: string;
  requestId: string;
}

/** A script call blocks Redis for everybody: more go in the next one. */
const MAX_BATCH = 256;
const OURS: ClaimAnswer = { kind: 'ours' };
const ANSWERED: ClaimAnswer = { kind: 'answered' };

/** Claims on questions in Redis, all of one tick in one script call; a call does not wait for the one before, for a request waits for it. */
export function createCallClaims(options: {
  redis: Redis;
  gatewayId: string;
  /** A claim runs out by itself when it is not renewed. */
  lifetimeMs: number;
  /** Runs each call to Redis, to end those that take too long. */
  guard?: (call: () => Promise<unknown>) => Promise<unknown>;
}): CallClaims {
  const { gatewayId, lifetimeMs, guard = (call) => call() } = options;
  const run = bindScript(options.redis, source);
  let claims: Waiting[] = [];
  let released: Released[] = [];
  let isScheduled = false;

  const send = (batch: readonly Waiting[], givenBack: readonly Released[]): void => {
    const keys: string[] = [];
    const args: (string | number)[] = [gatewayId, lifetimeMs, batch.length];
    for (const { exactKey, key, requestId } of batch) {
      keys.push(exactKey, key);
      args.push(requestId);
    }
    args.push(0);
    const replacedAt = args.length - 1;
    batch.forEach(({ replaces }, index) => {
      if (replaces !== undefined) args.push(index + 1, replaces);
    });
    args[replacedAt] = (args.length - 1 - replacedAt) / 2;
    for (const { key, requestId } of givenBack) {
      keys.push(key);
      args.push(requestId);
    }
    guard(() => run(keys, args)).then(
      (refused) => settle(batch, refused as (number | string)[]),
      (error: unknown) => batch.forEach((waiting) => waiting.reject(error)),
    );
  };
  const flush = (): void => {
    isScheduled = false;
    const [allClaims, allReleased] = [claims, released];
    claims = [];
    released = [];
    if (allClaims.length <= MAX_BATCH && allReleased.length <= MAX_BATCH) return send(allClaims, allReleased);
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
    claim: (exactKey, key, requestId, replaces) =>
      new Promise((resolve, reject) => {
        claims.push({ exactKey, key, requestId, replaces, resolve, reject });
        schedule();
      }),
    release(key, requestId) {
      released.push({ key, requestId });
      schedule();
    },
  };
}

/** Those that are not among the refused are made. */
function settle(batch: readonly Waiting[], refused: readonly (number | string)[]): void {
  for (let i = 0; i + 1 < refused.length; i += 2)
    batch[Number(refused[i]) - 1]?.resolve(refusal(String(refused[i + 1])));
  for (const waiting of batch) waiting.resolve(OURS);
}

const refusal = (value: string): ClaimAnswer => (value === '*' ? ANSWERED : { kind: 'held', by: value });

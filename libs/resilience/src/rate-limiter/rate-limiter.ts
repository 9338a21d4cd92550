import { err, ok, type Result } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import { TokenBucket } from '../token-bucket';

export interface TokenGrant {
  granted: number;
  /** Time until there is a token again; 0 when any was granted. */
  retryAfterMs: number;
}

/** Where the buckets are that all gateways share. */
export interface TokenStore {
  /** Takes up to so many tokens of a key's bucket. Rejects when the store cannot be reached; must not hang. */
  take(key: string, limitPerMinute: number, wanted: number): Promise<TokenGrant>;
}

export interface RateLimiterOptions {
  store: TokenStore;
  /** Counts a check that was answered without the store: `() => metrics.fallback('rate_limit_local')`. */
  onFallback?: () => void;
  now?: () => number;
  /** Share of a minute's limit that is leased at once. Default 0.1, and at least one token. */
  leaseShare?: number;
  /** Keys that are remembered; the least recently used is forgotten, with at most a lease's tokens. Default 10,000. */
  maxKeys?: number;
  /** How long the store is left alone after a failure. Default 1,000. */
  retryStoreMs?: number;
}

export type RateCheck = Result<void, { retryAfterMs: number }>;

export interface RateLimiter {
  /** Counts one request against a key's limit; at once where a token is held here or the refusal is known. Never rejects. */
  check(keyId: string, limitPerMinute: number): RateCheck | Promise<RateCheck>;
}

const allowed: RateCheck = ok(undefined);
const refused = (retryAfterMs: number): RateCheck => err({ retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) });

/** After so long a bucket is full again, whatever was taken: an old lease would only be a second helping. */
const LEASE_LIFETIME_MS = 60_000;
const MAX_LEASE = 1_000;

interface Key {
  readonly id: string;
  readonly limitPerMinute: number;
  readonly lease: number;
  /** Tokens leased and not yet used. */
  held: number;
  leasedAtMs: number;
  /** Until then the store has nothing to give. */
  refusedUntilMs: number;
  waiting: number;
  pending: Promise<void> | undefined;
  /** Stands in while the store is away. */
  local: TokenBucket | undefined;
}

/**
 * Token buckets shared by all gateways, checked without I/O most of the time: a gateway leases a tenth of a limit at
 * once and fetches the next lease while it still has some. What gateways hold unused is the price: with N gateways up to
 * N tenths of a limit may be held back from one of them, or used on top of a full bucket. While the store is away each
 * gateway keeps to the limit by itself.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const limiter = new LeasingRateLimiter(options);
  return { check: (keyId, limitPerMinute) => limiter.check(keyId, limitPerMinute) };
}

class LeasingRateLimiter implements RateLimiter {
  private readonly keys: LRUCache<string, Key>;
  private readonly store: TokenStore;
  private readonly onFallback: () => void;
  private readonly now: () => number;
  private readonly leaseShare: number;
  private readonly retryStoreMs: number;
  private isAway = false;
  private nextTryAtMs = 0;

  constructor({ store, onFallback, now, leaseShare, maxKeys, retryStoreMs }: RateLimiterOptions) {
    this.keys = new LRUCache({ max: maxKeys ?? 10_000 });
    this.store = store;
    this.onFallback = onFallback ?? (() => undefined);
    this.now = now ?? Date.now;
    this.leaseShare = leaseShare ?? 0.1;
    this.retryStoreMs = retryStoreMs ?? 1_000;
  }

  check(keyId: string, limitPerMinute: number): RateCheck | Promise<RateCheck> {
    const key = this.keyOf(keyId, limitPerMinute);
    const nowMs = this.now();
    if (nowMs - key.leasedAtMs > LEASE_LIFETIME_MS) key.held = 0;
    if (key.held > 0) {
      key.held--;
      if (key.held < key.lease / 4 && !key.pending && !this.isAway && key.refusedUntilMs <= nowMs) this.fetch(key);
      return allowed;
    }
    if (this.isAway) return this.checkWithoutStore(key, nowMs);
    if (key.refusedUntilMs > nowMs) return refused(key.refusedUntilMs - nowMs);
    return this.checkWithStore(key);
  }

  private async checkWithStore(key: Key): Promise<RateCheck> {
    key.waiting++;
    try {
      for (;;) {
        await (key.pending ?? this.fetch(key));
        if (key.held > 0) {
          key.held--;
          return allowed;
        }
        const nowMs = this.now();
        if (this.isAway) return this.checkWithoutStore(key, nowMs);
        if (key.refusedUntilMs > nowMs) return refused(key.refusedUntilMs - nowMs);
        // Others who waited took what came: ask for more.
      }
    } finally {
      key.waiting--;
    }
  }

  private checkWithoutStore(key: Key, nowMs: number): RateCheck {
    this.onFallback();
    if (nowMs >= this.nextTryAtMs && !key.pending) {
      // One check finds out whether the store is back, and does not wait for it.
      this.nextTryAtMs = nowMs + this.retryStoreMs;
      this.fetch(key);
    }
    key.local ??= new TokenBucket(key.limitPerMinute, key.limitPerMinute / 60, nowMs);
    return key.local.takeUpTo(1, nowMs) === 1 ? allowed : refused(key.local.msUntil(1, nowMs));
  }

  /** Asks the store for the next lease; what comes of it is found in the key. Never rejects. */
  private fetch(key: Key): Promise<void> {
    const wanted = Math.max(key.lease, key.waiting);
    key.pending = this.store
      .take(key.id, key.limitPerMinute, wanted)
      .then(
        ({ granted, retryAfterMs }) => {
          this.isAway = false;
          key.local = undefined;
          key.held += granted;
          if (granted > 0) key.leasedAtMs = this.now();
          else key.refusedUntilMs = this.now() + Math.max(1, retryAfterMs);
        },
        () => {
          this.isAway = true;
          this.nextTryAtMs = this.now() + this.retryStoreMs;
        },
      )
      .finally(() => {
        key.pending = undefined;
      });
    return key.pending;
  }

  private keyOf(id: string, limitPerMinute: number): Key {
    const known = this.keys.get(id);
    if (known?.limitPerMinute === limitPerMinute) return known;
    const key: Key = {
      id,
      limitPerMinute,
      lease: Math.min(MAX_LEASE, Math.max(1, Math.ceil(limitPerMinute * this.leaseShare))),
      held: 0,
      leasedAtMs: 0,
      refusedUntilMs: 0,
      waiting: 0,
      pending: undefined,
      local: undefined,
    };
    this.keys.set(id, key);
    return key;
  }
}

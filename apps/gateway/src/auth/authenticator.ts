import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiKey } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../core/inference-request';
import { hashKey, KEY_PREFIX } from './key-format';

export interface Authenticator {
  /** Who asks; at once for a key that was seen lately. Throws or rejects with `missing_api_key`, `invalid_api_key`, `unavailable`. */
  authenticate(headers: IncomingHttpHeaders): Caller | Promise<Caller>;
  /** Who administers. `isLocal`: the request came over loopback, not through a proxy. */
  authenticateAdmin(headers: IncomingHttpHeaders, isLocal: boolean): Promise<Caller>;
  forget(keyHash: string): void;
  forgetAll(): void;
}

export interface AuthenticatorOptions {
  mode: 'none' | 'required';
  keySecret: string;
  adminKey?: string;
  isAdminOpenOnLoopback: boolean;
  defaultTenantId: string;
  defaultRateLimitPerMinute: number;
  /** The key with this hash; undefined when there is none. Rejects with `unavailable`. */
  findKey(keyHash: string): Promise<ApiKey | undefined>;
  onStale: () => void;
  now?: () => number;
}

const FRESH_MS = 60_000;
/** While keys cannot be asked for, one that was good goes on so long: an outage of the ledger must not stop traffic. */
const STALE_MS = 3_600_000;
const MAX_KEYS = 10_000;

interface Known {
  caller: Caller | undefined;
  keyHash: string;
  freshUntilMs: number;
}

/** API keys of callers: looked up once a minute each, remembered through outages, forgotten at once when revoked. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const now = options.now ?? Date.now;
  const known = new LRUCache<string, Known>({ max: MAX_KEYS, ttl: STALE_MS, ttlResolution: 1_000 });
  const asking = new Map<string, Promise<Caller>>();
  let revocations = 0;
  const anonymous: Caller = {
    tenantId: options.defaultTenantId,
    role: 'member',
    rateLimitPerMinute: options.defaultRateLimitPerMinute,
  };

  const ask = async (key: string): Promise<Caller> => {
    const keyHash = hashKey(key, options.keySecret);
    const before = known.get(key);
    const revocationsBefore = revocations;
    try {
      const found = await options.findKey(keyHash);
      const caller = found && callerOf(found, options.defaultRateLimitPerMinute);
      // A revocation may have overtaken this answer: then it holds for this request only.
      if (revocations === revocationsBefore) known.set(key, { caller, keyHash, freshUntilMs: now() + FRESH_MS });
      return admitted(caller);
    } catch (error) {
      if (error instanceof CostlaneError && error.code === 'invalid_api_key') throw error;
      if (!before?.caller) {
        throw new CostlaneError('unavailable', 'API keys cannot be checked at the moment; try again shortly.', {
          retryAfterMs: 1_000,
          cause: error,
        });
      }
      options.onStale();
      return before.caller;
    }
  };

  const lookUp = (key: string): Caller | Promise<Caller> => {
    const seen = known.get(key);
    if (seen && seen.freshUntilMs > now()) return admitted(seen.caller);
    let pending = asking.get(key);
    if (!pending) {
      pending = ask(key).finally(() => asking.delete(key));
      asking.set(key, pending);
    }
    return pending;
  };

  const isAdminKey = (key: string): boolean => options.adminKey !== undefined && isSame(key, options.adminKey);

  return {
    authenticate(headers) {
      const key = presentedKey(headers);
      if (key !== undefined && isAdminKey(key)) return { ...anonymous, role: 'admin' };
      if (key?.startsWith(KEY_PREFIX)) return lookUp(key);
      // Clients insist on sending some key: where none is required, one that is not ours says nothing.
      if (options.mode === 'none') return anonymous;
      if (key === undefined) {
        throw new CostlaneError(
          'missing_api_key',
          'An API key is required: send it as "Authorization: Bearer …" or "x-api-key".',
        );
      }
      throw invalidKey();
    },
    async authenticateAdmin(headers, isLocal) {
      const key = presentedKey(headers);
      if (key !== undefined && isAdminKey(key)) return { ...anonymous, role: 'admin' };
      if (key?.startsWith(KEY_PREFIX)) {
        const caller = await lookUp(key);
        if (caller.role === 'admin') return caller;
        throw new CostlaneError('forbidden', 'This needs a key with the role "admin".');
      }
      // Open only to who presents nothing: a key that is wrong is a mistake worth telling.
      if (key === undefined && isLocal && options.isAdminOpenOnLoopback) return { ...anonymous, role: 'admin' };
      if (key === undefined) throw new CostlaneError('missing_api_key', 'Administration needs an admin key.');
      throw invalidKey();
    },
    forget(keyHash) {
      revocations++;
      for (const [key, entry] of known.entries()) if (entry.keyHash === keyHash) known.delete(key);
    },
    forgetAll() {
      revocations++;
      known.clear();
    },
  };
}

function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key.trim() : undefined;
}

function callerOf(key: ApiKey, defaultRateLimitPerMinute: number): Caller {
  return {
    tenantId: key.tenantId,
    teamId: key.teamId || undefined,
    userId: key.userId || undefined,
    keyId: key.id,
    role: key.role === 'admin' ? 'admin' : 'member',
    rateLimitPerMinute: key.rateLimitPerMinute > 0 ? key.rateLimitPerMinute : defaultRateLimitPerMinute,
  };
}

function admitted(caller: Caller | undefined): Caller {
  if (!caller) throw invalidKey();
  return caller;
}

const invalidKey = (): CostlaneError =>
  new CostlaneError('invalid_api_key', 'This API key is not valid, or has been revoked.');

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

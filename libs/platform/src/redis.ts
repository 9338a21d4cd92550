import { Redis } from 'ioredis';
import { restoreFastStrings } from './fast-strings';
import type { Logger } from './logger';

export type { Redis };
export type { ChainableCommander, RedisKey, RedisValue } from 'ioredis';

export interface RedisConnectionOptions {
  /** What the connection is for; shown by `CLIENT LIST` and in logs. */
  name: string;
  logger: Logger;
  /** A connection that waits in XREADGROUP, BLPOP or the like: its commands outlive an outage instead of failing. */
  blocking?: boolean;
  /**
   * A command without a reply in this time fails. Costs a timer per command: on the hot path use the breaker instead.
   * Default: none.
   */
  commandTimeoutMs?: number;
  /** How long one attempt to connect may take; default 1,000. */
  connectTimeoutMs?: number;
}

const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 500;

/**
 * A connection that is opened in the background and reconnects for ever, at most 500 ms apart. Never throws on an outage: while
 * Redis is away the commands of an ordinary connection are rejected at once, those of a blocking one wait.
 */
export function createRedis(url: string, options: RedisConnectionOptions): Redis {
  restoreFastStrings();
  const isBlocking = options.blocking ?? false;
  const redis = new Redis(url, {
    connectionName: options.name,
    // RESP2: replies of the stream commands have one shape on every server version, and no HELLO is needed.
    protocol: 2,
    disableClientInfo: true,
    enableAutoPipelining: false,
    enableOfflineQueue: isBlocking,
    autoResendUnfulfilledCommands: isBlocking,
    maxRetriesPerRequest: isBlocking ? null : 0,
    commandTimeout: options.commandTimeoutMs,
    connectTimeout: options.connectTimeoutMs ?? 1_000,
    keepAlive: 10_000,
    disconnectTimeout: 200,
    retryStrategy: (attempt) => Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(attempt - 1, 8)),
  });
  logStateChanges(redis, options);
  return redis;
}

/** One line when the connection is lost and one when it is back, however many attempts lie between. */
function logStateChanges(redis: Redis, { name, logger }: RedisConnectionOptions): void {
  let state: 'new' | 'up' | 'down' = 'new';
  let lastError = 'connection closed';
  const down = () => {
    if (state === 'down') return;
    state = 'down';
    logger.warn({ connection: name, reason: lastError }, 'redis connection lost');
  };
  redis.on('error', (error: NodeJS.ErrnoException) => {
    lastError = error.code ?? error.message;
    if (redis.status !== 'ready') down();
  });
  redis.on('close', () => {
    if (redis.status !== 'end') down();
  });
  redis.on('ready', () => {
    if (state === 'down') logger.info({ connection: name }, 'redis connection is back');
    state = 'up';
    lastError = 'connection closed';
  });
}

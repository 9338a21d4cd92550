import type { IncomingHttpHeaders } from 'node:http';
import { isPriority, priorities, type Priority } from '@costlane/contracts';
import { CostlaneError, qualityLevels, type QualityLevel, type RouteFeatures } from '@costlane/domain';

/** Defaults that a deployment sets for what a request may choose. */
export interface ControlDefaults {
  isCacheEnabled: boolean;
  isSemanticEnabled: boolean;
  cacheTtlSeconds: number;
  requestTimeoutMs: number;
}

/** What a caller may choose beside the request itself. */
export interface RequestControls {
  useCache: boolean;
  useSemanticCache: boolean;
  /** Only ever raises the deployment's own. */
  minSimilarity?: number;
  cacheTtlSeconds: number;
  cacheTag?: string;
  priority: Priority;
  deadlineMs: number;
  /** The caller has said how much time there is: what takes longer and costs less may be used. */
  isDeadlineExplicit?: boolean;
  idempotencyKey?: string;
  featureName?: string;
  experimentId?: string;
  userId?: string;
  /** What the choice of a model takes into account. */
  quality?: QualityLevel;
  taskType?: string;
  userTier?: RouteFeatures['userTier'];
}

export const MAX_TTL_SECONDS = 2_592_000;
/** Of a call that is made while its caller waits. */
export const MAX_DEADLINE_MS = 3_600_000;
/** Of a call that may be made by batch: a week. */
export const MAX_DEFERRED_MS = 604_800_000;
const MAX_NAME_CHARACTERS = 256;
const userTiers = ['free', 'standard', 'premium'] as const;

/** The defaults as an object that is shared by every request that sets nothing. */
export const defaultControls = (defaults: ControlDefaults): RequestControls => ({
  useCache: defaults.isCacheEnabled,
  useSemanticCache: defaults.isSemanticEnabled,
  cacheTtlSeconds: defaults.cacheTtlSeconds,
  priority: 'standard',
  deadlineMs: defaults.requestTimeoutMs,
});

/** Headers that steer a request in a dialect that has no fields for it. */
const controlHeaders = [
  'cache-control',
  'idempotency-key',
  'x-costlane-use-cache',
  'x-costlane-semantic-cache',
  'x-costlane-min-similarity',
  'x-costlane-cache-ttl-seconds',
  'x-costlane-cache-tag',
  'x-costlane-priority',
  'x-costlane-deadline-ms',
  'x-costlane-feature',
  'x-costlane-experiment',
  'x-costlane-user',
  'x-costlane-quality',
  'x-costlane-task-type',
  'x-costlane-user-tier',
] as const;

/** Reads the steering headers. Throws `invalid_request` that names the header. Requests without any share `defaults`. */
export function controlsFromHeaders(headers: IncomingHttpHeaders, defaults: RequestControls): RequestControls {
  if (!controlHeaders.some((name) => headers[name] !== undefined)) return defaults;
  const text = (name: (typeof controlHeaders)[number]): string | undefined => {
    const value = headers[name];
    if (value === undefined) return undefined;
    const single = Array.isArray(value) ? value.join(',') : value;
    if (single.length > MAX_NAME_CHARACTERS) throw badHeader(name, `at most ${MAX_NAME_CHARACTERS} characters`);
    return single;
  };
  const cacheControl = text('cache-control') ?? '';
  const flag = (name: (typeof controlHeaders)[number]): boolean => {
    const value = text(name);
    if (value !== undefined && value !== 'true' && value !== 'false') throw badHeader(name, 'true or false');
    return value !== 'false';
  };
  const priority = text('x-costlane-priority');
  if (priority !== undefined && !isPriority(priority)) throw badHeader('x-costlane-priority', priorities.join(', '));
  const oneOf = <T extends string>(name: (typeof controlHeaders)[number], known: readonly T[]): T | undefined => {
    const value = text(name);
    if (value === undefined || known.includes(value as T)) return value as T | undefined;
    throw badHeader(name, known.join(', '));
  };
  return {
    useCache: defaults.useCache && flag('x-costlane-use-cache') && !/\bno-(cache|store)\b/i.test(cacheControl),
    useSemanticCache: flag('x-costlane-semantic-cache') && defaults.useSemanticCache,
    minSimilarity: share('x-costlane-min-similarity', text('x-costlane-min-similarity')),
    cacheTtlSeconds:
      integer('x-costlane-cache-ttl-seconds', text('x-costlane-cache-ttl-seconds'), 1, MAX_TTL_SECONDS) ??
      defaults.cacheTtlSeconds,
    cacheTag: text('x-costlane-cache-tag'),
    priority: priority ?? defaults.priority,
    isDeadlineExplicit: headers['x-costlane-deadline-ms'] !== undefined,
    deadlineMs:
      integer('x-costlane-deadline-ms', text('x-costlane-deadline-ms'), 1, MAX_DEFERRED_MS) ?? defaults.deadlineMs,
    idempotencyKey: text('idempotency-key'),
    featureName: text('x-costlane-feature'),
    experimentId: text('x-costlane-experiment'),
    userId: text('x-costlane-user'),
    quality: oneOf('x-costlane-quality', qualityLevels),
    taskType: text('x-costlane-task-type'),
    userTier: oneOf('x-costlane-user-tier', userTiers),
  };
}

/** Headers that belong to one asking, not to what is asked. */
const passingHeaders: ReadonlySet<string> = new Set(['idempotency-key', 'x-costlane-deadline-ms']);
/** What else a door of a dialect reads. */
const dialectHeaders = ['anthropic-version', 'anthropic-beta'] as const;

/** The headers that a request has to be kept with, to be asked later as it would be now. */
export function steeringHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of [...controlHeaders, ...dialectHeaders]) {
    const value = headers[name];
    if (value !== undefined && !passingHeaders.has(name)) kept[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return kept;
}

/** @throws CostlaneError `invalid_request` for more time than a caller can wait for. */
export function requireAwaitable(deadlineMs: number, isStreamed: boolean): void {
  if (deadlineMs <= MAX_DEADLINE_MS) return;
  const why = isStreamed ? 'a streamed answer cannot be made by batch' : 'this deployment makes no calls by batch';
  const message = `A deadline of more than ${MAX_DEADLINE_MS} ms needs a call by batch, and ${why}.`;
  throw new CostlaneError('invalid_request', message, { field: 'deadline_ms' });
}

function integer(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw badHeader(name, `a whole number from ${min} to ${max}`);
  return value;
}

function share(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value <= 1)) throw badHeader(name, 'a number from 0 to 1');
  return value;
}

const badHeader = (name: string, right: string): CostlaneError =>
  new CostlaneError('invalid_request', `Header "${name}" has to be ${right}.`, { field: name });

/** The caller's place in its trace, from HTTP headers or gRPC metadata. */
export function traceparentOf({ traceparent }: IncomingHttpHeaders): string | undefined {
  return typeof traceparent === 'string' ? traceparent : undefined;
}

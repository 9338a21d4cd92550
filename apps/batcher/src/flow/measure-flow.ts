import { consumerGroups, priorities, type Priority, type StreamNames } from '@costlane/contracts';
import { readHeartbeats, type CallLimit, type ConsumerState } from '@costlane/lanes';
import type { Redis } from '@costlane/platform';
import type { ProviderPlaces } from './place-book';

export interface LaneState {
  /** Jobs in the lane. */
  depth: number;
  oldestAgeMs: number;
}

export type LaneStates = Record<Priority, LaneState>;

/** Who works and who moves: changes by the second. */
export interface Members {
  providers: readonly Omit<ProviderPlaces, 'jobs'>[];
  allPlaces: number;
  /** Living batchers by what they say of themselves. */
  batchers: ReadonlyMap<string, ConsumerState>;
  deadLetters: number;
}

/** What changes by the millisecond: lanes and dispatch streams. One round trip. */
export async function measureStreams(
  redis: Redis,
  names: StreamNames,
  providers: readonly string[],
): Promise<{ lanes: LaneStates; jobs: number[]; clockAheadMs: number }> {
  const pipeline = redis.pipeline();
  for (const lane of priorities) pipeline.xlen(names.lane(lane)).xpending(names.lane(lane), consumerGroups.lanes);
  for (const provider of providers) pipeline.xlen(names.dispatch(provider));
  // An entry's id tells when it came by the clock of Redis, which is not this host's.
  pipeline.time();
  const replies = (await pipeline.exec()) ?? [];
  const nowMs = redisTimeMs(valueOf(replies.at(-1))) ?? Date.now();
  const clockAheadMs = Date.now() - nowMs;
  const lanes = {} as LaneStates;
  for (const [at, lane] of priorities.entries()) {
    const depth = Number(valueOf(replies[2 * at]) ?? 0);
    const [, firstPending] = (valueOf(replies[2 * at + 1]) ?? []) as [number?, (string | null)?];
    // What is read and not moved is older than what is not read; only without it the lane itself is looked into, as that gives a payload along.
    const oldestId = depth === 0 ? undefined : (firstPending ?? (await firstId(redis, names.lane(lane))));
    lanes[lane] = { depth, oldestAgeMs: oldestId ? Math.max(0, nowMs - Number.parseInt(oldestId, 10)) : 0 };
  }
  const jobs = providers.map((_, at) => Number(valueOf(replies[2 * priorities.length + at]) ?? 0));
  return { lanes, jobs, clockAheadMs };
}

/** Members of the groups, with what they say of themselves. */
export async function measureMembers(redis: Redis, names: StreamNames): Promise<Members> {
  const [providers, deadLetters, batcherNames] = await Promise.all([
    redis.smembers(names.providers),
    redis.xlen(names.deadLetters),
    consumersOf(redis, names.lane('express'), consumerGroups.lanes),
  ]);
  const workersOf = await Promise.all(
    providers.map((provider) => consumersOf(redis, names.dispatch(provider), consumerGroups.dispatch)),
  );
  const everyone = [...new Set([...batcherNames, ...workersOf.flat()])];
  const states = await readHeartbeats(redis, names, everyone);
  const alive = new Map(everyone.flatMap((name, at) => (states[at] ? [[name, states[at]] as const] : [])));
  const livingOf = (members: readonly string[]) => members.flatMap((name) => alive.get(name) ?? []);
  const placesOf = (members: readonly ConsumerState[]) =>
    members.reduce((sum, { concurrency }) => sum + concurrency, 0);
  const workers = new Set(workersOf.flat());
  return {
    providers: providers.map((provider, at) => {
      const living = livingOf(workersOf[at] ?? []);
      const asksAlone = living.some(({ answersFollowers }) => !answersFollowers);
      return { provider, places: placesOf(living), limits: limitsOf(provider, living), asksAlone };
    }),
    allPlaces: placesOf(livingOf([...workers])),
    batchers: new Map(
      batcherNames.flatMap((name) => (alive.has(name) ? [[name, alive.get(name) as ConsumerState]] : [])),
    ),
    deadLetters,
  };
}

/** Limits of a provider's models over its workers; one that says nothing of a model has places for it. Undefined where none of them says any. */
function limitsOf(provider: string, workers: readonly ConsumerState[]): ReadonlyMap<string, CallLimit> | undefined {
  const targets = new Set(workers.flatMap(({ limits }) => Object.keys(limits ?? {})));
  const limits = new Map<string, CallLimit>();
  for (const target of targets) {
    if (!target.startsWith(`${provider}/`)) continue;
    const sum = { limit: 0, inFlight: 0 };
    for (const { limits: own, concurrency } of workers) {
      sum.limit += own?.[target]?.limit ?? concurrency;
      sum.inFlight += own?.[target]?.inFlight ?? 0;
    }
    limits.set(target, sum);
  }
  return limits.size > 0 ? limits : undefined;
}

async function consumersOf(redis: Redis, stream: string, group: string): Promise<string[]> {
  const rows = (await redis.xinfo('CONSUMERS', stream, group).catch(() => [])) as unknown[][];
  return rows.map((row) => String(row[1]));
}

async function firstId(redis: Redis, stream: string): Promise<string | undefined> {
  return (await redis.xrange(stream, '-', '+', 'COUNT', 1))[0]?.[0];
}

/** Reply of `TIME`, seconds and microseconds, as epoch milliseconds. */
function redisTimeMs(reply: unknown): number | undefined {
  if (!Array.isArray(reply)) return undefined;
  const timeMs = Number(reply[0]) * 1_000 + Number(reply[1]) / 1_000;
  return Number.isFinite(timeMs) ? timeMs : undefined;
}

/** A command's reply; undefined where it failed, as on a stream whose group is not there yet. */
const valueOf = (reply: [Error | null, unknown] | undefined): unknown => (reply && !reply[0] ? reply[1] : undefined);

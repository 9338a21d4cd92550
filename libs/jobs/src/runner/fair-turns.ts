import type { TaskOutcome } from '../queue/job-queue';

export interface FairTurnsOptions {
  /** Turns at a time in this process. */
  concurrency: number;
  /** Whose jobs wait for a worker, a name for each job; some of them where they are very many. */
  waitingTenants: () => Promise<readonly string[]>;
  /** While another tenant waits, a turn takes no more items after so long; default 10,000. */
  shortTurnMs?: number;
  /** How often is looked who waits; default 1,000. */
  checkMs?: number;
  now?: () => number;
  onError?: (error: unknown) => void;
}

export interface Turn {
  /** False when others wait and this tenant has had its part: the turn is to take no more. It stays so. */
  mayGoOn(): boolean;
  leave(): void;
}

/**
 * Shares the turns of a process among tenants: while several have jobs that run or wait, none keeps more than its part of them, however many
 * jobs it has and however long they are. A tenant that is alone has them all.
 */
export interface FairTurns {
  /** A turn, or when to ask again where the tenant has its part. */
  enter(tenantId: string): Promise<Turn | Exclude<TaskOutcome, 'done'>>;
  stop(): void;
}

const AGAIN_MS = 1_000;
/** The more jobs wait, the less often each of them asks: a thousand a second at the most. */
const MAX_AGAIN_MS = 20_000;

export function createFairTurns(options: FairTurnsOptions): FairTurns {
  const { concurrency, shortTurnMs = 10_000, checkMs = 1_000, now = Date.now, onError = () => undefined } = options;
  /** Turns by tenant, those that are about to end not counted. */
  const staying = new Map<string, number>();
  let waiting: ReadonlySet<string> = new Set();
  let waitingJobs = 0;
  let lookedAtMs = -Infinity;
  let looking: Promise<void> | undefined;

  const look = (): Promise<void> =>
    (looking ??= options
      .waitingTenants()
      // Who cannot be seen is not waited for.
      .catch((error: unknown) => (onError(error), []))
      .then((tenants) => {
        waiting = new Set(tenants);
        waitingJobs = tenants.length;
        lookedAtMs = now();
      })
      .finally(() => (looking = undefined)));
  const timer = setInterval(() => void (staying.size > 0 && look()), checkMs).unref();

  const othersWait = (tenantId: string): boolean => waiting.size > (waiting.has(tenantId) ? 1 : 0);
  const partOf = (tenantId: string): number => {
    const tenants = new Set([...staying.keys(), ...waiting, tenantId]);
    return Math.max(1, Math.ceil(concurrency / tenants.size));
  };
  const add = (tenantId: string, count: number): void => {
    const turns = (staying.get(tenantId) ?? 0) + count;
    if (turns > 0) staying.set(tenantId, turns);
    else staying.delete(tenantId);
  };

  return {
    async enter(tenantId) {
      if (staying.has(tenantId) && now() - lookedAtMs >= checkMs) await look();
      const turns = staying.get(tenantId) ?? 0;
      if (turns > 0 && othersWait(tenantId) && turns >= partOf(tenantId))
        return { againInMs: Math.min(AGAIN_MS + waitingJobs, MAX_AGAIN_MS) };
      add(tenantId, 1);
      const startedAtMs = now();
      let isStaying = true;
      const end = (): void => {
        if (isStaying) add(tenantId, -1);
        isStaying = false;
      };
      return {
        mayGoOn() {
          if (!isStaying || !othersWait(tenantId)) return isStaying;
          const isOverPart = (staying.get(tenantId) ?? 0) > partOf(tenantId);
          if (isOverPart || now() - startedAtMs >= shortTurnMs) end();
          return isStaying;
        },
        leave: end,
      };
    },
    stop: () => clearInterval(timer),
  };
}

import { exactRankKey, type CachedAnswerHeader } from '@costlane/contracts';
import { reuseWeight, worthOfUse, type EvictionPolicy } from '@costlane/domain';
import { bindScript, type Redis } from '@costlane/platform';
import type { CachedAnswer } from './answer';
import { indexMember } from './index-member';
import source from './touch.lua';

export interface UseReports {
  /** An answer was given. Costs a look into a map; Redis is told later. */
  used(tenantId: string, fingerprint: string, answer: CachedAnswer): void;
  /** Tells Redis what was used since the last time. Never rejects: what is lost only ages entries a little too early. */
  flush(): Promise<void>;
  stop(): void;
}

export interface UseReportsOptions {
  redis: Redis;
  policy: EvictionPolicy;
  /** How often Redis is told. */
  intervalMs?: number;
  now?: () => number;
}

/** The answer's body is not held: many of them would be much. */
interface Use {
  tenantId: string;
  fingerprint: string;
  tag: string | undefined;
  bodyBytes: number;
  count: number;
}

const INTERVAL_MS = 1_000;
/** Different answers of which the uses between two reports are kept; those of others are not counted, which is a sample. */
const MAX_ANSWERS = 10_000;
/** Entries of one script call: the server does nothing else meanwhile. */
const MAX_CALL = 500;

/** The bytes that an answer takes in Redis beside its body: header, key, places in index and rank. */
const ENTRY_OVERHEAD_BYTES = 1_024;

/** What a use of a stored answer is worth to a policy; see `worthOfUse`. */
export const worthOfAnswer = (policy: EvictionPolicy, header: CachedAnswerHeader, bodyBytes: number): number =>
  policy === 'lru'
    ? 0
    : worthOfUse(policy, { sizeBytes: bodyBytes + ENTRY_OVERHEAD_BYTES, savedNanoUsd: header.baselineNanoUsd });

/** Gathers which entries of the exact tier were used, and tells Redis once a second, in one script call a tenant. */
export function createUseReports({
  redis,
  policy,
  intervalMs = INTERVAL_MS,
  now = Date.now,
}: UseReportsOptions): UseReports {
  const touch = bindScript(redis, source);
  // By the header itself: the same object is given for as long as the answer is kept in memory.
  let uses = new Map<CachedAnswerHeader, Use>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const report = async (): Promise<void> => {
    const kind = policy === 'lru' ? 'at' : 'by';
    const byTenant = new Map<string, (string | number)[]>();
    for (const [header, { tenantId, fingerprint, tag, bodyBytes, count }] of uses) {
      let args = byTenant.get(tenantId);
      if (!args) byTenant.set(tenantId, (args = []));
      args.push(policy === 'lru' ? now() : count * reuseWeight * worthOfAnswer(policy, header, bodyBytes));
      args.push(indexMember(fingerprint, header, tag));
    }
    uses = new Map();
    const calls = [...byTenant].flatMap(([tenantId, args]) =>
      slices(args, 2 * MAX_CALL).map((some) => touch([exactRankKey(tenantId, policy)], [kind, ...some])),
    );
    await Promise.allSettled(calls);
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    // One report at a time: a Redis that hangs is not given more and more of them.
    while (running) await running;
    running = report().finally(() => (running = undefined));
    await running;
  };

  return {
    used(tenantId, fingerprint, { header, body, tag }) {
      const use = uses.get(header);
      if (use) {
        use.count++;
        return;
      }
      if (uses.size >= MAX_ANSWERS) return;
      uses.set(header, { tenantId, fingerprint, tag, bodyBytes: body.length, count: 1 });
      // Only where something was used, and the last report has arrived: an idle process does nothing.
      if (!running) timer ??= setTimeout(() => void flush(), intervalMs).unref();
    },
    flush,
    stop() {
      clearTimeout(timer);
      timer = undefined;
      uses.clear();
    },
  };
}

function slices<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}

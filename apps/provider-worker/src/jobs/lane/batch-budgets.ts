import { decodeItemPlan, type JobHeader, type ReserveItem } from '@costlane/contracts';
import type { BatchJob, BudgetStore, SubmittedItem } from '@costlane/ledger';

/** A batch asked to end at its job's deadline may take a while to, and its results to be taken. */
const HOLD_GRACE_MS = 60 * 60_000;
/** Of a job without a deadline: providers give batches a day. */
const HOLD_MS = 25 * 60 * 60_000;

/** In whose leases of budgets a batch is reserved, on the records of its items, too. */
export const lesseeOf = (batchKey: string): string => `batch:${batchKey}`;

export interface BatchBudgets {
  /**
   * Sets aside what the items of a batch may cost at the most, before it is handed over; the same again while it is. False: a budget has not
   * enough, or what an item may cost is not known. `items` is read only where the tenant has a budget that blocks. Throws where that is not known.
   */
  reserve(batchKey: string, items: AsyncIterable<SubmittedItem>, job: BatchJob): Promise<boolean>;
  /** The rest goes back, once what the batch has cost is on record. */
  release(batchKey: string): Promise<void>;
}

/** Where the jobs' truth is, budgets are too: a batch is reserved in the same Postgres that it is written down in, with nobody in between. */
export function createBatchBudgets(
  budgets: Pick<BudgetStore, 'isLimited' | 'reserve' | 'closeLessees'>,
  now: () => number,
): BatchBudgets {
  return {
    async reserve(batchKey, items, job) {
      if (!(await budgets.isLimited(job.tenantId))) return true;
      const sums = await sumUp(items);
      if (!sums) return false;
      const holdUntilMs = (job.deadlineAtMs ?? now() + HOLD_MS) + HOLD_GRACE_MS;
      const reply = await budgets.reserve({ lessee: lesseeOf(batchKey), holdUntilMs, items: sums });
      return reply !== 'closed' && reply.isReserved;
    },
    release: (batchKey) => budgets.closeLessees([lesseeOf(batchKey)]),
  };
}

/** By who pays; undefined: there is an item of which nobody has said what it may cost. */
async function sumUp(items: AsyncIterable<SubmittedItem>): Promise<ReserveItem[] | undefined> {
  const sums = new Map<string, ReserveItem>();
  for await (const { prepared } of items) {
    if (!prepared) continue;
    const { header } = decodeItemPlan(prepared);
    if (header.worstCaseNanoUsd === undefined) return undefined;
    const item = reserveItem(header, header.worstCaseNanoUsd);
    const { amountNanoUsd, ...payer } = item;
    const name = JSON.stringify(payer);
    const known = sums.get(name);
    if (known) known.amountNanoUsd += amountNanoUsd;
    else sums.set(name, item);
  }
  return [...sums.values()];
}

/** By the names and the day that its record will have. */
const reserveItem = (header: JobHeader, amountNanoUsd: number): ReserveItem => ({
  tenantId: header.tenantId,
  teamId: header.teamId ?? '',
  userId: header.userId ?? '',
  keyId: header.keyId ?? '',
  featureName: header.featureName ?? '',
  createdAtMs: dayStart(header.recordedAtMs ?? header.createdAtMs),
  amountNanoUsd,
});

const DAY_MS = 86_400_000;
const dayStart = (timeMs: number): number => Math.floor(timeMs / DAY_MS) * DAY_MS;

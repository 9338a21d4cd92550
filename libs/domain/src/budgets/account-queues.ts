import type { BudgetAccount } from './budget-account';

/** How asking for an account goes while somebody waits for it. */
export interface AccountQueue {
  /** So many of those who wait are asked for at once: fewer after each time that it was too much. */
  count: number;
  /** Who needs as much has been told to wait until then. */
  contendedNanoUsd: number;
  contendedUntilMs: number;
}

const MAX_COUNT = 1_000_000;
/** So many are kept of accounts that nobody waits for any more, before they are looked through. */
const MAX_IDLE = 1_000;

/** The queues of all accounts that somebody waits for. */
export class AccountQueues {
  private readonly queues = new Map<BudgetAccount, AccountQueue>();

  get size(): number {
    return this.queues.size;
  }

  of(account: BudgetAccount): AccountQueue {
    let queue = this.queues.get(account);
    if (!queue) this.queues.set(account, (queue = { count: MAX_COUNT, contendedNanoUsd: 0, contendedUntilMs: 0 }));
    return queue;
  }

  gotSome(account: BudgetAccount): void {
    const queue = this.of(account);
    queue.count = Math.min(MAX_COUNT, queue.count * 2);
  }

  askForFewer(account: BudgetAccount, count: number): void {
    this.of(account).count = Math.max(1, Math.floor(count / 4));
  }

  /** Lets go of those that nobody waits for, where they have become many: somebody waits for something at all times in a busy gateway. */
  keep(waiting: ReadonlyMap<BudgetAccount, unknown>): void {
    if (this.queues.size <= waiting.size + MAX_IDLE) return;
    for (const account of this.queues.keys()) if (!waiting.has(account)) this.queues.delete(account);
  }

  clear(): void {
    this.queues.clear();
  }
}

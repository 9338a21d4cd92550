import type { BudgetMessage } from '@costlane/contracts';
import type { LeaseBook, LeaseCall, LeaseDesk } from '@costlane/domain';
import type { Logger } from '@costlane/platform';
import type { BudgetAuthority } from './budget-authority';

/** Keeps a gateway's leases: tells the authority, hears it, and asks for what requests wait for. */
export interface BudgetLink {
  /** Somebody waits, or something runs low: it is asked for at the end of this turn of the event loop. */
  poke(): void;
  /** There is something to tell that should not wait. */
  syncSoon(): void;
  hear(message: BudgetMessage): void;
  /** Gives everything back, as far as the authority can be reached, and stops. */
  close(): Promise<void>;
}

export interface BudgetLinkOptions {
  book: LeaseBook;
  desk: LeaseDesk;
  authority: BudgetAuthority;
  logger: Logger;
  /** The authority has told something. */
  onSynced: () => void;
  syncEveryMs?: number;
}

const SYNC_EVERY_MS = 500;
/** Between two syncs, however much there is to tell. */
const SYNC_GAP_MS = 10;
/** While somebody waits, it is looked so often whether that has been long enough. */
const TICK_MS = 10;
/** Ticks in a row that are passed over because they came late. */
const MAX_HELD_UP = 5;
const LAST_WORD_MS = 500;

export function createBudgetLink(options: BudgetLinkOptions): BudgetLink {
  const { book, desk, authority, logger, onSynced } = options;
  let isSyncing = false;
  let isSyncDue = false;
  let isPumpDue = false;
  let isClosed = false;
  let lastSyncMs = 0;
  let gapTimer: NodeJS.Timeout | undefined;
  let tickTimer: NodeJS.Timeout | undefined;
  let tickDueMs = 0;
  let heldUp = 0;

  const send = (call: LeaseCall, isWaitedFor: boolean): void => {
    authority.lease(call).then(
      (word) => {
        if (isWaitedFor) desk.answered(call, word, Date.now());
        else book.granted(call, word, Date.now());
        poke();
      },
      (err: unknown) => {
        logger.debug({ err }, 'asking for budgets failed');
        if (isWaitedFor) desk.failed(call);
      },
    );
  };

  const pump = (): void => {
    isPumpDue = false;
    if (isClosed) return;
    const nowMs = Date.now();
    const call = desk.next(nowMs);
    if (call) send(call, true);
    if (book.mustReturn) syncSoon();
    if (tickTimer || (desk.waiting === 0 && !call)) return;
    tickDueMs = nowMs + TICK_MS;
    tickTimer = setTimeout(tick, TICK_MS);
  };
  const tick = (): void => {
    tickTimer = undefined;
    const nowMs = Date.now();
    // A tick that comes late says that this process was held up: answers that are there already are read first.
    if (nowMs - tickDueMs > TICK_MS && heldUp < MAX_HELD_UP) heldUp += 1;
    else {
      heldUp = 0;
      desk.tick(nowMs);
    }
    if (desk.isAuthorityAway) syncSoon();
    pump();
  };
  const poke = (): void => {
    if (isPumpDue) return;
    isPumpDue = true;
    setImmediate(pump);
  };

  const sync = async (): Promise<void> => {
    isSyncing = true;
    isSyncDue = false;
    const sentAtMs = Date.now();
    lastSyncMs = sentAtMs;
    const warm = isClosed ? undefined : book.warmCall(sentAtMs);
    if (warm) send(warm, false);
    const state = book.syncState(sentAtMs);
    try {
      const word = await authority.sync(state);
      if (book.synced(state, word, sentAtMs, Date.now())) isSyncDue = true;
      desk.synced(Date.now());
      onSynced();
    } catch (err) {
      logger.debug({ err }, 'a sync of budgets failed');
      if (!book.isSynced) desk.lost();
    }
    isSyncing = false;
    if (isSyncDue && !isClosed) syncSoon();
    poke();
  };
  const syncSoon = (): void => {
    isSyncDue = true;
    if (isSyncing || gapTimer || isClosed) return;
    const waitMs = SYNC_GAP_MS - (Date.now() - lastSyncMs);
    if (waitMs <= 0) void sync();
    else
      gapTimer = setTimeout(() => {
        gapTimer = undefined;
        if (!isSyncing && !isClosed) void sync();
      }, waitMs);
  };

  void sync();
  const timer = setInterval(() => isSyncing || void sync(), options.syncEveryMs ?? SYNC_EVERY_MS);
  return {
    poke,
    syncSoon,
    hear({ wanted = [] }) {
      const nowMs = Date.now();
      for (const { budgetId, subject, periodStartMs } of wanted) book.want(budgetId, subject, periodStartMs, nowMs);
      syncSoon();
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      clearTimeout(gapTimer);
      clearTimeout(tickTimer);
      book.close();
      const farewell = authority.sync(book.syncState(Date.now())).catch(() => undefined);
      let lastWordTimer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((done) => (lastWordTimer = setTimeout(done, LAST_WORD_MS)));
      await Promise.race([farewell, late]);
      clearTimeout(lastWordTimer);
      authority.close();
    },
  };
}

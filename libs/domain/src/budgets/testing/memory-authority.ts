import { everySubject, subjectOf, type Budget, type BudgetPayer, type BudgetScope } from '../budget';
import { periodStartMs } from '../budget-period';
import type { AccountWord, GrantState, LeaseWord, SyncState, SyncWord } from '../lease-words';

interface Account {
  readonly budgetId: string;
  readonly subject: string;
  readonly startMs: number;
  posted: number;
  /** By lessee, and their sum. */
  readonly outstanding: Map<string, number>;
  leased: number;
  want: { sinceMs: number; unanswered: Set<string> } | undefined;
}

interface Lessee {
  readonly gatewayId: string;
  expiresAtMs: number;
  holdUntilMs: number;
  closedAtMs: number | undefined;
}

/** A record of what a request has cost. */
export interface SpentRecord {
  readonly payer: BudgetPayer;
  readonly recordedAtMs: number;
  readonly paidNanoUsd: number;
  readonly lessee: string | undefined;
}

export interface AskWord {
  readonly budgetId: string;
  readonly subject: string;
  readonly periodStartMs: number;
  readonly needNanoUsd: number;
  readonly wantNanoUsd: number;
}

const TTL_MS = 10_000;

/** The authority on budgets by the rules of `BudgetService`, in memory and at once: what the one in Postgres does, for simulations. */
export class MemoryAuthority {
  readonly budgets = new Map<string, Budget>();
  readonly accounts = new Map<string, Account>();
  readonly lessees = new Map<string, Lessee>();
  private version = 0;

  constructor(
    private readonly told: {
      onWanted: (words: readonly Omit<AskWord, 'needNanoUsd' | 'wantNanoUsd'>[]) => void;
      /** Something has happened to an account. */
      onChanged?: (key: string) => void;
    },
  ) {}

  put(budget: Omit<Budget, 'version'>): void {
    this.version += 1;
    this.budgets.set(budget.id, { ...budget, version: this.version });
  }

  lease(gatewayId: string, lessee: string, holdMs: number, asks: readonly AskWord[], nowMs: number): LeaseWord {
    this.renew(gatewayId, lessee, holdMs, nowMs);
    return { leaseTtlMs: TTL_MS, grants: asks.map((ask) => this.grant(gatewayId, lessee, ask, nowMs)) };
  }

  sync(gatewayId: string, state: SyncState, nowMs: number): SyncWord {
    const unknown: string[] = [];
    const told = new Set<Account>();
    for (const { lessee, holdMs, returned, isClosed } of state.lessees) {
      const known = this.lessees.get(lessee);
      if (!known || known.closedAtMs !== undefined || known.expiresAtMs <= nowMs) unknown.push(lessee);
      else this.renew(gatewayId, lessee, holdMs, nowMs);
      for (const amount of returned) {
        const account = this.accounts.get(keyOf(amount.budgetId, amount.subject, amount.periodStartMs));
        if (account) this.take(account, lessee, amount.amountNanoUsd);
      }
      if (isClosed && known) known.closedAtMs ??= nowMs;
    }
    for (const account of this.accounts.values()) {
      account.want?.unanswered.delete(gatewayId);
      if (state.lessees.some(({ lessee }) => account.outstanding.has(lessee))) told.add(account);
    }
    const changed = [...this.budgets.values()].filter(({ version }) => version > state.sinceVersion);
    return {
      changed: changed.sort((a, b) => a.version - b.version),
      latestVersion: this.version,
      leaseTtlMs: TTL_MS,
      accounts: [...told].map(wordOf),
      wanted: [...told].filter(({ want }) => want).map(wordOf),
      unknownLessees: unknown,
    };
  }

  /** A record comes in, once. */
  post({ payer, recordedAtMs, paidNanoUsd, lessee }: SpentRecord): void {
    for (const { budget, subject } of this.touched(payer)) {
      const account = this.accountOf(budget.id, subject, periodStartMs(budget.period, recordedAtMs));
      account.posted += paidNanoUsd;
      this.told.onChanged?.(keyOf(account.budgetId, account.subject, account.startMs));
      if (lessee !== undefined) this.take(account, lessee, paidNanoUsd);
    }
  }

  /** Lets go of what is over. `ingestedUntilMs`: up to when everything that was spent is on record. */
  sweep(ingestedUntilMs: number, nowMs: number): void {
    for (const [lessee, { closedAtMs, expiresAtMs, holdUntilMs }] of this.lessees) {
      const overMs = closedAtMs ?? (expiresAtMs <= nowMs ? holdUntilMs : Infinity);
      if (overMs >= ingestedUntilMs) continue;
      this.lessees.delete(lessee);
      for (const account of this.accounts.values()) {
        account.leased -= account.outstanding.get(lessee) ?? 0;
        account.outstanding.delete(lessee);
      }
    }
  }

  touched(payer: BudgetPayer): { budget: Budget; subject: string }[] {
    const all = [...this.budgets.values()].filter(
      ({ tenantId, isRemoved }) => tenantId === payer.tenantId && !isRemoved,
    );
    return all.flatMap((budget) => {
      const subject = subjectOf(payer, budget.scope);
      if (subject === undefined) return [];
      if (budget.scopeId === subject) return [{ budget, subject }];
      const isEvery = budget.scopeId === everySubject && !hasOwn(all, budget.scope, subject, budget.period);
      return isEvery ? [{ budget, subject }] : [];
    });
  }

  private renew(gatewayId: string, lessee: string, holdMs: number, nowMs: number): void {
    const known = this.lessees.get(lessee) ?? { gatewayId, expiresAtMs: 0, holdUntilMs: 0, closedAtMs: undefined };
    this.lessees.set(lessee, known);
    known.expiresAtMs = nowMs + TTL_MS;
    known.holdUntilMs = Math.max(known.holdUntilMs, nowMs + Math.max(TTL_MS, holdMs));
  }

  private grant(gatewayId: string, lessee: string, ask: AskWord, nowMs: number): LeaseWord['grants'][number] {
    const budget = this.budgets.get(ask.budgetId);
    if (!budget || budget.isRemoved) return { state: 'unknown', grantedNanoUsd: 0 };
    const account = this.accountOf(ask.budgetId, ask.subject, ask.periodStartMs);
    const given = (state: GrantState, grantedNanoUsd = 0): LeaseWord['grants'][number] => ({
      state,
      grantedNanoUsd,
      account: wordOf(account),
    });
    const room = budget.limitNanoUsd - account.posted - account.leased;
    if (room >= ask.needNanoUsd || ask.needNanoUsd === 0) {
      const more = Math.floor(Math.max(0, room - ask.needNanoUsd) / 4 / this.liveGateways(nowMs));
      const amount = ask.needNanoUsd + Math.min(more, Math.max(0, ask.wantNanoUsd - ask.needNanoUsd));
      account.outstanding.set(lessee, (account.outstanding.get(lessee) ?? 0) + amount);
      account.leased += amount;
      this.told.onChanged?.(keyOf(account.budgetId, account.subject, account.startMs));
      account.want = undefined;
      return given('granted', amount);
    }
    if (account.posted + ask.needNanoUsd > budget.limitNanoUsd) return given('exhausted');
    const isAnswered = account.want?.unanswered.size === 0;
    if (isAnswered) {
      account.want = undefined;
      return given('exhausted');
    }
    if (!account.want) {
      const holders = [...account.outstanding].filter(([, amount]) => amount > 0).map(([holder]) => holder);
      const gateways = holders.map((holder) => this.lessees.get(holder)?.gatewayId ?? gatewayId);
      account.want = { sinceMs: nowMs, unanswered: new Set([gatewayId, ...gateways]) };
      this.told.onWanted([wordOf(account)]);
    }
    return given('contended');
  }

  private liveGateways(nowMs: number): number {
    const live = [...this.lessees.values()].filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    return Math.max(1, new Set(live.map(({ gatewayId }) => gatewayId)).size);
  }

  private take(account: Account, lessee: string, amount: number): void {
    const before = account.outstanding.get(lessee);
    if (before === undefined) return;
    const taken = Math.min(before, amount);
    account.outstanding.set(lessee, before - taken);
    account.leased -= taken;
  }

  private accountOf(budgetId: string, subject: string, startMs: number): Account {
    const key = keyOf(budgetId, subject, startMs);
    let account = this.accounts.get(key);
    if (!account) {
      account = { budgetId, subject, startMs, posted: 0, outstanding: new Map(), leased: 0, want: undefined };
      this.accounts.set(key, account);
    }
    return account;
  }
}

export const keyOf = (budgetId: string, subject: string, startMs: number): string =>
  `${budgetId} ${startMs} ${subject}`;

function hasOwn(all: readonly Budget[], scope: BudgetScope, subject: string, period: Budget['period']): boolean {
  return all.some((one) => one.scope === scope && one.scopeId === subject && one.period === period);
}

function wordOf(account: Account): AccountWord {
  const { budgetId, subject, startMs, posted, leased } = account;
  return { budgetId, subject, periodStartMs: startMs, postedNanoUsd: posted, leasedNanoUsd: leased };
}

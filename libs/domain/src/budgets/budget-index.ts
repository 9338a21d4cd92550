import { everySubject, subjectOf, type Budget, type BudgetPayer, type BudgetScope } from './budget';
import { BudgetAccount, type BudgetEntry } from './budget-account';
import { periodStartMs } from './budget-period';

interface Entry extends BudgetEntry {
  /** By subject: the account that was used last, usually of the present period, and those of other periods. */
  readonly accounts: Map<string, SubjectAccounts>;
}

interface SubjectAccounts {
  latest: BudgetAccount;
  others: BudgetAccount[];
}

interface ScopeBudgets {
  readonly scope: BudgetScope;
  readonly named: Map<string, Entry[]>;
  readonly every: Entry[];
}

/** The budgets of a deployment and the accounts in use: found by who pays, in constant time however many there are. */
export class BudgetIndex {
  private readonly byId = new Map<string, Entry>();
  private readonly tenants = new Map<string, ScopeBudgets[]>();
  private accountCount = 0;

  constructor(private readonly maxAccounts: number) {}

  get size(): number {
    return this.byId.size;
  }

  get accounts(): number {
    return this.accountCount;
  }

  has(tenantId: string): boolean {
    return this.tenants.has(tenantId);
  }

  clear(): void {
    this.byId.clear();
    this.tenants.clear();
    this.accountCount = 0;
  }

  /** A new budget, a changed one, or one that is gone. */
  put(budget: Budget): void {
    const known = this.byId.get(budget.id);
    if (budget.isRemoved) {
      if (known) this.remove(known);
    } else if (!known) this.add(budget);
    else if (known.budget.version <= budget.version) known.budget = budget;
  }

  /**
   * Puts the accounts that a payer touches at a moment into `into`. False: there are too many accounts for one more.
   * @param atMs epoch milliseconds under which the request is on record
   */
  collect(payer: BudgetPayer, atMs: number, nowMs: number, into: BudgetAccount[]): boolean {
    into.length = 0;
    const scopes = this.tenants.get(payer.tenantId);
    if (!scopes) return true;
    for (const { scope, named, every } of scopes) {
      const subject = subjectOf(payer, scope);
      if (subject === undefined) continue;
      const own = named.get(subject);
      if (own) for (const entry of own) if (!this.pushAccount(entry, subject, atMs, nowMs, into)) return false;
      for (const entry of every) {
        if (own?.some(({ budget }) => budget.period === entry.budget.period)) continue;
        if (!this.pushAccount(entry, subject, atMs, nowMs, into)) return false;
      }
    }
    return true;
  }

  find(budgetId: string, subject: string, startMs: number): BudgetAccount | undefined {
    const found = this.byId.get(budgetId)?.accounts.get(subject);
    if (!found) return undefined;
    if (found.latest.periodStartMs === startMs) return found.latest;
    return found.others.find((account) => account.periodStartMs === startMs);
  }

  /** Lets go of accounts that were not used since `beforeMs` and hold nothing. */
  forgetIdle(beforeMs: number, isHeld: (account: BudgetAccount) => boolean): void {
    const isIdle = (account: BudgetAccount): boolean => account.lastUsedMs < beforeMs && !isHeld(account);
    for (const { accounts } of this.byId.values()) {
      for (const [subject, kept] of accounts) {
        const before = kept.others.length;
        kept.others = kept.others.filter((account) => !isIdle(account));
        this.accountCount -= before - kept.others.length;
        if (!isIdle(kept.latest) || kept.others.length > 0) continue;
        accounts.delete(subject);
        this.accountCount -= 1;
      }
    }
  }

  private pushAccount(entry: Entry, subject: string, atMs: number, nowMs: number, into: BudgetAccount[]): boolean {
    const latest = entry.accounts.get(subject)?.latest;
    const isLatest = latest && atMs >= latest.periodStartMs && atMs < latest.periodEndMs;
    const account = isLatest ? latest : this.accountOf(entry, subject, atMs, nowMs);
    if (!account) return false;
    into.push(account);
    return true;
  }

  private accountOf(entry: Entry, subject: string, atMs: number, nowMs: number): BudgetAccount | undefined {
    const startMs = periodStartMs(entry.budget.period, atMs);
    const kept = entry.accounts.get(subject);
    const known = kept?.others.find((account) => account.periodStartMs === startMs);
    if (!known && this.accountCount >= this.maxAccounts) return undefined;
    const account = known ?? new BudgetAccount(entry, subject, startMs, nowMs);
    if (!known) this.accountCount += 1;
    if (kept) {
      kept.others = [kept.latest, ...kept.others.filter((other) => other !== account)];
      kept.latest = account;
    } else entry.accounts.set(subject, { latest: account, others: [] });
    return account;
  }

  private add(budget: Budget): void {
    const entry: Entry = { budget, accounts: new Map() };
    this.byId.set(budget.id, entry);
    const { tenantId, scope, scopeId } = budget;
    const scopes = this.tenants.get(tenantId) ?? [];
    this.tenants.set(tenantId, scopes);
    let budgets = scopes.find((one) => one.scope === scope);
    if (!budgets) scopes.push((budgets = { scope, named: new Map(), every: [] }));
    if (scopeId === everySubject) budgets.every.push(entry);
    else budgets.named.set(scopeId, [...(budgets.named.get(scopeId) ?? []), entry]);
  }

  private remove(entry: Entry): void {
    const { id, tenantId, scope, scopeId } = entry.budget;
    this.byId.delete(id);
    for (const { others } of entry.accounts.values()) this.accountCount -= 1 + others.length;
    const scopes = this.tenants.get(tenantId) ?? [];
    const budgets = scopes.find((one) => one.scope === scope);
    if (!budgets) return;
    if (scopeId === everySubject) budgets.every.splice(budgets.every.indexOf(entry), 1);
    else {
      const left = (budgets.named.get(scopeId) ?? []).filter((one) => one !== entry);
      if (left.length > 0) budgets.named.set(scopeId, left);
      else budgets.named.delete(scopeId);
    }
    if (budgets.every.length === 0 && budgets.named.size === 0) scopes.splice(scopes.indexOf(budgets), 1);
    if (scopes.length === 0) this.tenants.delete(tenantId);
  }
}

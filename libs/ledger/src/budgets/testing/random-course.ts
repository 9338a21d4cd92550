import type { BudgetAuthority, SpentRequest } from './budget-authority';
import { add, drawFrom, key, type Epoch, type Gateway, type PendingRecord, type Reservation } from './course-parts';

export interface CourseOptions {
  seed: number;
  tenantId: string;
  /** Several connections to one authority. */
  authorities: readonly BudgetAuthority[];
  record(requests: SpentRequest[]): Promise<void>;
  passTime(ms: number): Promise<void>;
  /** Beginning of the day that all of it happens in. */
  dayMs: number;
}

const USERS = ['ada', 'bob', 'cy'];
const HOLD_MS = 40_000;
/** Shorter than the authority's. */
const TTL_MS = 9_000;
const MAX_RUN_MS = 20_000;
export const FIRST_LIMIT = 2_000;

/**
 * A random course of what happens to an org's and its users' budgets: gateways that lease, spend, return, change their names, crash and come back,
 * records that arrive late, twice and in any order, limits that change. Keeps what is truly spent, for the books to be compared with.
 */
export class RandomCourse {
  /** The highest that has held since the last look, by budget. */
  readonly upper = new Map<string, number>();
  readonly reservations: Reservation[] = [];
  readonly pending: PendingRecord[] = [];
  readonly recorded: SpentRequest[] = [];
  orgId = '';
  usersId = '';
  refusals = 0;
  readonly gateways: Gateway[];
  private limit = FIRST_LIMIT;
  private nowMs = 0;
  private next = 0;
  private readonly below: (bound: number) => number;

  constructor(private readonly options: CourseOptions) {
    this.below = drawFrom(options.seed);
    this.gateways = ['a', 'b', 'c'].map((name) => this.startGateway(`${options.tenantId}-${name}`));
  }

  async begin(): Promise<void> {
    this.orgId = await this.put({ scope: 'org', scopeId: '' }, FIRST_LIMIT);
    this.usersId = await this.put({ scope: 'user', scopeId: '*' }, FIRST_LIMIT / 2);
  }

  /** Some things at once, on as many connections. */
  async step(): Promise<void> {
    const count = 1 + this.below(this.options.authorities.length);
    await Promise.all(Array.from({ length: count }, (_, at) => this.something(this.authority(at))));
  }

  /** Everybody ends, all is recorded, and the holds are over. */
  async end(): Promise<void> {
    this.passDeadlines(Infinity);
    for (const gateway of this.gateways) gateway.current.isOver = true;
    await this.options.passTime(HOLD_MS + 20_000);
    while (this.pending.length > 0) await this.deliver();
    await this.options.passTime(1);
    await this.authority(0).sweep(async () => 0);
  }

  /** What an account has to cover that is not on record: what is on its way, under way, or free in a gateway that may still spend it. */
  owed(budgetId: string, subject: string): number {
    const isIts = (userId?: string): boolean => budgetId === this.orgId || userId === subject;
    const waiting = this.pending.filter(({ request }) => request.budgetLessee !== undefined && isIts(request.userId));
    const running = this.reservations.filter(({ userId }) => isIts(userId));
    const free = this.gateways
      .filter(({ current }) => !current.isOver)
      .map(({ current }) => current.free.get(key(budgetId, subject)) ?? 0);
    const amounts = [
      ...waiting.map(({ request }) => request.paidNanoUsd),
      ...running.map(({ amount }) => amount),
      ...free,
    ];
    return amounts.reduce((sum, each) => sum + each, 0);
  }

  accountsOf(userId: string): [budgetId: string, subject: string][] {
    return [
      [this.orgId, ''],
      [this.usersId, userId],
    ];
  }

  private async something(authority: BudgetAuthority): Promise<void> {
    const gateway = this.gateways[this.below(this.gateways.length)] as Gateway;
    const dice = this.below(100);
    if (dice < 40) return this.ask(authority, gateway);
    if (dice < 60) return this.settleOne();
    if (dice < 72) return this.deliver();
    if (dice < 82) return this.sync(authority, gateway);
    if (dice < 86) return void this.rotate(gateway);
    if (dice < 88) return void this.crash(gateway);
    if (dice < 93) return this.pass(200 + this.below(15_000));
    if (dice < 97) return void (await authority.sweep(async () => this.unrecordedAgeMs()));
    if (dice < 99) return this.changeLimit();
    return this.spendUnleased();
  }

  private async ask(authority: BudgetAuthority, gateway: Gateway): Promise<void> {
    const epoch = this.live(gateway);
    const userId = USERS[this.below(USERS.length)] ?? '';
    const amount = 1 + this.below(250);
    const accounts = this.accountsOf(userId);
    const missing = accounts.filter(([id, subject]) => (epoch.free.get(key(id, subject)) ?? 0) < amount);
    epoch.underWay += 1;
    if (missing.length > 0) {
      const asks = missing.map(([budgetId, subject]) => ({
        budgetId,
        subject,
        periodStartMs: this.options.dayMs,
        needNanoUsd: amount,
        wantNanoUsd: amount * (1 + this.below(4)),
      }));
      const sentAtMs = this.nowMs;
      const { reply } = await authority.lease({ lessee: epoch.lessee, holdMs: HOLD_MS, asks });
      epoch.renewedAtMs = Math.max(epoch.renewedAtMs, sentAtMs);
      reply.grants.forEach(({ grantedNanoUsd }, at) => {
        const [id, subject] = missing[at] ?? ['', ''];
        add(epoch.free, key(id, subject), grantedNanoUsd);
      });
    }
    const isCovered = accounts.every(([id, subject]) => (epoch.free.get(key(id, subject)) ?? 0) >= amount);
    if (this.nowMs - epoch.renewedAtMs > TTL_MS) epoch.isOver = true;
    if (!isCovered || epoch.isOver) {
      epoch.underWay -= 1;
      this.refusals += 1;
      return;
    }
    for (const [id, subject] of accounts) add(epoch.free, key(id, subject), -amount);
    this.reservations.push({ epoch, userId, amount, deadlineMs: this.nowMs + this.below(MAX_RUN_MS) });
  }

  private async settleOne(): Promise<void> {
    const [reservation] = this.reservations.splice(this.below(Math.max(1, this.reservations.length)), 1);
    if (reservation) this.settle(reservation);
  }

  private settle({ epoch, userId, amount }: Reservation): void {
    const paidNanoUsd = this.below(4) === 0 ? amount : this.below(amount + 1);
    epoch.underWay -= 1;
    for (const [id, subject] of this.accountsOf(userId)) add(epoch.free, key(id, subject), amount - paidNanoUsd);
    this.makeRecord(userId, paidNanoUsd, epoch.lessee);
  }

  private makeRecord(userId: string, paidNanoUsd: number, budgetLessee?: string): void {
    const requestId = `${this.options.tenantId}_${(this.next += 1)}`;
    const createdAtMs = this.options.dayMs + this.next;
    const request = { requestId, tenantId: this.options.tenantId, userId, createdAtMs, paidNanoUsd, budgetLessee };
    this.pending.push({ request, madeAtMs: this.nowMs, madeAtRealMs: performance.now() });
  }

  /** In any order, and some that were delivered before. Pending until they are stored: what is on its way is not on record. */
  private async deliver(): Promise<void> {
    const taken = this.pending.filter(() => this.below(3) > 0);
    const again = this.recorded.filter(() => this.below(10) === 0);
    const requests = [...taken.map(({ request }) => request), ...again].sort(() => this.below(3) - 1);
    if (requests.length > 0) await this.options.record(requests);
    for (const each of taken) {
      const at = this.pending.indexOf(each);
      if (at < 0) continue;
      this.pending.splice(at, 1);
      this.recorded.push(each.request);
    }
  }

  private async sync(authority: BudgetAuthority, gateway: Gateway): Promise<void> {
    const ended = gateway.old.filter(({ underWay }) => underWay === 0);
    const lessees = [gateway.current, ...gateway.old].map((epoch) => ({
      lessee: epoch.lessee,
      holdMs: HOLD_MS,
      returned: this.takeFree(epoch),
      isClosed: ended.includes(epoch),
    }));
    gateway.old = gateway.old.filter((epoch) => !ended.includes(epoch));
    for (const epoch of ended) epoch.isOver = true;
    const sentAtMs = this.nowMs;
    const { unknownLessees } = await authority.sync({ gatewayId: gateway.id, sinceVersion: 0, lessees });
    gateway.current.renewedAtMs = Math.max(gateway.current.renewedAtMs, sentAtMs);
    if (!unknownLessees.includes(gateway.current.lessee)) return;
    gateway.current.isOver = true;
    gateway.current = this.nextEpoch(gateway);
  }

  private takeFree(
    epoch: Epoch,
  ): { budgetId: string; subject: string; periodStartMs: number; amountNanoUsd: number }[] {
    return [...epoch.free].flatMap(([account, free]) => {
      const amountNanoUsd = this.below(free + 1);
      if (amountNanoUsd === 0) return [];
      add(epoch.free, account, -amountNanoUsd);
      const [budgetId = '', subject = ''] = account.split(' ');
      return [{ budgetId, subject, periodStartMs: this.options.dayMs, amountNanoUsd }];
    });
  }

  private rotate(gateway: Gateway): void {
    gateway.old.push(gateway.current);
    gateway.current = this.nextEpoch(gateway);
  }

  /** Its requests go on in the workers; what it had free is nobody's until its hold is over. */
  private crash(gateway: Gateway): void {
    for (const epoch of [gateway.current, ...gateway.old]) epoch.isOver = true;
    const at = this.gateways.indexOf(gateway);
    if (at >= 0) this.gateways[at] = this.startGateway(`${gateway.id}'`);
  }

  private async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    this.passDeadlines(this.nowMs);
    await this.options.passTime(ms);
  }

  /** A name that was not renewed for the time of a lease is given up. */
  private live(gateway: Gateway): Epoch {
    const { current } = gateway;
    if (this.nowMs - current.renewedAtMs > TTL_MS) current.isOver = true;
    if (current.isOver) this.rotate(gateway);
    return gateway.current;
  }

  private passDeadlines(untilMs: number): void {
    for (const reservation of this.reservations.filter(({ deadlineMs }) => deadlineMs <= untilMs)) {
      this.reservations.splice(this.reservations.indexOf(reservation), 1);
      this.settle(reservation);
    }
  }

  private unrecordedAgeMs(): number {
    const realMs = performance.now();
    return Math.max(0, ...this.pending.map((each) => this.nowMs - each.madeAtMs + realMs - each.madeAtRealMs));
  }

  private async changeLimit(): Promise<void> {
    const limit = FIRST_LIMIT / 2 + this.below(2 * FIRST_LIMIT);
    this.upper.set(this.orgId, Math.max(this.upper.get(this.orgId) ?? 0, limit));
    await this.put({ scope: 'org', scopeId: '' }, limit);
    this.limit = limit;
  }

  /** From here on only the limit that holds now counts. */
  looked(): void {
    this.upper.set(this.orgId, this.limit);
  }

  private async spendUnleased(): Promise<void> {
    const userId = USERS[this.below(USERS.length)] ?? '';
    this.makeRecord(userId, this.below(30));
  }

  private async put(place: { scope: string; scopeId: string }, limitNanoUsd: number): Promise<string> {
    const rules = { period: 'day', softLimitNanoUsd: 0, onExceeded: 'block', onUnreachable: 'open' };
    const budget = { ...place, ...rules, tenantId: this.options.tenantId, limitNanoUsd };
    const stored = await this.authority(0).put(budget);
    if (!stored) throw new Error('the budget was not stored');
    if (!this.upper.has(stored.id)) this.upper.set(stored.id, limitNanoUsd);
    return stored.id;
  }

  private startGateway(id: string): Gateway {
    return { id, epochs: 1, current: this.newEpoch(`${id}#1`), old: [] };
  }

  private nextEpoch(gateway: Gateway): Epoch {
    return this.newEpoch(`${gateway.id}#${(gateway.epochs += 1)}`);
  }

  private newEpoch(lessee: string): Epoch {
    return { lessee, free: new Map(), underWay: 0, isOver: false, renewedAtMs: this.nowMs };
  }

  private authority(at: number): BudgetAuthority {
    const { authorities } = this.options;
    return authorities[at % authorities.length] as BudgetAuthority;
  }
}

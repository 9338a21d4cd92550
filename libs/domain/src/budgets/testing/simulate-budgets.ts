import { seededRandom } from '../../batching/testing/random';
import type { Budget, BudgetPayer } from '../budget';
import type { BudgetAccount } from '../budget-account';
import type { Reservation } from '../lease-epoch';
import { EventQueue } from './event-queue';
import { keyOf, MemoryAuthority, type SpentRecord } from './memory-authority';
import { SimulatedGateway, type Wire } from './simulated-gateway';

export interface BudgetScenario {
  seed: number;
  requests?: number;
  gateways?: number;
  /** All of them come in so many milliseconds. */
  spreadMs?: number;
  lostShare?: number;
  lateShare?: number;
  crashes?: number;
  /** Clients that leave: their reservations are settled by nobody. */
  goneShare?: number;
  limitChanges?: number;
  /** Refusals are held against what room there was, which takes most of the time. */
  isJudged?: boolean;
}

export interface BudgetRun {
  /** What was found to be wrong, with its moment; empty: nothing. */
  faults: string[];
  outcomes: Record<string, number>;
  /** Left with the authority after all is over. */
  outstandingNanoUsd: number;
  postedNanoUsd: number;
  /** Reservations that no gateway still counts as open. */
  isAllSettled: boolean;
}

/** A refusal is wrong where there was room for so long: as long as three messages take, and a bit. */
const ROOM_FOR_MS = 150;
/** Room is noted so often. */
const ROOM_EVERY_MS = 10;
const START_MS = Date.parse('2026-03-11T12:00:00Z');
const GATEWAY_SYNCED_MS = 300;

class Simulation {
  readonly faults: string[] = [];
  readonly outcomes: Record<string, number> = {};
  readonly queue = new EventQueue(START_MS);
  readonly random;
  readonly authority = new MemoryAuthority({
    onWanted: (words) => this.gateways.forEach((gateway) => gateway.hear(words)),
    onChanged: (key) => this.changed.add(key),
  });
  readonly gateways: SimulatedGateway[] = [];
  private readonly wire: Wire;
  /** By account: reserved by requests under way, or paid and not yet on record. */
  private readonly held = new Map<string, number>();
  private readonly allowed = new Map<string, number>();
  /** Since when there has been room for at least so much, per account: pairs of moment and amount, the latest last. */
  private readonly room = new Map<string, [number, number][]>();
  /** Accounts that something has happened to since they were looked at. */
  private readonly changed = new Set<string>();
  private roomAtMs: number;
  private readonly unrecorded = new Set<number>();
  private readonly open = new Set<Reservation>();

  constructor(private readonly scenario: Required<BudgetScenario>) {
    this.random = seededRandom(scenario.seed);
    this.roomAtMs = scenario.isJudged ? 0 : Infinity;
    this.wire = { random: this.random, lostShare: scenario.lostShare, lateShare: scenario.lateShare, isDown: false };
    for (const budget of this.budgets()) this.authority.put(budget);
    for (let at = 0; at < scenario.gateways; at++)
      this.gateways.push(new SimulatedGateway(`g${at}`, this.queue, this.authority, this.wire));
  }

  run(): BudgetRun {
    const { requests, spreadMs, crashes, limitChanges } = this.scenario;
    const { queue, random } = this;
    for (let at = 0; at < requests; at++)
      queue.after(GATEWAY_SYNCED_MS + random.next() * spreadMs, () => this.request(at));
    for (let at = 0; at < crashes; at++)
      queue.after(GATEWAY_SYNCED_MS + random.next() * spreadMs, () => {
        const gateway = this.gateways[at];
        if (gateway) gateway.isCrashed = true;
      });
    for (let at = 0; at < limitChanges; at++)
      queue.after(GATEWAY_SYNCED_MS + random.next() * spreadMs, () => this.changeLimit());
    this.sweepEvery(1_000);
    const endMs = START_MS + GATEWAY_SYNCED_MS + spreadMs + 220_000;
    while (queue.step(endMs)) if (this.changed.size > 0 || queue.nowMs >= this.roomAtMs) this.check();
    return this.result();
  }

  private result(): BudgetRun {
    let outstandingNanoUsd = 0;
    let postedNanoUsd = 0;
    for (const account of this.authority.accounts.values()) {
      outstandingNanoUsd += account.leased;
      postedNanoUsd += account.posted;
    }
    const nowMs = this.queue.nowMs;
    const isAllSettled = [...this.open].every(({ isOpen, endsAtMs }) => !isOpen || endsAtMs < nowMs);
    return { faults: this.faults, outcomes: this.outcomes, outstandingNanoUsd, postedNanoUsd, isAllSettled };
  }

  private budgets(): Omit<Budget, 'version'>[] {
    const { random, scenario } = this;
    const base = {
      tenantId: 't',
      softLimitNanoUsd: 0,
      onExceeded: 'block',
      onUnreachable: 'closed',
      isRemoved: false,
    } as const;
    // About half of what is asked for fits, so that the limits are what the run is about.
    const whole = scenario.requests * 50;
    const share = (most: number): number => Math.floor(whole * most * (0.2 + random.next()));
    return [
      { ...base, id: 'org', scope: 'org', scopeId: '', period: 'month', limitNanoUsd: share(0.6) },
      { ...base, id: 'org-day', scope: 'org', scopeId: '', period: 'day', limitNanoUsd: share(0.8) },
      { ...base, id: 'team', scope: 'team', scopeId: 'team0', period: 'week', limitNanoUsd: share(0.4) },
      { ...base, id: 'users', scope: 'user', scopeId: '*', period: 'day', limitNanoUsd: share(0.15) },
      { ...base, id: 'user1', scope: 'user', scopeId: 'user1', period: 'day', limitNanoUsd: share(0.05) },
    ];
  }

  private request(at: number): void {
    const { random, queue } = this;
    const gateway = this.gateways[random.below(this.gateways.length)];
    if (!gateway || gateway.isCrashed) return;
    const payer: BudgetPayer = { tenantId: 't', teamId: `team${random.below(2)}`, userId: `user${random.below(6)}` };
    const worstNanoUsd = 1 + random.below(100);
    const deadlineAtMs = queue.nowMs + 500 + random.next() * 9_500;
    const isGone = random.next() < this.scenario.goneShare / 2;
    let hasLeft = false;
    if (isGone) queue.after(random.next() * 30, () => (hasLeft = true));
    const ask = { payer, worstNanoUsd, recordedAtMs: queue.nowMs, deadlineAtMs };
    gateway.reserve(
      ask,
      () => hasLeft,
      (outcome) => {
        this.outcomes[outcome.kind] = (this.outcomes[outcome.kind] ?? 0) + 1;
        if (outcome.kind === 'refused') this.judge(outcome.account, worstNanoUsd, gateway);
        if (outcome.kind !== 'reserved') return;
        if (hasLeft) gateway.settle(outcome.reservation, 0);
        else this.execute(at, gateway, payer, outcome.reservation, ask.recordedAtMs, deadlineAtMs);
      },
    );
  }

  private execute(
    at: number,
    gateway: SimulatedGateway,
    payer: BudgetPayer,
    reservation: Reservation,
    recordedAtMs: number,
    deadlineAtMs: number,
  ): void {
    const { random, queue } = this;
    const { amountNanoUsd, leases, epoch } = reservation;
    this.open.add(reservation);
    this.hold(
      leases.map(({ account }) => account),
      amountNanoUsd,
    );
    const paidNanoUsd = random.next() < 0.1 ? amountNanoUsd : random.below(amountNanoUsd + 1);
    const takesMs = Math.min(deadlineAtMs - queue.nowMs, 5 + random.exponential(400));
    const accounts = leases.map(({ account }) => account);
    const record: SpentRecord = { payer, recordedAtMs, paidNanoUsd, lessee: epoch.lessee };
    queue.after(takesMs, () => {
      this.hold(accounts, paidNanoUsd - amountNanoUsd);
      this.unrecorded.add(at);
      queue.after(random.exponential(300), () => {
        this.unrecorded.delete(at);
        this.authority.post(record);
        this.hold(accounts, -paidNanoUsd);
      });
      if (random.next() < this.scenario.goneShare) return;
      // The reply may come before the record or after it.
      queue.after(random.exponential(20), () => gateway.settle(reservation, paidNanoUsd));
    });
  }

  private hold(accounts: readonly BudgetAccount[], amount: number): void {
    for (const { budget, subject, periodStartMs } of accounts) {
      const key = keyOf(budget.id, subject, periodStartMs);
      this.held.set(key, (this.held.get(key) ?? 0) + amount);
      this.changed.add(key);
    }
  }

  private changeLimit(): void {
    const all = [...this.authority.budgets.values()];
    const budget = all[this.random.below(all.length)];
    if (!budget) return;
    const limitNanoUsd = Math.max(1, Math.floor(budget.limitNanoUsd * (0.3 + this.random.next() * 1.2)));
    for (const [key, account] of this.authority.accounts) {
      const taken = account.posted + Math.max(account.leased, this.held.get(key) ?? 0);
      if (account.budgetId === budget.id && taken > limitNanoUsd) this.allowed.set(key, taken);
    }
    this.authority.put({ ...budget, limitNanoUsd });
    for (const gateway of this.gateways) gateway.changed();
  }

  private sweepEvery(everyMs: number): void {
    const { queue, authority } = this;
    // As long as a record is on its way nothing newer counts as recorded.
    if (this.unrecorded.size === 0) authority.sweep(queue.nowMs, queue.nowMs);
    queue.after(everyMs, () => this.sweepEvery(everyMs));
  }

  /** The limits hold at this moment, and how much room there is of each account is noted. */
  private check(): void {
    const { nowMs } = this.queue;
    const isRoomDue = nowMs >= this.roomAtMs;
    for (const [key, account] of this.authority.accounts) {
      if (!isRoomDue && !this.changed.has(key)) continue;
      const limit = this.authority.budgets.get(account.budgetId)?.limitNanoUsd ?? 0;
      const leased = account.posted + account.leased;
      const reserved = account.posted + (this.held.get(key) ?? 0);
      // A limit that is lowered below what is set aside is kept by setting nothing more aside.
      const allowed = Math.max(limit, this.allowed.get(key) ?? 0);
      if (leased > allowed)
        this.faults.push(`${nowMs - START_MS}: ${key} has ${leased} posted and leased of ${allowed}`);
      if (reserved > allowed)
        this.faults.push(`${nowMs - START_MS}: ${key} has ${reserved} posted and reserved of ${allowed}`);
      this.allowed.set(key, Math.max(leased, reserved) > limit ? Math.max(leased, reserved) : 0);
      if (this.roomAtMs < Infinity) this.noteRoom(key, limit - leased + this.freeAt(account), nowMs);
    }
    this.changed.clear();
    // Nobody is refused after the last one has waited as long as anybody does.
    const isOver = nowMs > START_MS + GATEWAY_SYNCED_MS + this.scenario.spreadMs + 2_000;
    if (isRoomDue) this.roomAtMs = isOver ? Infinity : nowMs + ROOM_EVERY_MS;
  }

  /** What live gateways have free of an account. */
  private freeAt({ budgetId, subject, startMs }: { budgetId: string; subject: string; startMs: number }): number {
    let free = 0;
    for (const { book, isCrashed, lastLossMs } of this.gateways) {
      if (isCrashed || lastLossMs > this.queue.nowMs - 2_000) continue;
      const account = book.index.find(budgetId, subject, startMs);
      if (account?.lease) free += Math.max(0, account.lease.freeNanoUsd);
    }
    return free;
  }

  private noteRoom(key: string, room: number, nowMs: number): void {
    const noted = this.room.get(key) ?? [];
    this.room.set(key, noted);
    // Kept rising: what was less later counts for what was before it, too.
    while (noted.length > 0 && (noted[noted.length - 1] as [number, number])[1] >= room) noted.pop();
    noted.push([nowMs, room]);
    while (noted.length > 1 && (noted[1] as [number, number])[0] <= nowMs - ROOM_FOR_MS) noted.shift();
  }

  private judge({ budget, subject, periodStartMs }: BudgetAccount, need: number, gateway: SimulatedGateway): void {
    const key = keyOf(budget.id, subject, periodStartMs);
    if (gateway.lastLossMs > this.queue.nowMs - 2_000) return;
    const since = this.room.get(key)?.[0];
    if (!since || since[0] > this.queue.nowMs - ROOM_FOR_MS || since[1] < need) return;
    this.faults.push(`${this.queue.nowMs - START_MS}: ${key} was refused ${need} while ${since[1]} remained`);
  }
}

/** Requests at several gateways on a few small budgets, with all that may go wrong between them and the authority. Same seed, same run. */
export function simulateBudgets(scenario: BudgetScenario): BudgetRun {
  return new Simulation({
    requests: 1_000,
    gateways: 3 + (scenario.seed % 2),
    spreadMs: 2_000,
    lostShare: 0.01,
    lateShare: 0.01,
    crashes: scenario.seed % 3 === 0 ? 1 : 0,
    goneShare: 0.05,
    limitChanges: scenario.seed % 5,
    isJudged: true,
    ...scenario,
  }).run();
}

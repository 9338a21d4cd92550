import type { ReplyPart } from '@costlane/contracts';
import type { CostlaneError } from '@costlane/domain';
import {
  toCostlaneError,
  type BudgetAccount,
  type BudgetPayer,
  type DeskOutcome,
  type LeaseBook,
  type LeaseDesk,
  type ModelTier,
  type Reservation,
  type RouteDecision,
} from '@costlane/domain';
import type { Metrics } from '@costlane/platform';
import type { RateLimiter } from '../doors/admission';
import type { Call } from '../core/call';
import type { InferenceRequest } from '../core/inference-request';
import {
  crowdedError,
  exceededError,
  throttledError,
  unavailableError,
  uncheckedError,
  unpricedError,
} from './budget-errors';
import type { BudgetLink } from './budget-link';
import { EarlyCalls, type EarlyCall } from './early-calls';
import { payerOf } from './payer-of';
import { requestWorstCase, type WorstCaseSettings } from './request-worst-case';
import { Unsettled } from './unsettled';

/** What the road of a request asks of the budgets. */
export interface BudgetGate {
  /** There are budgets, or it is not known yet whether there are. */
  readonly isActive: boolean;
  /** What is reserved for a request is held for so long without asking for more time. */
  readonly usualRequestMs: number;
  /** A provider is about to be asked for this call: `go` is called when its budgets have room, at once where that is known, else the call fails. */
  admit(call: Call, go: (call: Call) => void): void;
  /** For a call that nobody waits for: at once, or not at all. `undefined`: no budget has to be asked. */
  admitUnawaited(request: InferenceRequest, decision: RouteDecision, body: Buffer): Reservation | 'refused' | undefined;
  /** A call has ended, however it did. */
  ended(call: Call): void;
  /** A part of an answer that nobody waits for any more: it still says what it cost. */
  late(part: ReplyPart): void;
  /** What is left of the hard limit with the least left, as far as it is known here. Nano-dollars. */
  remaining(request: Pick<InferenceRequest, 'caller' | 'featureName'>): number | undefined;
  /** The strongest models that are left to a payer who has used up a budget. */
  maxTier(payer: BudgetPayer): ModelTier | undefined;
}

export interface BudgetGateSettings extends WorstCaseSettings {
  usualRequestMs: number;
  throttledPerMinute: number;
  uncheckedPerMinute: number;
  /** While nothing is known of any budget. */
  onUnknown: 'open' | 'closed';
}

export interface BudgetGateDeps {
  book: LeaseBook;
  desk: LeaseDesk;
  link: () => Pick<BudgetLink, 'poke' | 'syncSoon'>;
  limiter: RateLimiter;
  settings: BudgetGateSettings;
  metrics: Metrics;
}

const UNKNOWN_WAIT_MS = 50;

const outcomes = ['free', 'reserved', 'waited', 'refused', 'throttled', 'unchecked'] as const;

/** Before providers: reserves what calls may cost, and settles what they did. */
export class LeasedBudgets implements BudgetGate {
  isActive = true;
  readonly usualRequestMs: number;
  private readonly onPaid = (call: Call): void => this.ended(call);
  private readonly unsettled = new Unsettled();
  private readonly early = new EarlyCalls(UNKNOWN_WAIT_MS, () => {
    this.deps.desk.lost();
    this.early.release((one) => this.admitUnknown(one));
  });
  private readonly counts;

  constructor(private readonly deps: BudgetGateDeps) {
    this.usualRequestMs = deps.settings.usualRequestMs;
    const checks = deps.metrics.boundCounter({
      name: 'costlane_budget_checks_total',
      help: 'Calls to providers by what their budgets said: none applies, reserved at once, after waiting for the authority, refused, slowed down, let through unchecked',
      labelNames: ['outcome'],
    });
    const bound = outcomes.map((outcome) => [outcome, checks.with({ outcome })] as const);
    this.counts = Object.fromEntries(bound) as Record<(typeof outcomes)[number], { inc(): void }>;
  }

  /** The authority has told something. */
  synced(): void {
    const { book } = this.deps;
    if (!book.isSynced) return;
    this.isActive = book.index.size > 0;
    this.early.release(({ call, go }) => this.admit(call, go));
    this.unsettled.forget(Date.now());
  }

  admit(call: Call, go: (call: Call) => void): void {
    const { book, desk } = this.deps;
    if (!book.isSynced) {
      if (desk.isAuthorityAway) this.admitUnknown({ call, go });
      else this.early.add({ call, go });
      return;
    }
    const { leader } = call;
    if (!book.index.has(leader.caller.tenantId)) return go(call);
    const nowMs = Date.now();
    const payer = payerOf(leader);
    const { isHard, isSoft } = book.limitsOf(payer, recordedAtMs(leader), nowMs);
    const slowed = isSoft ? book.exceeded(payer, 'throttle', recordedAtMs(leader), nowMs) : [];
    if (book.needsRefill) this.deps.link().poke();
    if (slowed.length === 0) this.reserve(call, payer, isHard, go);
    else
      this.slow(slowed)
        .then((refusal) => {
          if (call.isSettled) return;
          if (refusal) this.refuse(call, refusal, 'throttled');
          else this.reserve(call, payer, isHard, go);
        })
        .catch((error: unknown) => call.fail(toCostlaneError(error)));
  }

  admitUnawaited(
    request: InferenceRequest,
    decision: RouteDecision,
    body: Buffer,
  ): Reservation | 'refused' | undefined {
    const { book, settings } = this.deps;
    if (!book.isSynced) return 'refused';
    if (!book.index.has(request.caller.tenantId)) return undefined;
    const nowMs = Date.now();
    const payer = payerOf(request);
    const isOver = (['throttle', 'downgrade'] as const).some(
      (action) => book.exceeded(payer, action, recordedAtMs(request), nowMs).length > 0,
    );
    const worstNanoUsd = isOver ? undefined : requestWorstCase(request, decision, body, settings);
    if (worstNanoUsd === undefined) return 'refused';
    const result = book.reserve(askOf(request, payer, worstNanoUsd), nowMs);
    if (result.kind === 'none') return undefined;
    if (result.kind !== 'reserved') return 'refused';
    this.unsettled.keep(request.requestId, result.reservation);
    return result.reservation;
  }

  ended(call: Call): void {
    const { reservation, paidNanoUsd } = call;
    if (!reservation) return;
    call.reservation = undefined;
    if (paidNanoUsd === undefined) this.unsettled.keep(call.requestId, reservation);
    else this.settle(reservation, paidNanoUsd);
  }

  late(part: ReplyPart): void {
    const ended = this.unsettled.take(part);
    if (ended) this.settle(ended.reservation, ended.paidNanoUsd);
  }

  remaining({ caller, featureName }: Pick<InferenceRequest, 'caller' | 'featureName'>): number | undefined {
    const { book } = this.deps;
    if (!book.index.has(caller.tenantId)) return undefined;
    const nowMs = Date.now();
    const left = book.remaining(payerOf({ caller, featureName }), nowMs, nowMs);
    if (book.needsRefill) this.deps.link().poke();
    return left;
  }

  maxTier(payer: BudgetPayer): ModelTier | undefined {
    const { book } = this.deps;
    if (!book.index.has(payer.tenantId)) return undefined;
    const nowMs = Date.now();
    return book.exceeded(payer, 'downgrade', nowMs, nowMs).length > 0 ? 'economy' : undefined;
  }

  /** Reservations whose end nobody has told. */
  get unsettledCount(): number {
    return this.unsettled.size;
  }

  close(): void {
    this.early.close();
  }

  private reserve(call: Call, payer: BudgetPayer, isHard: boolean, go: (call: Call) => void): void {
    if (!isHard) {
      this.counts.free.inc();
      return go(call);
    }
    const { leader, decision } = call;
    const worstNanoUsd = requestWorstCase(leader, decision, call.upstreamBody(), this.deps.settings);
    if (worstNanoUsd === undefined) return this.refuse(call, unpricedError(decision.model.name), 'refused');
    const ask = askOf(leader, payer, worstNanoUsd);
    const isGone = (): boolean => call.isSettled;
    const waited = (outcome: DeskOutcome): void => this.conclude(call, ask.worstNanoUsd, outcome, true, go);
    const outcome = this.deps.desk.reserve(ask, Date.now(), isGone, waited);
    if (outcome) this.conclude(call, worstNanoUsd, outcome, false, go);
    if (!outcome || this.deps.book.needsRefill) this.deps.link().poke();
  }

  private conclude(
    call: Call,
    worstNanoUsd: number,
    outcome: DeskOutcome,
    hasWaited: boolean,
    go: (call: Call) => void,
  ): void {
    switch (outcome.kind) {
      case 'none':
        this.counts.free.inc();
        return call.isSettled ? undefined : go(call);
      case 'reserved':
        // Whoever asked has gone meanwhile.
        if (call.isSettled) return this.settle(outcome.reservation, 0);
        call.reservation = outcome.reservation;
        call.onPaid = this.onPaid;
        this.counts[hasWaited ? 'waited' : 'reserved'].inc();
        return go(call);
      case 'refused': {
        const { account, isContended = false } = outcome;
        return this.refuse(call, exceededError(account, worstNanoUsd, isContended, Date.now()), 'refused');
      }
      case 'unreachable':
        return this.admitUnchecked(call, outcome.accounts, go);
      case 'unknown':
        return this.admitUnknown({ call, go });
      case 'crowded':
        return this.refuse(call, crowdedError(), 'refused');
    }
  }

  /** The authority does not answer: through or not as each of the budgets wants it that lack something. */
  private admitUnchecked(call: Call, accounts: readonly BudgetAccount[], go: (call: Call) => void): void {
    const { limiter, settings, metrics } = this.deps;
    if (call.isSettled) return;
    const closed = accounts.find(({ budget }) => budget.onUnreachable === 'closed');
    if (closed) return this.refuse(call, unavailableError(closed), 'refused');
    const { tenantId, userId, keyId } = call.leader.caller;
    const perMinute = settings.uncheckedPerMinute;
    Promise.resolve(limiter.check(`budget:unchecked:${tenantId}:${userId ?? keyId ?? ''}`, perMinute))
      .then((checked) => {
        if (call.isSettled) return;
        if (!checked.ok)
          return this.refuse(call, uncheckedError(accounts[0], perMinute, checked.error.retryAfterMs), 'throttled');
        metrics.fallback('budget_unreachable');
        this.counts.unchecked.inc();
        go(call);
      })
      .catch((error: unknown) => call.fail(toCostlaneError(error)));
  }

  /** What to answer where one of the used-up budgets has had its requests of this minute. */
  private async slow(accounts: readonly BudgetAccount[]): Promise<CostlaneError | undefined> {
    const { limiter, settings } = this.deps;
    for (const account of accounts) {
      const key = `budget:slow:${account.budget.id}:${account.subject}`;
      const checked = await limiter.check(key, settings.throttledPerMinute);
      if (!checked.ok) return throttledError(account, settings.throttledPerMinute, checked.error.retryAfterMs);
    }
    return undefined;
  }

  private refuse(call: Call, error: CostlaneError, outcome: 'refused' | 'throttled'): void {
    this.counts[outcome].inc();
    call.refuse(error);
  }

  private settle(reservation: Reservation, paidNanoUsd: number): void {
    const { book, desk, link } = this.deps;
    const nowMs = Date.now();
    book.settle(reservation, paidNanoUsd, nowMs);
    if (desk.waiting > 0) {
      desk.settled();
      link().poke();
    }
    if (book.mustReturn) link().syncSoon();
  }

  private admitUnknown({ call, go }: EarlyCall): void {
    if (call.isSettled) return;
    if (this.deps.settings.onUnknown === 'closed') return this.refuse(call, unavailableError(undefined), 'refused');
    this.deps.metrics.fallback('budget_unknown');
    this.counts.unchecked.inc();
    go(call);
  }
}

const recordedAtMs = ({ recordedAtMs: atMs, createdAtMs }: InferenceRequest): number => atMs ?? createdAtMs;

const askOf = (request: InferenceRequest, payer: BudgetPayer, worstNanoUsd: number) => ({
  payer,
  worstNanoUsd,
  recordedAtMs: recordedAtMs(request),
  deadlineAtMs: request.deadlineAtMs,
});

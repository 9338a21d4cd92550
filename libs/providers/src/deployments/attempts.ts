import { CostlaneError } from '@costlane/domain';
import type { Deadlined, DeadlineSweep } from '@costlane/resilience';
import { elapsedMs, type AttemptContext, type AttemptFailure, type AttemptOutcome } from '../attempt';
import type { ProviderLeg, ProviderRequest, ProviderSink } from '../provider';
import type { ProviderConfig } from '../provider-config';
import type { ProviderMetrics } from '../provider-metrics';
import { chooseReadyLane } from './choose-lane';
import { enterReady } from './enter-lane';
import { flexBodyOf, hasNoFlexCapacity } from './flex-tier';
import type { Hedging } from './hedging';
import type { Entry } from './lane';
import { lostLeg } from './lost-leg';
import type { ModelState } from './model-state';
import { patienceFor, type Patience } from './patience';
import { Leg, Race } from './race';

/** After a refusal the flex tier is not asked for this long. */
const FLEX_PAUSE_MS = 60_000;

/** One call from its start to its outcome, over all its attempts. */
export interface Run {
  readonly request: ProviderRequest;
  readonly sink: ProviderSink;
  readonly state: ModelState;
  /** On the `performance.now()` clock. */
  readonly startedAtMs: number;
  /** Requests sent to the provider so far. */
  upstreamCalls: number;
  /** Attempts begun: the hedge is one. */
  attempts: number;
  /** Attempts that came to nothing; absent while there are none. */
  otherLegs: ProviderLeg[] | undefined;
}

export interface AttemptsDeps {
  config: ProviderConfig;
  metrics: ProviderMetrics;
  hedging: Hedging;
  deadlines: DeadlineSweep;
}

/** Makes attempts, alone or with a hedge beside them, and draws the conclusions of each for breaker, limit, key and statistics. */
export class Attempts {
  constructor(private readonly deps: AttemptsDeps) {}

  /** One attempt, and what belongs to it: the watch over its first token, its hedge, the tier that it is made at. */
  make(run: Run, entry: Entry): Promise<AttemptOutcome> {
    const { request, state } = run;
    run.attempts++;
    const flexBody = flexBodyOf(this.deps.config, request, state, Date.now());
    if (flexBody) return this.attemptFlex(run, entry, flexBody);
    const nowMs = Date.now();
    const patience = this.patienceFor(request, state, nowMs);
    const hedgeMs = request.stream && run.attempts === 1 ? this.deps.hedging.delayMs(request, state, nowMs) : undefined;
    return patience || hedgeMs !== undefined ? this.race(run, entry, hedgeMs, patience) : this.attempt(run, entry);
  }

  /** For first tokens the operator's word holds; where there is none, what is usual, as long as another model may answer. */
  private patienceFor(request: ProviderRequest, state: ModelState, nowMs: number): Patience | undefined {
    const { firstTokenTimeoutMs = 0 } = this.deps.config;
    if (request.stream && firstTokenTimeoutMs > 0) return { waitMs: firstTokenTimeoutMs, isFair: true };
    return patienceFor(request, state, nowMs);
  }

  private async race(
    run: Run,
    entry: Entry,
    hedgeMs: number | undefined,
    patience: Patience | undefined,
  ): Promise<AttemptOutcome> {
    const { deadlines, metrics } = this.deps;
    const { signal, body } = run.request;
    const race = new Race(run.sink);
    signal.addEventListener('abort', race);
    let hedge: { leg: Leg; outcome: Promise<AttemptOutcome> } | undefined;
    const alarm = new Alarm(hedgeMs === undefined ? Infinity : Date.now() + hedgeMs, () => {
      if (!race.isDecided && !signal.aborted) hedge = this.startHedge(run, race, entry, patience);
    });
    if (hedgeMs !== undefined) deadlines.watch(alarm);
    const firstLeg = new Leg(race, entry, false, patience);
    const first = await this.runLeg(run, race, firstLeg);
    deadlines.unwatch(alarm);
    const second = await hedge?.outcome;
    signal.removeEventListener('abort', race);
    if (!hedge || !second) return first;
    const isWon = race.isWonBy(hedge.leg);
    metrics.hedged(isWon ? 'won' : race.isDecided ? 'lost' : 'failed');
    const [winner, loser, lostLane] = isWon ? [second, first, entry.lane] : [first, second, hedge.leg.entry.lane];
    addLeg(run, lostLeg('hedge', lostLane.deployment.name, loser, body.length));
    return winner;
  }

  private startHedge(run: Run, race: Race, { lane }: Entry, patience: Patience | undefined) {
    const { hedging, metrics } = this.deps;
    const nowMs = Date.now();
    const other = chooseReadyLane(run.state.lanes, nowMs, lane) ?? lane;
    // A circuit that is not closed is probed by ordinary calls.
    if (!other.isReady(nowMs) || other.breaker.state !== 'closed') return undefined;
    if (!hedging.trySpend()) {
      metrics.hedged('refused');
      return undefined;
    }
    const entry = enterReady(other, nowMs);
    if (!entry) return undefined;
    run.attempts++;
    const leg = new Leg(race, entry, true, patience);
    return { leg, outcome: this.runLeg(run, race, leg) };
  }

  private async runLeg(run: Run, race: Race, leg: Leg): Promise<AttemptOutcome> {
    const { deadlines } = this.deps;
    if (leg.deadlineAtMs < Infinity) deadlines.watch(leg);
    const outcome = await this.attempt(run, leg.entry, leg);
    deadlines.unwatch(leg);
    // Answers without a word have not claimed it by delivering.
    if (outcome.ok) race.claim(leg);
    return outcome;
  }

  private async attempt(run: Run, entry: Entry, leg?: Leg): Promise<AttemptOutcome> {
    const begunAtMs = performance.now();
    const request = leg ? { ...run.request, signal: leg.cancellation } : run.request;
    const sent = await this.send(run, entry, request, leg ?? run.sink);
    const outcome = leg ? leg.named(sent, this.deps.config.name) : sent;
    const { state } = run;
    const nowMs = Date.now();
    this.settle(entry, outcome, nowMs);
    state.record(outcome, nowMs);
    const { timeToFirstTokenMs } = outcome;
    const ownMs = (sinceStartMs: number): number => sinceStartMs - (begunAtMs - run.startedAtMs);
    if (outcome.ok && !request.stream) state.wholeAnswer.add(ownMs(outcome.latencyMs));
    // Hedges come out of a choice: they would make the model look faster, or slower, than it is.
    if (leg?.isHedge) return outcome;
    if (leg?.lostAfterMs !== undefined) state.firstToken.add(leg.lostAfterMs);
    else if (timeToFirstTokenMs !== undefined) state.firstToken.add(ownMs(timeToFirstTokenMs));
    return outcome;
  }

  /** At the flex tier, and at the standard tier where that has no capacity: no failure of anybody's, and nothing to pay. */
  private async attemptFlex(run: Run, entry: Entry, body: Buffer): Promise<AttemptOutcome> {
    const outcome = await this.send(run, entry, { ...run.request, body }, run.sink);
    if (hasNoFlexCapacity(outcome)) {
      run.state.flexPausedUntilMs = Date.now() + FLEX_PAUSE_MS;
      this.deps.metrics.flexUnavailable();
      return this.attempt(run, entry);
    }
    this.settle(entry, outcome, Date.now());
    return outcome;
  }

  private async send(run: Run, entry: Entry, request: ProviderRequest, sink: ProviderSink): Promise<AttemptOutcome> {
    const { lane, admission } = entry;
    const isProbe = admission.isAdmitted && admission.isProbe;
    const context: AttemptContext = {
      startedAtMs: run.startedAtMs,
      upstreamCalls: ++run.upstreamCalls,
      onAnswering: isProbe ? () => lane.breaker.record(admission, 'success', Date.now()) : undefined,
    };
    let outcome: AttemptOutcome;
    try {
      outcome = await lane.deployment.transport.attempt(request, sink, context);
    } catch (cause) {
      outcome = unexpected(cause, context);
    }
    // A request that has no translation was not sent.
    if (outcome.upstreamCalls < context.upstreamCalls) run.upstreamCalls--;
    return outcome;
  }

  private settle(entry: Entry, outcome: AttemptOutcome, nowMs: number): void {
    const { lane } = entry;
    const isNews = !outcome.ok && lane.coolForMs(nowMs) === 0;
    const scope = lane.settle(entry, outcome, nowMs);
    if (scope && isNews && !outcome.ok) this.deps.metrics.coolingDown(lane.deployment.name, outcome.error.code);
  }
}

/** Notes an attempt whose answer nobody got. */
export function addLeg(run: Run, leg: ProviderLeg): void {
  (run.otherLegs ??= []).push(leg);
}

class Alarm implements Deadlined {
  sweepIndex = -1;

  constructor(
    readonly deadlineAtMs: number,
    readonly onDeadline: () => void,
  ) {}
}

/** A transport that threw has a defect; the request still gets its answer. */
function unexpected(cause: unknown, { startedAtMs, upstreamCalls }: AttemptContext): AttemptFailure {
  return {
    ok: false,
    error: new CostlaneError('internal', 'Costlane failed to make the provider call.', { cause }),
    usageSource: 'none',
    latencyMs: elapsedMs(startedAtMs),
    upstreamCalls,
    hasDelivered: false,
    isRetryable: false,
    verdict: 'neutral',
  };
}

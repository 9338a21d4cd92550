import { CostlaneError } from '@costlane/domain';
import { Cancellation, type Deadlined } from '@costlane/resilience';
import type { AttemptOutcome } from '../attempt';
import type { ProviderSink } from '../provider';
import type { Entry } from './lane';
import type { Patience } from './patience';

type Head = Parameters<ProviderSink['head']>[0];

/**
 * Several attempts at one answer, of which the first that delivers goes on: nothing of the others reaches the client, and they are
 * ended at once.
 */
export class Race {
  private winner: Leg | undefined;
  private readonly legs: Leg[] = [];

  constructor(readonly sink: ProviderSink) {}

  add(leg: Leg): void {
    this.legs.push(leg);
  }

  get isDecided(): boolean {
    return this.winner !== undefined;
  }

  isWonBy(leg: Leg): boolean {
    return this.winner === leg;
  }

  /** The first to claim wins; says whether it was this leg. */
  claim(leg: Leg): boolean {
    if (this.winner === undefined) {
      this.winner = leg;
      for (const other of this.legs) if (other !== leg) other.lose();
    }
    return this.winner === leg;
  }

  /** The client has left. */
  handleEvent(): void {
    for (const leg of this.legs) leg.cancellation.abort();
  }
}

/** One attempt of a race: the sink and the signal that its transport gets, and the watch over its first token. */
export class Leg implements ProviderSink, Deadlined {
  readonly cancellation = new Cancellation();
  /** In epoch milliseconds. */
  readonly deadlineAtMs: number;
  sweepIndex = -1;
  private readonly begunAtMs = performance.now();
  private lostAtMs: number | undefined;
  private isTooSlow = false;

  constructor(
    private readonly race: Race,
    readonly entry: Entry,
    readonly isHedge: boolean,
    /** How long it has to deliver something; undefined: as long as the request. */
    private readonly patience: Patience | undefined,
  ) {
    this.deadlineAtMs = patience ? Date.now() + patience.waitMs : Infinity;
    race.add(this);
  }

  /** How long it ran, where it was ended because another was faster: its first token would have taken longer. */
  get lostAfterMs(): number | undefined {
    return this.lostAtMs === undefined ? undefined : this.lostAtMs - this.begunAtMs;
  }

  head(head: Head): void {
    if (this.race.claim(this)) this.race.sink.head(head);
  }

  chunk(bytes: Buffer): boolean {
    return this.race.isWonBy(this) ? this.race.sink.chunk(bytes) : true;
  }

  onResume(callback: () => void): void {
    const { sink } = this.race;
    if (sink.onResume) sink.onResume(callback);
    else callback();
  }

  /** There was no first token in time. */
  onDeadline(): void {
    if (this.race.isWonBy(this)) return;
    this.isTooSlow = true;
    this.cancellation.abort();
  }

  lose(): void {
    this.lostAtMs = performance.now();
    this.cancellation.abort();
  }

  /** The outcome in the words of whoever ended it: an attempt that was too slow was not cancelled by its client. */
  named(outcome: AttemptOutcome, provider: string): AttemptOutcome {
    if (!this.isTooSlow || outcome.ok || outcome.error.code !== 'cancelled') return outcome;
    const error = new CostlaneError('upstream_timeout', `${provider} did not begin to answer in time.`);
    return { ...outcome, error, isRetryable: true, verdict: this.patience?.isFair ? 'failure' : 'neutral' };
  }
}

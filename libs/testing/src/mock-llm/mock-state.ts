import { MarkedCache } from './anthropic/marked-cache';
import { BatchStore } from './batches/batch-store';
import { behaviourTowards, overlayBehaviour, type Behaviour } from './behaviour';
import { BoundedCounter } from './bounded-counter';
import { decideFailure, type Failure } from './decide-failure';
import { drawLatencyMs } from './draw-latency';
import { nameOfHash } from './hash-text';
import { PromptCache } from './prompt-cache';
import { SeededRandom } from './seeded-random';

/** A call that the client gave up before its answer was complete. */
export interface Abort {
  atMs: number;
  startedAtMs: number;
  path: string;
  bodyHash: string;
  requestId: string | undefined;
  /** Content chunks sent before the client left. */
  chunksSent: number;
}

export interface Stats {
  totalCalls: number;
  callsByPath: Record<string, number>;
  callsByStatus: Record<string, number>;
  /** Calls per exact body text, named by `hashBody`. */
  callsByBodyHash: Record<string, number>;
  /** Calls per `x-request-id` header. */
  callsByRequestId: Record<string, number>;
  inFlight: number;
  maxInFlight: number;
  abortedByClient: number;
  lastAborts: Abort[];
}

const trackedPaths = 100;
const trackedBodies = 10_000;
const trackedRequestIds = 10_000;
const trackedAborts = 100;
const trackedPrefixes = 65_536;
const usualSeed = 1;

/** What the mock remembers between calls: its behaviour, counts and simulated prompt cache. All of it is bounded. */
export class MockState {
  readonly promptCache = new PromptCache(trackedPrefixes);
  readonly markedCache = new MarkedCache(trackedPrefixes);
  readonly batches = new BatchStore();
  private behaviour: Behaviour = {};
  private modelBehaviours: ReadonlyMap<string, Behaviour> = new Map();
  private random = new SeededRandom(usualSeed);
  private readonly callsByPath = new BoundedCounter<string>(trackedPaths);
  private readonly callsByStatus = new BoundedCounter<number>(trackedPaths);
  private readonly callsByBody = new BoundedCounter<number>(trackedBodies);
  private readonly callsByRequestId = new BoundedCounter<string>(trackedRequestIds);
  private readonly failureCalls = new BoundedCounter<number>(trackedBodies);
  private readonly aborts: Abort[] = [];
  private totalCalls = 0;
  private inFlight = 0;
  private maxInFlight = 0;
  private abortedByClient = 0;

  /** Replaces the behaviour of all calls; restarts the seeded draws and the counts behind `failTimes`. */
  setBehaviour(behaviour: Behaviour): void {
    this.behaviour = behaviour;
    this.random = new SeededRandom(behaviour.seed ?? usualSeed);
    this.failureCalls.clear();
  }

  getBehaviour(): Behaviour {
    return this.behaviour;
  }

  /** Replaces the behaviours of single models, which lie on that of all calls. */
  setModelBehaviours(behaviours: Readonly<Record<string, Behaviour>>): void {
    this.modelBehaviours = new Map(Object.entries(behaviours));
  }

  getModelBehaviours(): Record<string, Behaviour> {
    return Object.fromEntries(this.modelBehaviours);
  }

  /** The behaviour of a model's calls that ask for nothing themselves. */
  usualBehaviourOf(model: string): Behaviour {
    const general = behaviourTowards(this.behaviour, model);
    const own = this.modelBehaviours.get(model);
    return own === undefined ? general : overlayBehaviour(general, own);
  }

  /** The behaviour of one call of a model: the usual one, overlaid by what the call asks for. */
  behaviourFor(model: string, overrides: readonly Behaviour[]): Behaviour {
    return overrides
      .map((each) => behaviourTowards(each, model))
      .reduce((under, over) => overlayBehaviour(under, over), this.usualBehaviourOf(model));
  }

  /** Draws how one call goes. A call with a seed of its own is drawn from that, independent of the calls before it. */
  drawCourse(behaviour: Behaviour, bodyHash: number): { failure: Failure | undefined; latencyMs: number } {
    const hasOwnSeed = behaviour.seed !== undefined && behaviour.seed !== this.behaviour.seed;
    const random = hasOwnSeed ? new SeededRandom(behaviour.seed ?? usualSeed) : this.random;
    const failure = decideFailure(behaviour, () => this.failureCalls.increment(bodyHash), random);
    return { failure, latencyMs: drawLatencyMs(behaviour, random) };
  }

  /** Counts a call whose body has arrived. */
  begin(path: string, bodyHash: number, requestId: string | undefined): void {
    this.totalCalls += 1;
    this.callsByPath.increment(path);
    this.callsByBody.increment(bodyHash);
    if (requestId !== undefined) this.callsByRequestId.increment(requestId);
    this.inFlight += 1;
    if (this.inFlight > this.maxInFlight) this.maxInFlight = this.inFlight;
  }

  /** Counts the status of an answer when its headers are sent. */
  countStatus(status: number): void {
    this.callsByStatus.increment(status);
  }

  /** Ends a call; `abort` is given when the client left before the end. */
  end(abort: Abort | undefined): void {
    this.inFlight -= 1;
    if (!abort) return;
    this.abortedByClient += 1;
    this.aborts.push(abort);
    if (this.aborts.length > trackedAborts) this.aborts.shift();
  }

  stats(): Stats {
    return {
      totalCalls: this.totalCalls,
      callsByPath: this.callsByPath.toRecord(),
      callsByStatus: this.callsByStatus.toRecord(),
      callsByBodyHash: this.callsByBody.toRecord(nameOfHash),
      callsByRequestId: this.callsByRequestId.toRecord(),
      inFlight: this.inFlight,
      maxInFlight: this.maxInFlight,
      abortedByClient: this.abortedByClient,
      lastAborts: [...this.aborts],
    };
  }

  /** Forgets counts, aborts and cached prefixes; calls in flight stay counted as in flight. */
  resetStats(): void {
    for (const counter of [this.callsByPath, this.callsByRequestId]) counter.clear();
    for (const counter of [this.callsByStatus, this.callsByBody, this.failureCalls]) counter.clear();
    this.promptCache.clear();
    this.markedCache.clear();
    this.aborts.length = 0;
    this.totalCalls = 0;
    this.maxInFlight = this.inFlight;
    this.abortedByClient = 0;
  }
}

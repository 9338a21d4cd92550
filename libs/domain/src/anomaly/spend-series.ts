import type { AnomalyScope } from './anomaly-types';
import { BurstNoise } from './burst-noise';
import { expectedOfHour, growthOf, usualDay } from './expected-spend';
import { quantileOf } from './order-statistics';
import { SeriesHistory } from './series-history';
import { StepWindows } from './step-windows';

/** Per hour; a deviation of three weeks ago counts half. */
const NOISE_DECAY = 0.5 ** (1 / 504);
/** Deviations count up to this many standard deviations (Huber, "Robust Statistics", 1981): an anomaly must not make the next one look usual. */
const NOISE_CAP = 2.5;
const RESIDUALS = 336;
const MIN_RESIDUALS = 48;
const QUARTER_HOUR_STEPS = 3;
/** How far the price of calls strays for an unknown scope, as a relative variance; and for how many busy hours that counts. */
const PRICE_SPREAD = 0.1;
const PRICE_WEIGHT = 10;
/** Variance of the cost of a call over the squared mean: log-normal sizes (sigma about 1) and a few very long ones. */
const CALL_VARIANCE = 4;
/** A busy hour is this part of a day. */
const BUSY_HOURS = 12;
/** Calls before what one costs is taken for known. */
const MIN_PRICED = 30;

/** Of log(actual / expected), before there are enough of the scope's own. */
const priorFence = { upper: 0.35, range: 0.8 };

/** What others of its kind spend, for a scope that has no history of its own yet. */
export interface PeerLevel {
  /** In this hour, and on a usual day. */
  readonly hourNanoUsd: number;
  readonly dayNanoUsd: number;
}

/** `held`: it looks like an anomaly, of which nobody has said anything. `out`: it is known to be unusual. */
export type HourKeeping = 'kept' | 'held' | 'out';

/** One scope: what it spent, what is expected of it in this hour, and how noisy it is. */
export class SpendSeries {
  readonly history = new SeriesHistory();
  readonly windows = new StepWindows();
  /** Of the hour under way; the mean and how far it may truly be off, as a share. */
  expected = 0;
  spread = 1;
  /** Nano-dollars a day. */
  usualDay = 0;
  isNew = true;
  fence = priorFence;
  hourSoFar = 0;
  private readonly price = {
    calls: 0,
    spent: 0,
    hourCalls: 0,
    spread: new BurstNoise(PRICE_SPREAD, PRICE_WEIGHT, NOISE_DECAY),
  };
  private growth = 1;
  private requests = 0;
  private spent = 0;
  private squares = 0;
  private weights = 0;
  private shortSquares = 0;
  private shortWeights = 0;
  private quarter = { steps: 0, actual: 0, expected: 0 };
  private readonly residuals = new Float32Array(RESIDUALS);
  private residualCount = 0;

  constructor(readonly scope: AnomalyScope) {}

  /** Variance of an amount over its mean, in nano-dollars: the size of a call for independent calls, more where they come in bursts. */
  get noise(): number {
    const prior = this.callNoise;
    const long = (this.squares + 10 * prior * prior) / (this.weights + 10 * prior);
    const short = (this.shortSquares + 10 * prior * prior) / (this.shortWeights + 10 * prior);
    return Math.max(long, short, prior / 2);
  }

  /** The same of independent calls: calls of very different sizes (log-normal, sigma about 1) vary by four times their mean. */
  get callNoise(): number {
    return (this.requests > 0 ? (4 * this.spent) / this.requests : 0) + 1;
  }

  /** Nano-dollars of a call, without what is kept out; 0 as long as too few are known. */
  get pricePerCall(): number {
    const { calls, spent } = this.price;
    return calls > MIN_PRICED ? spent / calls : 0;
  }

  /** Variance of what a number of calls costs, of which `expected` is the mean. */
  priceVarianceOf(expected: number): number {
    return CALL_VARIANCE * this.pricePerCall * expected + this.price.spread.relative * expected * expected;
  }

  /** Works out what is expected in an hour that begins. `factor`: what the day is like for the whole tenant. */
  beginHour(hour: number, peers: PeerLevel | undefined, factor: number): void {
    if (hour % 24 === 0 || Number.isNaN(this.history.firstHour) || this.usualDay === 0) this.refresh(hour);
    const age = this.history.ageDays(hour);
    const own = age < 1 ? NaN : expectedOfHour(this.history, hour) * this.growth;
    this.isNew = age < 7;
    const trust = Number.isNaN(own) ? 0 : Math.min(1, age / 7);
    const fromPeers = peers?.hourNanoUsd ?? (Number.isNaN(own) ? 0 : own);
    const mean = (trust > 0 ? trust * own : 0) + (1 - trust) * fromPeers;
    const floor = (this.scope.dimension === 'user' ? 0.3 : 0.1) * (this.usualDay / 24);
    this.expected = Math.max(mean * factor, floor);
    this.spread = age >= 21 ? 0.2 : 0.2 + 0.9 * (1 - age / 21) ** 2 + (this.isNew ? 0.3 : 0);
    if (this.usualDay === 0) this.usualDay = peers?.dayNanoUsd ?? 0;
    this.hourSoFar = 0;
    this.price.hourCalls = 0;
  }

  step(amount: number, requests: number, expected: number): void {
    this.windows.push(amount, expected, requests);
    this.hourSoFar += amount;
    this.requests += requests;
    this.spent += amount;
    this.price.hourCalls += requests;
    const { quarter } = this;
    quarter.steps += 1;
    quarter.actual += amount;
    quarter.expected += expected;
    if (quarter.steps === QUARTER_HOUR_STEPS) {
      this.learnShort(quarter.actual, quarter.expected);
      this.quarter = { steps: 0, actual: 0, expected: 0 };
    }
  }

  /** Keeps an hour that has ended: as it was, for later, or not at all. */
  endHour(hour: number, amount: number, keeping: HourKeeping): void {
    if (keeping === 'held') return this.history.hold(hour, amount);
    if (keeping === 'kept') this.learn(amount);
    this.history.put(hour, keeping === 'kept' ? amount : NaN);
  }

  private learnPrice(amount: number): void {
    const { price, pricePerCall } = this;
    const priced = pricePerCall * price.hourCalls;
    price.spread.learn(amount, priced, CALL_VARIANCE * pricePerCall * priced, this.usualDay / BUSY_HOURS);
    price.calls = price.calls * NOISE_DECAY + price.hourCalls;
    price.spent = price.spent * NOISE_DECAY + amount;
  }

  private learn(amount: number): void {
    this.learnPrice(amount);
    const { expected } = this;
    const isKnown = expected > 0 && !this.isNew;
    if (!isKnown) return;
    const cap = NOISE_CAP ** 2 * this.noise * Math.max(expected, this.noise);
    this.squares = this.squares * NOISE_DECAY + Math.min((amount - expected) ** 2, cap);
    this.weights = this.weights * NOISE_DECAY + expected;
    this.requests *= NOISE_DECAY;
    this.spent *= NOISE_DECAY;
    if (expected < this.usualDay / 100 && amount < this.usualDay / 100) return;
    const soften = this.noise;
    this.residuals[this.residualCount % RESIDUALS] = Math.log((amount + soften) / (expected + soften));
    this.residualCount += 1;
  }

  private learnShort(actual: number, expected: number): void {
    if (!(expected > 0) || this.isNew) return;
    const cap = NOISE_CAP ** 2 * this.noise * Math.max(expected, this.noise);
    this.shortSquares = this.shortSquares * NOISE_DECAY ** 0.25 + Math.min((actual - expected) ** 2, cap);
    this.shortWeights = this.shortWeights * NOISE_DECAY ** 0.25 + expected;
  }

  /** Once a day: what changes slowly. */
  private refresh(hour: number): void {
    const usual = usualDay(this.history, hour);
    this.usualDay = Number.isNaN(usual) ? 0 : usual;
    this.growth = growthOf(this.history, hour, this.noise);
    if (this.residualCount < MIN_RESIDUALS) return;
    const sorted = this.residuals.slice(0, Math.min(this.residualCount, RESIDUALS)).sort();
    const upper = quantileOf(sorted, 0.75);
    this.fence = { upper, range: Math.max(0.25, upper - quantileOf(sorted, 0.25)) };
  }
}

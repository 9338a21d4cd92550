import { HOUR_MS, type AnomalyScope } from './anomaly-types';
import { weekdayOf } from './series-history';

export const anomalyVerdicts = ['yes', 'no', 'planned'] as const;
export type AnomalyVerdict = (typeof anomalyVerdicts)[number];

/** What somebody said of an anomaly, or of a time to come. */
export interface AnomalyJudgement extends AnomalyScope {
  readonly verdict: AnomalyVerdict;
  /** Of the anomaly, or of what is planned. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly judgedAtMs: number;
}

/** Each "no" makes a scope this much harder to alarm for; it halves in {@link HALF_LIFE_MS}. */
const NO_WEIGHT = 0.35;
const REPEAT_WEIGHT = 0.65;
const MAX_CAUTION = 3;
const HALF_LIFE_MS = 21 * 24 * HOUR_MS;
/** One who works at the same hour of the same weekday is given an hour's grace on either side. */
const REPEAT_GRACE_HOURS = 1;
/** An anomaly that has gone on for so long without a word, or a plan, becomes what is usual. */
export const NEW_NORMAL_MS = 72 * HOUR_MS;
const FORGOTTEN_MS = 6 * HALF_LIFE_MS;

/**
 * What people's verdicts come to. "No" raises the bar for that scope, more so at that weekday and hour, and wears off over weeks; what was spent is learned as usual. "Planned" silences
 * its time and keeps it out of what is usual. "Yes" keeps the anomaly out of what is usual and lowers nothing.
 */
export class FeedbackBook {
  private readonly byScope = new Map<string, AnomalyJudgement[]>();

  constructor(judgements: Iterable<AnomalyJudgement> = []) {
    for (const judgement of judgements) this.add(judgement);
  }

  add(judgement: AnomalyJudgement): void {
    const key = keyOf(judgement);
    const known = this.byScope.get(key);
    if (known) known.push(judgement);
    else this.byScope.set(key, [judgement]);
  }

  /** From 1: by what an anomaly's score is divided. */
  cautionOf(scope: AnomalyScope, atMs: number): number {
    const judged = this.byScope.get(keyOf(scope));
    if (!judged) return 1;
    let caution = 1;
    for (const { verdict, fromMs, untilMs, judgedAtMs } of judged) {
      const age = atMs - judgedAtMs;
      if (verdict !== 'no' || age < 0 || age > FORGOTTEN_MS) continue;
      const weight = NO_WEIGHT + (isSameTimeOfWeek(fromMs, untilMs, atMs) ? REPEAT_WEIGHT : 0);
      caution += weight * 0.5 ** (age / HALF_LIFE_MS);
    }
    return Math.min(MAX_CAUTION, caution);
  }

  /** What is planned in a tenant at this moment. */
  plannedIn(tenantId: string, atMs: number): AnomalyScope[] {
    const planned: AnomalyScope[] = [];
    for (const [first] of this.byScope.values())
      if (first?.tenantId === tenantId && this.isWithin(first, atMs, ({ verdict }) => verdict === 'planned'))
        planned.push(first);
    return planned;
  }

  /** Whether an hour that begins then must not shape what is usual. What goes on for more than three days (a launch) does: nothing else would be known of the time after it. */
  isKeptOut(scope: AnomalyScope, hourMs: number): boolean {
    return this.isWithin(scope, hourMs, ({ verdict, fromMs }) => verdict !== 'no' && hourMs - fromMs < NEW_NORMAL_MS);
  }

  private isWithin(scope: AnomalyScope, atMs: number, counts: (judgement: AnomalyJudgement) => boolean): boolean {
    return (
      this.byScope
        .get(keyOf(scope))
        ?.some((each) => counts(each) && atMs + HOUR_MS > each.fromMs && atMs <= each.untilMs) === true
    );
  }
}

function isSameTimeOfWeek(fromMs: number, untilMs: number, atMs: number): boolean {
  const at = Math.floor(atMs / HOUR_MS);
  const from = Math.floor(fromMs / HOUR_MS) - REPEAT_GRACE_HOURS;
  const until = Math.floor(untilMs / HOUR_MS) + REPEAT_GRACE_HOURS;
  for (let hour = from; hour <= Math.min(until, from + 24); hour++)
    if (weekdayOf(hour) === weekdayOf(at) && hour % 24 === at % 24) return true;
  return false;
}

const keyOf = ({ tenantId, dimension, value }: AnomalyScope): string => `${tenantId}\0${dimension}\0${value}`;

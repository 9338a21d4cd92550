import type { AnomalyIncident } from './incidents';
import type { AnomalyJudgement, AnomalyVerdict } from './feedback-book';

/** What a verdict on an incident says of each scope that it went through. "No" is about the scope that was named; "yes" and "planned" are about all that were touched. */
export function judgementsOf(
  incident: Pick<AnomalyIncident, 'tenantId' | 'dimension' | 'value' | 'cause' | 'startedAtMs' | 'lastSeenMs'>,
  { verdict, judgedAtMs, untilMs }: { verdict: AnomalyVerdict; judgedAtMs: number; untilMs?: number },
): AnomalyJudgement[] {
  const { tenantId, dimension, value, cause, startedAtMs: fromMs } = incident;
  const until = Math.max(incident.lastSeenMs, untilMs ?? 0);
  const named = { tenantId, dimension, value };
  const others = cause.filter((scope) => scope.dimension !== dimension && scope.dimension !== 'total');
  const touched = verdict === 'no' ? [named] : [named, ...others];
  return touched.map((scope) => ({ ...scope, verdict, fromMs, untilMs: until, judgedAtMs }));
}

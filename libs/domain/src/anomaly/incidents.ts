import type { AnomalyDimension, AnomalyEvidence, AnomalyFinding, AnomalyScope, AnomalySeverity } from './anomaly-types';
import { HOUR_MS } from './anomaly-types';

/** An anomaly as people see it: one cause, named as narrowly as the money allows. */
export interface AnomalyIncident extends AnomalyScope {
  /** The same for one cause; until it is kept, '' . */
  readonly id: string;
  readonly startedAtMs: number;
  readonly lastSeenMs: number;
  readonly resolvedAtMs?: number;
  readonly windowMinutes: number;
  readonly actualNanoUsd: number;
  readonly expectedNanoUsd: number;
  /** The largest that was seen. */
  readonly impactNanoUsd: number;
  readonly score: number;
  readonly severity: AnomalySeverity;
  readonly evidence: AnomalyEvidence;
  /** What accounts for it, one value of a dimension at the most: user, feature, model. */
  readonly cause: readonly AnomalyScope[];
}

export interface IncidentChanges {
  opened: AnomalyIncident[];
  updated: AnomalyIncident[];
  resolved: AnomalyIncident[];
}

/** Not seen for this long, it is over. */
const OVER_AFTER_MS = HOUR_MS;
/** A value names the cause if it accounts for this share of the widest excess. */
const ACCOUNTS_FOR = 0.6;
/** Excesses that may be the same money. */
const SAME_MONEY = 2;
const narrowness: readonly AnomalyDimension[] = ['user', 'feature', 'model', 'total'];
const MAX_OPENED = 10;

/** Puts findings of one moment to the incidents that are open: those of one cause become one, under the narrowest name that accounts for it. */
export function mergeFindings(
  open: readonly AnomalyIncident[],
  findings: readonly AnomalyFinding[],
  atMs: number,
): IncidentChanges {
  const changes: IncidentChanges = { opened: [], updated: [], resolved: [] };
  const current = new Map(open.map((incident) => [incident, incident]));
  for (const finding of [...findings].sort(byExcess)) {
    const known = [...current].find(([, incident]) => isSameCause(incident, finding));
    if (known) current.set(known[0], seenAgain(known[1], finding, atMs));
  }
  for (const [before, after] of current) {
    if (after !== before) changes.updated.push(after);
    else if (atMs - before.lastSeenMs >= OVER_AFTER_MS) changes.resolved.push({ ...before, resolvedAtMs: atMs });
  }
  const known = [...current.values()];
  const rest = findings.filter((finding) => !known.some((incident) => isSameCause(incident, finding)));
  changes.opened = openIncidents(rest, findings, atMs);
  return changes;
}

function openIncidents(
  rest: readonly AnomalyFinding[],
  all: readonly AnomalyFinding[],
  atMs: number,
): AnomalyIncident[] {
  const opened: AnomalyIncident[] = [];
  // Narrow ones first: what they account for needs no wider name.
  for (const finding of [...rest].sort(byNarrowness)) {
    if (finding.score < 1 || opened.length >= MAX_OPENED) continue;
    if (opened.some((incident) => isSameCause(incident, finding))) continue;
    const widest = Math.max(...all.filter((other) => other.tenantId === finding.tenantId).map(excessOf));
    // One of many that rise together is not the cause: a wider finding names it.
    const isPart =
      finding.dimension !== 'total' && excessOf(finding) < ACCOUNTS_FOR * widest && hasWider(finding, rest);
    if (!isPart) opened.push(incidentOf(finding, all, atMs));
  }
  return opened;
}

function hasWider(finding: AnomalyFinding, rest: readonly AnomalyFinding[]): boolean {
  const at = narrowness.indexOf(finding.dimension);
  return rest.some(
    (other) =>
      other.tenantId === finding.tenantId &&
      other.score >= 1 &&
      narrowness.indexOf(other.dimension) > at &&
      excessOf(finding) < ACCOUNTS_FOR * excessOf(other),
  );
}

/** Under the narrowest name that accounts for it, however sure that one is by itself. */
function incidentOf(root: AnomalyFinding, all: readonly AnomalyFinding[], atMs: number): AnomalyIncident {
  const found = [root, ...accountingFor(root, all)];
  const named = [...found].sort(byNarrowness)[0] ?? root;
  const { tenantId, dimension, value, windowMinutes } = named;
  const score = Math.max(root.score, named.score);
  return {
    id: '',
    ...{ tenantId, dimension, value, windowMinutes, score },
    startedAtMs: atMs - root.windowMinutes * 60_000,
    lastSeenMs: atMs,
    actualNanoUsd: Math.round(named.actualNanoUsd),
    expectedNanoUsd: Math.round(named.expectedNanoUsd),
    impactNanoUsd: Math.round(named.impactNanoUsd),
    severity: severityOf({ impactNanoUsd: named.impactNanoUsd, score }),
    evidence: root.evidence,
    cause: found.sort(byNarrowness).map(scopeOf),
  };
}

/** Of each other dimension, the finding whose excess is about the same. */
function accountingFor(root: AnomalyFinding, all: readonly AnomalyFinding[]): AnomalyFinding[] {
  const found: AnomalyFinding[] = [];
  for (const dimension of narrowness) {
    if (dimension === root.dimension) continue;
    const [best] = all
      .filter((other) => other.tenantId === root.tenantId && other.dimension === dimension)
      .filter((other) => rateOf(other) >= ACCOUNTS_FOR * rateOf(root) && rateOf(root) >= rateOf(other) / SAME_MONEY)
      .sort(byExcess);
    if (best) found.push(best);
  }
  return found;
}

function isSameCause(incident: AnomalyIncident, finding: AnomalyFinding): boolean {
  if (incident.tenantId !== finding.tenantId) return false;
  const named = incident.cause.find(({ dimension }) => dimension === finding.dimension);
  if (named)
    return named.value === finding.value || (incident.dimension !== finding.dimension && isLess(incident, finding));
  // A wider or a narrower view of the same money.
  return isLess(incident, finding);
}

const isLess = (incident: AnomalyIncident, finding: AnomalyFinding): boolean =>
  rateOf(finding) <= SAME_MONEY * Math.max(rateOf(incident), hourlyImpactOf(incident));

function seenAgain(incident: AnomalyIncident, finding: AnomalyFinding, atMs: number): AnomalyIncident {
  const isItself = finding.dimension === incident.dimension && finding.value === incident.value;
  const seen = { ...incident, lastSeenMs: atMs };
  if (!isItself) return seen;
  const isWorse = finding.impactNanoUsd > incident.impactNanoUsd;
  return {
    ...seen,
    ...(isWorse
      ? {
          windowMinutes: finding.windowMinutes,
          actualNanoUsd: Math.round(finding.actualNanoUsd),
          expectedNanoUsd: Math.round(finding.expectedNanoUsd),
          impactNanoUsd: Math.round(finding.impactNanoUsd),
        }
      : {}),
    score: Math.max(incident.score, finding.score),
    severity: worse(incident.severity, severityOf(finding)),
  };
}

const USD = 1_000_000_000;

/** By what is at stake and how sure it is: the impact in dollars times the score. */
export function severityOf({ impactNanoUsd, score }: Pick<AnomalyFinding, 'impactNanoUsd' | 'score'>): AnomalySeverity {
  const weight = (impactNanoUsd / USD) * Math.min(score, 3);
  if (weight >= 100) return 'critical';
  return weight >= 10 ? 'warning' : 'info';
}

const order: readonly AnomalySeverity[] = ['info', 'warning', 'critical'];
const worse = (a: AnomalySeverity, b: AnomalySeverity): AnomalySeverity =>
  order.indexOf(a) > order.indexOf(b) ? a : b;

const scopeOf = ({ tenantId, dimension, value }: AnomalyScope): AnomalyScope => ({ tenantId, dimension, value });
const excessOf = (spend: Pick<AnomalyFinding, 'actualNanoUsd' | 'expectedNanoUsd'>): number =>
  spend.actualNanoUsd - spend.expectedNanoUsd;
/** Excess an hour: findings of different windows can be held against each other. */
const rateOf = (spend: Pick<AnomalyFinding, 'actualNanoUsd' | 'expectedNanoUsd' | 'windowMinutes'>): number =>
  (excessOf(spend) * 60) / spend.windowMinutes;
const hourlyImpactOf = ({ impactNanoUsd, windowMinutes }: AnomalyIncident): number =>
  (impactNanoUsd * 60) / (windowMinutes + 60);
const byExcess = (a: AnomalyFinding, b: AnomalyFinding): number => excessOf(b) - excessOf(a);
const byNarrowness = (a: AnomalyFinding, b: AnomalyFinding): number =>
  narrowness.indexOf(a.dimension) - narrowness.indexOf(b.dimension) || byExcess(a, b);

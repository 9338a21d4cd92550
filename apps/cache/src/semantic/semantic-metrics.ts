import type { Metrics } from '@costlane/platform';
import type { FalseHitState } from '@costlane/semantic-verifier';
import type { FalseHitGuard } from './false-hit-guard';
import { lookUpOutcomes, type Judged, type LookUpOutcome } from './judge-candidates';
import type { Neighbourhood } from './neighbourhood';

export interface SemanticMetrics {
  lookedUp(outcome: LookUpOutcome, judged: Judged | undefined, seconds: number): void;
  /** By tenant and outcome since the start; for administrators, who may see tenants' names, which metrics never carry. */
  tenantCounts(tenantId: string): { lookups: number; hits: number };
  counted(tenantId: string, isHit: boolean): void;
  audited(verdict: 'agrees' | 'differs' | 'unclear'): void;
  feedback(isWrong: boolean): void;
  stateChanged(state: FalseHitState): void;
  fallback(kind: string): void;
}

const MAX_TENANTS = 10_000;

export function createSemanticMetrics(metrics: Metrics): SemanticMetrics {
  const lookups = metrics.boundCounter({
    name: 'costlane_semantic_cache_lookups_total',
    help: 'Look-ups in the semantic cache by outcome',
    labelNames: ['outcome'],
  });
  const vetoes = metrics.boundCounter({
    name: 'costlane_semantic_cache_vetoes_total',
    help: 'Nearest questions that were refused whatever their likeness, by what differs',
    labelNames: ['reason'],
  });
  const seconds = metrics
    .boundHistogram({
      name: 'costlane_semantic_cache_latency_seconds',
      help: 'Time of a look-up inside the cache service',
      labelNames: [],
    })
    .with({});
  const audits = metrics.counter({
    name: 'costlane_semantic_cache_audits_total',
    help: 'Semantic hits that were also asked upstream, by what the comparison said',
    labelNames: ['verdict'],
  });
  const feedback = metrics.counter({
    name: 'costlane_semantic_cache_feedback_total',
    help: 'What users said of answers of the semantic cache',
    labelNames: ['verdict'],
  });
  const states = metrics.counter({
    name: 'costlane_semantic_cache_state_changes_total',
    help: 'Times a tenant came into a state of its false-hit guard',
    labelNames: ['state'],
  });
  for (const verdict of ['agrees', 'differs', 'unclear']) audits.inc({ verdict }, 0);
  for (const verdict of ['right', 'wrong']) feedback.inc({ verdict }, 0);
  for (const state of ['normal', 'tightened', 'off']) states.inc({ state }, 0);
  const byOutcome = Object.fromEntries(lookUpOutcomes.map((outcome) => [outcome, lookups.with({ outcome })]));
  const counts = new Map<string, { lookups: number; hits: number }>();
  return {
    lookedUp(outcome, judged, took) {
      byOutcome[outcome]?.inc();
      if (judged?.veto) vetoes.with({ reason: judged.veto }).inc();
      seconds.observe(took);
    },
    tenantCounts: (tenantId) => counts.get(tenantId) ?? { lookups: 0, hits: 0 },
    counted(tenantId, isHit) {
      let count = counts.get(tenantId);
      if (!count) {
        if (counts.size >= MAX_TENANTS) return;
        counts.set(tenantId, (count = { lookups: 0, hits: 0 }));
      }
      count.lookups++;
      if (isHit) count.hits++;
    },
    audited: (verdict) => audits.inc({ verdict }),
    feedback: (isWrong) => feedback.inc({ verdict: isWrong ? 'wrong' : 'right' }),
    stateChanged: (state) => states.inc({ state }),
    fallback: (kind) => metrics.fallback(kind),
  };
}

/** Gauges over all tenants of this replica: the worst one shows, without its name. */
export function registerSemanticGauges(metrics: Metrics, guard: FalseHitGuard, neighbourhood: Neighbourhood): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge({
      name,
      help,
      collect() {
        this.set(read());
      },
    });
  };
  const worst = (read: (status: ReturnType<FalseHitGuard['statuses']>[number]) => number): number =>
    guard.statuses().reduce((most, status) => Math.max(most, read(status)), 0);
  gauge('costlane_semantic_cache_entries', 'Stored questions that this replica finds', () => neighbourhood.entries());
  gauge(
    'costlane_semantic_cache_false_hit_rate',
    'Share of audited semantic hits that were wrong, over all tenants',
    () => {
      const total = guard
        .statuses()
        .reduce((sum, { status }) => ({ audits: sum.audits + status.audits, wrong: sum.wrong + status.wrong }), {
          audits: 0,
          wrong: 0,
        });
      return total.audits === 0 ? 0 : total.wrong / total.audits;
    },
  );
  gauge('costlane_semantic_cache_false_hit_rate_worst', 'The same of the tenant where it is highest', () =>
    worst(({ status }) => status.observedRate),
  );
  gauge(
    'costlane_semantic_cache_false_hit_excess_worst',
    'Highest observed rate as a multiple of its tenant’s limit',
    () => worst(({ status, limit }) => status.observedRate / limit),
  );
  gauge(
    'costlane_semantic_cache_tenants_off',
    'Tenants whose semantic cache switched itself off',
    () => guard.statuses().filter(({ status }) => status.state === 'off').length,
  );
  gauge(
    'costlane_semantic_cache_tenants_tightened',
    'Tenants whose semantic cache became stricter by itself',
    () => guard.statuses().filter(({ status }) => status.state === 'tightened').length,
  );
}

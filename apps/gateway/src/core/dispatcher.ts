import { randomUUID } from 'node:crypto';
import type { Job, JobHeader, SemanticAudit, StreamNames } from '@costlane/contracts';
import { CostlaneError, type Reservation, type RouteDecision, type RoutingSettings } from '@costlane/domain';
import type { FlowMessage, JobPublisher, JobTarget, SignalPublisher } from '@costlane/lanes';
import type { Logger, Metrics, RedisBreaker } from '@costlane/platform';
import type { BudgetGate } from '../budgets/budget-gate';
import type { Call } from './call';
import type { CallTable } from './call-table';
import type { AnswerNeeds } from '../dialects/openai-chat/answer-needs';
import type { DegradedRoad } from './degraded-road';
import type { InferenceRequest } from './inference-request';
import { jobHeader } from './job-header';

export interface Dispatcher {
  dispatch(call: Call): void;
  /** Nobody waits for this call any more. */
  cancel(call: Call): void;
  /** Asks the provider once more for what the semantic cache has answered; nobody waits, and the cache compares the two. */
  audit(request: InferenceRequest, decision: RouteDecision, audit: SemanticAudit): void;
  onFlow(message: FlowMessage): void;
}

/** Between two tries to hand over a job that no worker has begun. */
const RETRY_INTERVAL_MS = 200;
/** After Redis was lost workers need a moment to notice and to answer over gRPC; then what nobody runs is handed over again. */
const ADOPT_AFTER_MS = 150;
/** The door of calls that check the semantic cache, on record. */
const AUDIT_ENDPOINT = 'cache-audit';
const AUDIT_DEADLINE_MS = 300_000;

/**
 * Brings calls to workers: over Redis, straight into the dispatch stream while the batcher says that nothing is gained by waiting, else
 * through a lane; without Redis over gRPC. A job that may have been swallowed by a dying Redis is handed over again under its own id:
 * workers and ledger take a request once.
 */
export function createDispatcher(options: {
  publisher: JobPublisher;
  signals: SignalPublisher;
  breaker: RedisBreaker;
  degraded: DegradedRoad;
  calls: CallTable;
  names: StreamNames;
  gatewayId: string;
  settings: () => RoutingSettings;
  /** Absent: nobody has budgets. */
  budgets?: BudgetGate;
  logger: Logger;
  metrics: Metrics;
}): Dispatcher {
  const { publisher, signals, breaker, degraded, calls, budgets, logger, metrics } = options;
  let direct: ReadonlySet<string> = new Set();
  let directUntilMs = 0;
  const retryTimers = new Set<NodeJS.Timeout>();

  const headerOf = (
    leader: InferenceRequest,
    decision: RouteDecision,
    needs: AnswerNeeds | undefined,
    reservation: Reservation | undefined,
  ): JobHeader =>
    jobHeader({
      request: leader,
      decision,
      needs,
      replyTo: options.gatewayId,
      settings: options.settings(),
      budgetLessee: reservation?.epoch.lessee,
    });

  const later = (call: Call): void => {
    const timer = setTimeout(() => {
      retryTimers.delete(timer);
      if (!call.isSettled && !call.hasStarted) send(call);
    }, RETRY_INTERVAL_MS);
    retryTimers.add(timer);
  };

  const sendDegraded = (call: Call): void => {
    metrics.fallback('dispatch_direct');
    call.isDirect = true;
    const header = headerOf(call.leader, call.decision, call.needs(), call.reservation);
    degraded.execute(header, call.upstreamBody(), (error) => {
      if (call.isSettled) return;
      // A worker that died before the first part can be replaced; once the client has seen a part it cannot.
      if (call.hasStarted)
        call.fail(new CostlaneError('stream_interrupted', 'The answer was interrupted; please ask again.'));
      else if (error.code === 'unavailable' || error.code === 'overloaded') later(call);
      else call.fail(error);
    });
  };

  const send = (call: Call): void => {
    if (breaker.isOpen) return sendDegraded(call);
    const { leader, decision } = call;
    const { provider } = decision.model;
    const isDirectAllowed = leader.priority !== 'batch' && directUntilMs > Date.now() && direct.has(provider);
    const target: JobTarget = isDirectAllowed ? { dispatch: provider } : { lane: leader.priority };
    const job: Job = {
      taskType: 'inference.complete',
      priority: leader.priority,
      idempotencyKey: leader.idempotency?.keyHash ?? leader.requestId,
      createdAt: new Date(leader.createdAtMs).toISOString(),
      header: { ...headerOf(leader, decision, call.needs(), call.reservation), audit: call.audit },
      body: call.upstreamBody(),
    };
    call.isDirect = false;
    breaker
      .run(() => publisher.publish(job, target))
      .then((published) => {
        if (published.ok || call.isSettled || call.isDirect) return;
        sendDegraded(call);
      })
      .catch((err: unknown) => logger.error({ err, requestId: leader.requestId }, 'publishing a job failed'));
  };

  const adopt = async (): Promise<void> => {
    const waiting = [...calls.all()].filter(
      (call) => !call.hasStarted && !call.isSettled && !call.isDirect && call.isPublished,
    );
    if (waiting.length === 0) return;
    const running = await degraded.running(waiting.map((call) => call.requestId));
    const orphaned = waiting.filter((call) => !running.has(call.requestId) && !call.isSettled && !call.hasStarted);
    if (orphaned.length > 0)
      logger.warn({ calls: orphaned.length }, 'calls that went down with Redis are handed over again');
    for (const call of orphaned) sendDegraded(call);
  };
  breaker.onOpen(() =>
    setTimeout(
      () => void adopt().catch((err: unknown) => logger.error({ err }, 'adopting calls failed')),
      ADOPT_AFTER_MS,
    ),
  );

  /** Budgets hold for so long as requests usually take; nobody asks them to hold for longer because of this. */
  const auditDeadlineMs = (): number =>
    budgets?.isActive ? Math.min(AUDIT_DEADLINE_MS, budgets.usualRequestMs) : AUDIT_DEADLINE_MS;

  const handOver = (call: Call): void => {
    call.isPublished = true;
    call.leader.onSent?.();
    send(call);
  };

  return {
    dispatch(call) {
      if (budgets?.isActive) budgets.admit(call, handOver);
      else handOver(call);
    },
    cancel(call) {
      signals.cancel(call.requestId);
      if (call.isDirect || breaker.isOpen) degraded.cancel(call.requestId);
    },
    audit(request, decision, audit) {
      const createdAtMs = Date.now();
      const again: InferenceRequest = {
        ...request,
        requestId: `aud_${randomUUID()}`,
        recordId: undefined,
        recordedAtMs: undefined,
        endpoint: AUDIT_ENDPOINT,
        priority: 'batch',
        createdAtMs,
        deadlineAtMs: createdAtMs + auditDeadlineMs(),
        experimentId: undefined,
        promptRetentionDays: undefined,
        idempotency: undefined,
        traceparent: undefined,
      };
      // Nobody asked for it: it must not weigh in an experiment, nor be paid for twice.
      const alone: RouteDecision = { ...decision, assigned: undefined, fallbacks: [], isConfidenceChecked: false };
      const body = again.upstreamBody(decision.model.upstreamModel);
      const reserved = budgets?.isActive ? budgets.admitUnawaited(again, alone, body) : undefined;
      if (reserved === 'refused') return metrics.fallback('semantic_audit_skipped');
      const job: Job = {
        taskType: 'inference.complete',
        priority: 'batch',
        idempotencyKey: again.requestId,
        createdAt: new Date(createdAtMs).toISOString(),
        header: { ...headerOf(again, alone, again.needs(), reserved), audit },
        body,
      };
      breaker
        .run(() => publisher.publish(job, { lane: 'batch' }))
        .then((published) => {
          if (!published.ok) metrics.fallback('semantic_audit_skipped');
        })
        .catch((err: unknown) => logger.error({ err }, 'publishing an audit failed'));
    },
    onFlow(message) {
      direct = new Set(message.direct);
      directUntilMs = Date.now() + message.validMs;
    },
  };
}

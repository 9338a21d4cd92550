import type { ConfidenceCheck, Job } from '@costlane/contracts';
import type { Metrics } from '@costlane/platform';
import { RetryBudget } from '@costlane/resilience';
import { assessAnswer, doubts, type Doubt } from './assess-answer';
import { readAnswer } from './read-answer';
import { createSchemaChecks } from './schema-checks';
import { createStreamGate, type StreamGate } from './stream-gate';

/** Looks at answers of jobs that ask for it, and says when a stronger model may be asked. */
export interface Confidence {
  /** Counts a request whose answer is looked at: a share of them may be asked twice. */
  earn(): void;
  /** What is wrong with the answer; undefined: it will do. */
  assess(answer: Buffer, job: Pick<Job, 'header' | 'body'>, check: ConfidenceCheck): Doubt | undefined;
  /** Leave to ask a stronger model, within the budget and the request's time. Spends from the budget, and counts what it says. */
  mayStepUp(doubt: Doubt, time: { leftMs: number; callMs: number }): boolean;
  /** For a stream whose beginning may turn out to be no answer. */
  gate(): StreamGate;
}

export interface ConfidenceOptions {
  metrics: Metrics;
  /** Largest share of the requests looked at that may be asked of a second model, 0-1. */
  maxShare: number;
}

/** A stronger model is asked only where there is this much time. */
const MIN_LEFT_MS = 1_000;
/** And this many times what the first one took: a stronger one takes longer. */
const TIMES_OF_FIRST = 2;
/** Steps before any request has earned one, so that a quiet service can take them too. */
const RESERVE = 10;

export function createConfidence({ metrics, maxShare }: ConfidenceOptions): Confidence {
  const budget = new RetryBudget({ ratio: maxShare, reserve: maxShare > 0 ? RESERVE : 0 });
  const schemas = createSchemaChecks();
  const steps = metrics.counter({
    name: 'costlane_confidence_steps_total',
    help: 'Doubtful answers by what was wrong with them and what was done: asked of a stronger model, or given for want of budget or time',
    labelNames: ['doubt', 'outcome'],
  });
  const bound = new Map(
    doubts.map((doubt) => {
      const [taken, noBudget, noTime] = ['taken', 'no_budget', 'no_time'].map((outcome) =>
        steps.labels(doubt, outcome),
      );
      return [doubt, { taken, noBudget, noTime }];
    }),
  );
  return {
    earn: () => budget.earn(),
    assess(answer, { header, body }, check) {
      const facts = readAnswer(answer, header.stream ? 'sse' : 'json');
      return assessAnswer({ facts, check, hasLimit: hasTokenLimit(body) }, schemas);
    },
    mayStepUp(doubt, { leftMs, callMs }) {
      const isInTime = leftMs >= Math.max(MIN_LEFT_MS, TIMES_OF_FIRST * callMs);
      const isAllowed = isInTime && budget.trySpend();
      const labels = bound.get(doubt);
      (isAllowed ? labels?.taken : isInTime ? labels?.noBudget : labels?.noTime)?.inc();
      return isAllowed;
    },
    gate: createStreamGate,
  };
}

/** In a JSON text a message's quotes are escaped, so the bytes tell. A tool's parameter of that name counts too: then nothing is doubted. */
const hasTokenLimit = (body: Buffer): boolean =>
  body.includes('"max_tokens"') || body.includes('"max_completion_tokens"');
